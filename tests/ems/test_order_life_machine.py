"""Random clients, a moving price, a hostile venue, and crashes: when it settles, ledgers agree."""

import asyncio
import shutil
import tempfile
import time
from contextlib import AsyncExitStack
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from msgspec.structs import replace

from ems.arming_rules import NO_ARMING
from ems.embedded import Ems, open_ems
from ems.messages import BrokerdFill, Cancel, Order, Position
from ems.order_dialog import OrderDialog
from ems.risk_limits import NO_LIMITS
from ems.transitions import S
from tests.ems.conftest import Watcher, make_order
from tests.sims.hostile_venue import HostileVenue
from tests.sims.scripted_venue import FQSN, PushFeed, backend

numbers = st.integers(0, 7)
prices = st.integers(95, 105).map(Decimal)
sizes = st.integers(1, 4).map(Decimal)
which_order = st.sampled_from([-1, -1, -1, -2, -2, -3, 0, 1, 2, 3, 4])
"""Below zero: counted from the newest."""
hasty = st.sampled_from(["", "", "modify", "cancel", "modify and cancel"])
"""What the client asks for next, before anything else can happen."""
refusals = st.sampled_from(["", "", "oid", "reqid", "both"])
accounts = st.sampled_from(HostileVenue.accounts)


class StoppedClockLoop(asyncio.SelectorEventLoop):
    """A loop whose time passes only when the test says so: each run is the same again."""

    def __init__(self) -> None:
        super().__init__()
        self.now_s = 0.0

    def time(self) -> float:
        return self.now_s

    def pass_time(self, seconds: float) -> None:
        self.now_s += seconds
        for _ in range(3):  # timers first, then what they set off
            self.run_until_complete(asyncio.sleep(0))


