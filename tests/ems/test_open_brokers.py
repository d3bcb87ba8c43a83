"""Brokers are opened at once: one that is silent holds up neither the others nor who waits."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal

import pytest
from msgspec.structs import replace

from brokers.paper.broker import open_backend as open_paper
from ems.arming_rules import NO_ARMING
from ems.embedded import open_ems
from ems.errors import EmsError
from ems.kill_file import KillFile, KillRecord
from ems.market import Market
from ems.messages import Connection, Notice, Order
from ems.ports import Backend
from ems.risk_limits import NO_LIMITS
from tests.ems.conftest import Watcher, make_order, turn_ends
from tests.sims.scripted_venue import FQSN, MARKET, PushFeed, ScriptedVenue, backend

SLOW = "abc.test.slow"
LONG_S = 30.0
"""Nobody waits for so long."""


class SlowFeed(PushFeed):
    """A feed named ``slow``, whose answers may wait for a test."""

    name = "slow"

    def __init__(self) -> None:
        super().__init__(replace(MARKET, fqsn=SLOW))
        self.answers = asyncio.Event()
        self.answers.set()
        self.asked = 0
        self.error: Exception | None = None

    async def market(self, fqsn: str) -> Market:
        self.asked += 1
        await self.answers.wait()
        if self.error is not None:
            raise self.error
        return await super().market(fqsn)


class SlowVenue(ScriptedVenue):
    """A broker named ``slow``, which opens, or fails to, when a test says so."""

    name = "slow"
    accounts = ("slow",)

    def __init__(self, left: list[str] | None = None) -> None:
        super().__init__()
        self.may_open = asyncio.Event()
        self.error: Exception | None = None
        self.inside = self.speaks_first = False
        self._left = left if left is not None else []

    @asynccontextmanager
    async def open_trades(self, sink) -> AsyncIterator[ScriptedVenue]:
        self.inside = True
        try:
            await self.may_open.wait()
            if self.error is not None:
                raise self.error
            if self.speaks_first:
                sink(Connection(broker=self.name, up=True, time_ns=1))
            async with super().open_trades(sink) as dialogue:
                yield dialogue
        finally:
            self.inside = False
            self._left.append(self.name)


class QuickVenue(SlowVenue):
    """The one named ``scripted`` that opens at once."""

    name = "scripted"
    accounts = ("scripted",)

    def __init__(self, left: list[str] | None = None) -> None:
        super().__init__(left)
        self.may_open.set()


class Two:
    """A slow backend before a quick one."""

    def __init__(self, folder) -> None:
        self.left: list[str] = []
        self.slow, self.quick = SlowVenue(self.left), QuickVenue(self.left)
        self.slow_feed, self.feed = SlowFeed(), PushFeed()
        self._folder = folder

    def has_an_order_of_its_own(self, reqid: int) -> Order:
        """Let an order that was made elsewhere live at the slow one when it opens."""
        order = make_order(symbol=SLOW, account="slow")
        status = replace(self.slow.live_order(order, reqid), src="slow", origin="made elsewhere")
        self.slow.opening = replace(self.slow.opening, orders=(status,))
        return order

    def open(self, wait_s: float | None = 0.3, **more: Backend):
        backends = {"slow": Backend(name="slow", feed=self.slow_feed, broker=self.slow), **more}
        return open_ems(
            backends | backend(self.quick, self.feed),
            self._folder / "journal.db",
            limits=NO_LIMITS,
            arming=NO_ARMING,
            wait_s=wait_s,
        )


@pytest.fixture
async def two(tmp_path) -> Two:
    return Two(tmp_path)


async def until(condition) -> None:
    async with asyncio.timeout(LONG_S):
        while not condition():
            await asyncio.sleep(0)


def connections(watcher: Watcher) -> list[tuple[str, bool]]:
    watcher.read()
    return [(m.broker, m.up) for m in watcher.heard if isinstance(m, Connection)]


def errors(watcher: Watcher) -> list[str]:
    watcher.read()
    return [m.text for m in watcher.heard if isinstance(m, Notice) and m.level == "error"]


async def test_one_that_is_silent_holds_up_no_other(two):
    async with two.open() as ems:
        watcher = Watcher(ems)
        await ems.hub.market(FQSN)
        assert connections(watcher) == [("scripted", True)]
        order = make_order()
        watcher.client.submit(order)
        two.quick.works(order.oid)
        assert watcher.last(order.oid).resp == "open"
        two.slow.may_open.set()
        await until(lambda: ("slow", True) in connections(watcher))
        assert connections(Watcher(ems)) == [("slow", True), ("scripted", True)]  # their own order


async def test_its_orders_are_marked_until_it_is_open_and_then_as_the_venue_has_them(two):
    order = make_order(symbol=SLOW, account="slow")
    two.slow.may_open.set()
    async with two.open(wait_s=None) as ems:
        await ems.hub.market(SLOW)
        ems.connect().submit(order)
        two.slow.works(order.oid)
    two.slow.may_open.clear()
    async with two.open() as ems:
        watcher = Watcher(ems)
        assert watcher.last(order.oid).stale
        late = make_order(symbol=SLOW, account="slow")
        moved = replace(order, price=Decimal(99))
        two.slow.opening = replace(
            two.slow.opening, orders=(replace(two.slow.live_order(moved, 1), src="slow"),)
        )
        two.slow.may_open.set()
        await until(lambda: not watcher.last(order.oid).stale)
        assert watcher.last(order.oid).req.price == Decimal(99)
        await ems.hub.market(SLOW)
        watcher.client.submit(late)
        assert [sent.oid for sent in two.slow.orders] == [order.oid, late.oid]


async def test_a_kill_from_before_the_start_ends_what_lives_at_it_too(two, tmp_path):
    KillFile(tmp_path / "journal.db").write(KillRecord(time_ns=1, by="terminal"))
    outside = two.has_an_order_of_its_own(7)
    async with two.open() as ems:
        watcher = Watcher(ems)
        assert ems.kill_switch.on
        two.slow.may_open.set()
        await until(lambda: two.slow.cancels)
        assert [cancel.reqid for cancel in two.slow.cancels] == [7]
        assert watcher.last(outside.oid).cancel_called


async def test_a_kill_of_an_earlier_run_leaves_what_was_made_elsewhere_since(two, tmp_path):
    KillFile(tmp_path / "journal.db").write(KillRecord(time_ns=1, by="terminal", taken_ns=2))
    two.has_an_order_of_its_own(7)
    async with two.open() as ems:
        watcher = Watcher(ems)
        two.slow.may_open.set()
        await until(lambda: ("slow", True) in connections(watcher))
        await turn_ends()
        assert two.slow.cancels == []


async def test_that_it_is_there_is_told_once(two):
    two.slow.speaks_first = True
    async with two.open() as ems:
        watcher = Watcher(ems)
        two.slow.may_open.set()
        await ems.hub.market(SLOW)
        assert connections(watcher) == [("scripted", True), ("slow", True)]


async def test_its_markets_wait_for_it_and_those_of_others_do_not(two):
    async with two.open() as ems:
        asking = asyncio.create_task(ems.hub.market(SLOW))
        assert (await ems.hub.market(FQSN)).fqsn == FQSN
        assert (two.slow_feed.asked, asking.done()) == (0, False)
        two.slow.may_open.set()
        assert (await asking).fqsn == SLOW


async def test_without_a_limit_all_of_them_are_waited_for(two):
    async def opened() -> list[tuple[str, bool]]:
        async with two.open(wait_s=None) as ems:
            return connections(Watcher(ems))

    task = asyncio.create_task(opened())
    await until(lambda: two.slow.inside)
    await turn_ends()
    assert not task.done()
    two.slow.may_open.set()
    assert await task == [("slow", True), ("scripted", True)]


async def test_they_are_left_the_last_one_first(two):
    two.slow.may_open.set()
    async with two.open(wait_s=None):
        assert two.left == []
    assert two.left == ["scripted", "slow"]


async def test_one_that_cannot_be_opened_ends_the_start_and_the_others_are_left(two):
    two.slow.error = EmsError("the file is broken")
    two.slow.may_open.set()
    with pytest.raises(EmsError, match="the file is broken"):
        async with two.open():
            pass
    assert sorted(two.left) == ["scripted", "slow"]


async def test_of_two_errors_the_first_broker_s_is_told(two):
    two.slow.error, two.quick.error = EmsError("of the first"), EmsError("of the second")
    two.slow.may_open.set()
    with pytest.raises(EmsError, match="of the first"):
        async with two.open():
            pass


async def test_one_that_fails_later_is_told_to_every_client(two):
    two.slow.error = EmsError("the file is broken")
    async with two.open() as ems:
        watcher = Watcher(ems)
        two.slow.may_open.set()
        await until(lambda: errors(watcher))
        assert errors(watcher) == ["slow cannot be traded at: the file is broken"]
        assert errors(Watcher(ems)) == errors(watcher)
        assert (await ems.hub.market(SLOW)).fqsn == SLOW  # its feed may be there all the same


async def test_left_while_it_opens_nothing_is_left_behind(two):
    before = asyncio.all_tasks()
    async with two.open():
        assert two.slow.inside
    assert sorted(two.left) == ["scripted", "slow"]
    assert asyncio.all_tasks() == before


async def test_cancelled_while_it_opens_nothing_is_left_behind(two):
    before = asyncio.all_tasks()

    async def opened() -> None:
        async with two.open(wait_s=None):
            raise AssertionError("it never opens")

    task = asyncio.create_task(opened())
    await until(lambda: two.slow.inside)
    task.cancel()
    await asyncio.wait({task})
    assert task.cancelled()
    assert sorted(two.left) == ["scripted", "slow"]
    assert asyncio.all_tasks() == before


async def test_a_feed_that_does_not_answer_leaves_the_orders_of_others_watched(two):
    """Also when its own ones come first; they are watched as soon as it answers."""
    two.slow.may_open.set()
    held = [make_order(symbol=SLOW, account="slow"), make_order()]
    held = [replace(order, exec_mode="dark") for order in held]
    async with two.open(wait_s=None) as ems:
        for order in held:
            await ems.hub.market(order.symbol)
        two.slow_feed.trade(101), two.feed.trade(101)
        for order in held:
            ems.connect().submit(order)
    two.slow_feed.answers.clear()
    async with two.open() as ems:
        watcher = Watcher(ems)
        two.feed.trade(99)
        assert "triggered" in watcher.resps(held[1].oid)
        assert "triggered" not in watcher.resps(held[0].oid)
        two.slow_feed.answers.set()
        await until(lambda: SLOW in ems.hub.markets)
        await turn_ends()
        two.slow_feed.trade(99)
        assert "triggered" in watcher.resps(held[0].oid)


async def test_a_market_that_fails_later_is_told_once_to_each_client(two, tmp_path):
    two.slow.may_open.set()
    held = make_order(symbol=SLOW, account="slow", exec_mode="dark")
    async with two.open(wait_s=None) as ems:
        await ems.hub.market(SLOW)
        ems.connect().submit(held)
    two.slow_feed.answers.clear()
    async with two.open() as ems:
        watcher = Watcher(ems)
        two.slow_feed.error = EmsError("no such network")
        two.slow_feed.answers.set()
        await until(lambda: errors(watcher))
        assert "are not watched: no such network" in errors(watcher)[0]
        assert len(errors(watcher)) == 1
        assert errors(Watcher(ems)) == errors(watcher)


async def test_paper_over_its_feed_finds_its_market_when_it_is_there(two, tmp_path):
    paper = open_paper({}, tmp_path / "paper")
    order = make_order(symbol=SLOW, account="paper")
    two.slow.may_open.set()
    async with two.open(wait_s=None, paper=paper) as ems:
        await ems.hub.market(SLOW)
        two.slow_feed.quote(100, 101)
        ems.connect().submit(order)
    two.slow.may_open.clear()
    async with two.open(paper=open_paper({}, tmp_path / "paper")) as ems:
        watcher = Watcher(ems)
        assert (watcher.last(order.oid).resp, watcher.last(order.oid).stale) == ("open", False)
        two.slow.may_open.set()
        await until(lambda: SLOW in ems.hub.markets)
        await turn_ends()
        two.slow_feed.quote(98, 99)
        assert watcher.last(order.oid).resp == "closed"


async def test_the_market_of_an_order_that_only_it_knows_is_watched_however_late(two):
    """As it is when the broker opens in time."""
    two.has_an_order_of_its_own(7)
    async with two.open() as ems:
        watcher = Watcher(ems)
        two.slow.may_open.set()
        await until(lambda: ("slow", True) in connections(watcher))
        await until(lambda: SLOW in ems.hub.markets)


async def test_one_whose_opening_is_not_understood_takes_no_orders(two):
    two.slow.opening = replace(two.slow.opening, fills=(None,))
    order = make_order(symbol=SLOW, account="slow")
    async with two.open() as ems:
        watcher = Watcher(ems)
        two.slow.may_open.set()
        await until(lambda: errors(watcher))
        assert "slow cannot be traded at" in errors(watcher)[0]
        assert connections(watcher)[-1] == ("slow", False)
        await ems.hub.market(SLOW)
        watcher.client.submit(order)
        assert two.slow.orders == []
        assert watcher.last(order.oid).resp == "error"


async def test_what_goes_wrong_behind_the_scenes_is_in_the_log(two, caplog):
    def fails(broker: str) -> None:
        raise ZeroDivisionError(f"as the orders of {broker} were looked at")

    async with two.open() as ems:
        ems.kill_switch.opened_late = fails
        two.slow.may_open.set()
        await until(lambda: "as the orders of slow were looked at" in caplog.text)