class OrderLife(RuleBasedStateMachine):
    """One EMS, one hostile venue, one to four clients."""

    @initialize(names_request=st.booleans(), names_fills=st.booleans())
    def open(self, names_request, names_fills=False) -> None:
        self.loop = StoppedClockLoop()
        self.folder = tempfile.TemporaryDirectory()
        self.venue = HostileVenue()
        self.venue.says_what_it_refuses, self.venue.names_fills = names_request, names_fills
        self.feed = PushFeed()
        self.runs = 0
        self.orders: list[Order] = []
        self.wishes: dict[str, tuple[Decimal, Decimal] | None] = {}
        """What a client asked last of an order, since nothing can be lost: None = its end."""
        self.watchers: list[Watcher] = []
        self._begin_at_venue()
        self._start()

    def _begin_at_venue(self) -> None:
        """Make the venue as it is before the program comes."""

    def _start(self) -> None:
        self.stack = AsyncExitStack()
        self.loop.run_until_complete(self._open())
        self.watchers = [Watcher(self.ems)]

    async def _open(self) -> None:
        opened = open_ems(
            backend(self.venue, self.feed),  # type: ignore[arg-type]
            self._journal(),
            clock=self._clock,
            answer_timeout_s=1.0,
            limits=NO_LIMITS,
            arming=NO_ARMING,
        )
        self.ems: Ems = await self.stack.enter_async_context(opened)
        await self.ems.hub.market(FQSN)

    def _clock(self) -> int:
        return time.time_ns()

    def _journal(self) -> Path:
        return Path(self.folder.name) / f"run{self.runs}" / "journal.db"

    # ---- clients

    @rule(
        who=numbers,
        action=st.sampled_from(["buy", "sell", "alert"]),
        mode=st.sampled_from(["live", "dark"]),
        price=prices,
        size=sizes,
        account=accounts,
        then=hasty,
    )
    def submit(self, who, action, mode, price, size, account, then) -> None:
        order = make_order(action, str(price), str(size), exec_mode=mode, account=account)
        self.orders.append(order)
        self._client(who).submit(order)
        self._hasten(who, order, then)

    def _hasten(self, who: int, order: Order, then: str) -> None:
        if "modify" in then:
            self._modify(who, replace(order, price=Decimal(94), size=order.size and Decimal(5)))
        if "cancel" in then:
            self._cancel(who, order)

    def _modify(self, who: int, order: Order) -> None:
        self._wish(order, (order.price, order.size))
        self._client(who).modify(order)

    def _cancel(self, who: int, order: Order) -> None:
        self._wish(order, None)
        self._client(who).cancel(Cancel(oid=order.oid, symbol=order.symbol))

    def _wish(self, order: Order, wish: tuple[Decimal, Decimal] | None) -> None:
        dialog = self.ems.index.by_oid(order.oid)
        if dialog is not None and dialog.active and self.wishes.get(order.oid, ()) is not None:
            self.wishes[order.oid] = wish

    @precondition(lambda self: self.orders)
    @rule(who=numbers, which=which_order, price=prices, size=sizes, then=hasty)
    def modify(self, who, which, price, size, then) -> None:
        order = self.orders[which % len(self.orders)]
        changed = replace(order, price=price, size=order.size and size)
        self._modify(who, changed)
        self._hasten(who, order, then)

    @precondition(lambda self: self.orders)
    @rule(who=numbers, which=which_order)
    def cancel(self, who, which) -> None:
        self._cancel(who, self.orders[which % len(self.orders)])

    @precondition(lambda self: len(self.watchers) < 4)
    @rule()
    def connect(self) -> None:
        self.watchers.append(Watcher(self.ems))

    @precondition(lambda self: len(self.watchers) > 1)
    @rule()
    def disconnect(self) -> None:
        self.watchers.pop().client.close()

    def _client(self, who: int):
        return self.watchers[who % len(self.watchers)].client

    # ---- the market and the venue

    @rule(price=st.integers(95, 105))
    def price_moves(self, price) -> None:
        self.feed.push()
        self.feed.quote(price - 0.5, price + 0.5)
        self.feed.trade(price)

    @precondition(lambda self: self.venue.inbox)
    @rule(which=numbers, refuse=refusals)
    def venue_takes(self, which, refuse) -> None:
        self.venue.refuse_next = refuse
        self.venue.take(which)

    @precondition(lambda self: self.venue.up and self.venue.inbox)
    @rule(which=numbers, refuse=refusals)
    def venue_answers(self, which, refuse) -> None:
        """Take a request and hand over all that it says, in order, as venues mostly do."""
        self.venue.refuse_next = refuse
        self.venue.take(which)
        while self.venue.mail:
            self.venue.deliver()

    @rule(who=numbers, price=prices, size=sizes, account=accounts, then=hasty, refuse=refusals)
    def trade(self, who, price, size, account, then, refuse) -> None:
        """Submit a live order, wait until it works, and ask for the next thing."""
        self.submit(who, "sell", "live", price, size, account, "")
        while self.venue.up and (self.venue.inbox or self.venue.mail):
            self.venue.take()
            self.venue.deliver()
        self._hasten(who, self.orders[-1], then)
        self.venue.refuse_next = refuse
        self.venue.take()

    @precondition(lambda self: self.venue.limbo)
    @rule()
    def late_request_arrives(self) -> None:
        self.venue.take_from_limbo()

    @precondition(lambda self: self.venue.up and self.venue.mail)
    @rule(which=numbers, again=st.booleans())
    def mail_arrives(self, which, again) -> None:
        self.venue.deliver(which, again=again)

    @precondition(lambda self: self.venue.mail)
    @rule(which=numbers)
    def mail_is_lost(self, which) -> None:
        self.venue.lose(which)

    @precondition(lambda self: self.venue.alive())
    @rule(which=numbers, size=sizes)
    def venue_fills(self, which, size) -> None:
        self.venue.fill(which, size)

    @rule(seconds=st.sampled_from([0.5, 1.5, 4.0]))
    def time_passes(self, seconds) -> None:
        self.loop.pass_time(seconds)

    @precondition(lambda self: self.venue.alive())
    @rule(which=numbers)
    def venue_refuses_what_it_took(self, which) -> None:
        self.venue.refuse_late(which)

    @precondition(lambda self: len(self.venue.alive()) < len(self.venue.ledger))
    @rule(which=numbers)
    def venue_forgets(self, which) -> None:
        self.venue.forget(which)

    @precondition(lambda self: self.venue.alive())
    @rule(which=numbers)
    def cancelled_elsewhere(self, which) -> None:
        self.venue.cancel_from_elsewhere(which)

    @precondition(lambda self: len(self.venue.ledger) < 8)
    @rule(price=prices, size=sizes, account=accounts)
    def made_elsewhere(self, price, size, account) -> None:
        order = make_order("buy", str(price), str(size), account=account)
        self.orders.append(order)
        self.venue.order_from_elsewhere(order)

    @precondition(lambda self: self.venue.up)
    @rule(arrive=st.booleans(), long=st.sampled_from([False, False, True]))
    def line_breaks(self, arrive, long) -> None:
        self.wishes.clear()
        self.venue.cut(requests_arrive=arrive)
        if not long:
            self.venue.mend()

    @precondition(lambda self: not self.venue.up)
    @rule()
    def line_is_mended(self) -> None:
        self.venue.mend()

    # ---- restarts

    @rule(arrive=st.booleans(), killed=st.booleans())
    def ems_starts_again(self, arrive, killed) -> None:
        """Close it, or leave the files as ``kill -9`` would; what it held must be there again."""
        self.wishes.clear()
        held = self._held()
        self.venue.forget_client(requests_arrive=arrive)
        if killed:
            before, self.runs = self._journal(), self.runs + 1
            after = self._journal()
            after.parent.mkdir()
            for part in ("", "-wal", "-tail"):
                shutil.copy(f"{before}{part}", f"{after}{part}")
        self.loop.run_until_complete(self.stack.aclose())
        self._start()
        now = OrderLife._held(self)
        lost = {oid: order for oid, order in held.items() if now.get(oid) != order}
        assert all(self._lives_at_venue(oid) for oid in lost), f"lost in a restart: {lost}"

    def _held(self) -> dict[str, Order]:
        return {d.oid: d.order for d in self.ems.index.active() if d.state is S.HELD}

    def _lives_at_venue(self, oid: str) -> bool:
        return any(order.oid == oid for order in self.venue.alive())

    # ---- the reckoning

    @precondition(lambda self: self.venue.up)
    @rule()
    def all_is_quiet(self) -> None:
        """All that is on its way arrives; what nothing was lost of must agree by now."""
        self._quiet()
        self._all_agree()

    def teardown(self) -> None:
        if not hasattr(self, "loop"):
            return
        try:
            self.venue.mend()
            self._quiet()
            self._all_agree()
            if self.venue.lost:  # what nobody repeats is found at a reconnect
                self.venue.cut(requests_arrive=True)
                self.venue.mend()
                self._quiet()
                self._all_agree()
        finally:
            self.loop.run_until_complete(self.stack.aclose())
            self.loop.close()
            self.folder.cleanup()

    def _quiet(self) -> None:
        """Let everything on its way arrive, and questions be answered."""
        self.venue.refuse_next = ""
        while self.venue.limbo:
            self.venue.take_from_limbo()
        for _ in range(20):
            self._run_dry()
            if not any(dialog.in_flight or dialog.stale for dialog in self.ems.index.active()):
                return
            self.loop.pass_time(100.0)
        raise AssertionError("an order stays in flight though the venue answers")

    def _run_dry(self) -> None:
        while self.venue.inbox or self.venue.mail:
            self.venue.take()
            self.venue.deliver()

    def _all_agree(self) -> None:
        lost = self.venue.lost
        active = {dialog.oid: dialog for dialog in self.ems.index.active()}
        at_venue = {oid: d for oid, d in active.items() if d.resp != "dark_open"}
        alive = {order.oid: order for order in self.venue.alive()}
        assert set(at_venue) - lost == set(alive) - lost
        for oid in set(alive) - lost:
            dialog, order = at_venue[oid], alive[oid]
            assert (dialog.order.price, dialog.order.size) == (order.price, order.size)
            assert dialog.filled == order.filled
            assert not any([dialog.stale, dialog.outcome_unknown, dialog.change])
            assert not any([dialog.cancel_called, dialog.kept]), "asked for, and never sent"
        assert not self.venue.doubled, "sent again though the venue had it"
        self._fills_agree()
        self._wishes_came_true(active)
        for watcher in (*self.watchers, Watcher(self.ems)):
            self._client_agrees(watcher, active)

    def _wishes_came_true(self, active: dict[str, OrderDialog]) -> None:
        """What a client asked for was done, or the client was told why not."""
        told = {(s.oid, s.refused) for s in self.watchers[0].statuses() if s.refused}
        for oid, wish in self.wishes.items():
            dialog = active.get(oid)
            if dialog is None or oid in self.venue.lost | self.venue.denied:
                continue
            if wish is None:
                assert (oid, "cancel") in told
            elif (oid, "modify") not in told:
                assert (dialog.order.price, dialog.order.size) == wish

    def _fills_agree(self) -> None:
        counted = sorted(fill.exec_id for fill in self.ems.journal.fills())
        done = [fill for order in self.venue.ledger.values() for fill in order.fills]
        if self.venue.lost:
            assert set(counted) <= {fill.exec_id for fill in done} | self.venue.corrected
            return
        assert counted == sorted(fill.exec_id for fill in done)
        for account in HostileVenue.accounts:
            total = sum(
                (
                    fill.size if fill.action == "buy" else -fill.size
                    for fill in done
                    if fill.account == account
                ),
                Decimal(0),
            )
            assert self.ems.positions.of(account, FQSN).size == total

    def _client_agrees(self, watcher: Watcher, active: dict[str, OrderDialog]) -> None:
        last = {s.oid: s for s in watcher.statuses() if s.resp != "fill"}
        shown = {
            oid
            for oid, status in last.items()
            if status.resp in ("pending", "open", "dark_open")
            or (status.resp == "triggered" and status.req and status.req.action != "alert")
        }
        assert shown == set(active)
        for oid in shown:
            dialog, status = active[oid], last[oid]
            assert status.req is not None
            assert (status.req.price, status.req.size) == (dialog.order.price, dialog.order.size)
            assert (status.stale, status.outcome_unknown) == (False, False)
        fills = [
            s.brokerd_msg.exec_id
            for s in watcher.statuses()
            if s.resp == "fill" and isinstance(s.brokerd_msg, BrokerdFill)
            if not s.brokerd_msg.replaces
        ]
        assert len(fills) == len(set(fills)), "a client heard of a fill twice"
        positions = {m.account: m.size for m in watcher.heard if isinstance(m, Position)}
        for account, size in positions.items():
            assert size == self.ems.positions.of(account, FQSN).size


OrderLife.TestCase.settings = settings(
    max_examples=200, stateful_step_count=50, parent=settings.get_profile("default")
)


@pytest.mark.timeout(900)
class TestOrderLife(OrderLife.TestCase):
    """Its length is a number of lives, so a machine that is busy takes long."""


@pytest.mark.nightly
class TestOrderLifeDeep(OrderLife.TestCase):
    """The same, as long as the nightly run may take."""

    settings = settings(
        max_examples=2000, stateful_step_count=100, parent=settings.get_profile("nightly")
    )
