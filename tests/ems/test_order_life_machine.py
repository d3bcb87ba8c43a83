"""Random clients, a moving price and a hostile venue: when it settles, all ledgers agree."""

import asyncio
import tempfile
from contextlib import AsyncExitStack
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from msgspec.structs import replace

from ems.embedded import open_ems
from ems.messages import Cancel, Order
from ems.order_dialog import OrderDialog
from ems.risk_limits import NO_LIMITS
from tests.ems.conftest import Watcher, make_order
from tests.sims.hostile_venue import HostileVenue
from tests.sims.scripted_venue import FQSN, PushFeed, backend

numbers = st.integers(0, 7)
prices = st.integers(95, 105).map(Decimal)
sizes = st.integers(1, 4).map(Decimal)


class OrderLife(RuleBasedStateMachine):
    """One EMS, one hostile venue, up to four clients."""

    @initialize()
    def open(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.folder = tempfile.TemporaryDirectory()
        self.venue = HostileVenue()
        self.feed = PushFeed()
        self.stack = AsyncExitStack()
        self.loop.run_until_complete(self._open())
        self.watchers = [Watcher(self.ems)]
        self.orders: list[Order] = []

    async def _open(self) -> None:
        opened = open_ems(
            backend(self.venue, self.feed),  # type: ignore[arg-type]
            Path(self.folder.name) / "journal.db",
            answer_timeout_s=0.002,
            limits=NO_LIMITS,
        )
        self.ems = await self.stack.enter_async_context(opened)
        await self.ems.hub.market(FQSN)

    # ---- clients

    @rule(
        who=numbers,
        action=st.sampled_from(["buy", "sell", "alert"]),
        mode=st.sampled_from(["live", "dark"]),
        price=prices,
        size=sizes,
    )
    def submit(self, who, action, mode, price, size) -> None:
        order = make_order(action, str(price), str(size), exec_mode=mode)
        self.orders.append(order)
        self._client(who).submit(order)

    @precondition(lambda self: self.orders)
    @rule(who=numbers, which=numbers, price=prices, size=sizes)
    def modify(self, who, which, price, size) -> None:
        order = self.orders[which % len(self.orders)]
        changed = replace(order, price=price, size=order.size and size)
        self._client(who).modify(changed)

    @precondition(lambda self: self.orders)
    @rule(who=numbers, which=numbers)
    def cancel(self, who, which) -> None:
        order = self.orders[which % len(self.orders)]
        self._client(who).cancel(Cancel(oid=order.oid, symbol=order.symbol))

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

    @rule()
    def venue_takes(self) -> None:
        self.venue.take()

    @rule(which=numbers, again=st.booleans())
    def mail_arrives(self, which, again) -> None:
        self.venue.deliver(which, again=again)

    @rule(which=numbers)
    def mail_is_lost(self, which) -> None:
        self.venue.lose(which)

    @rule(which=numbers, size=sizes)
    def venue_fills(self, which, size) -> None:
        self.venue.fill(which, size)

    @rule()
    def venue_will_refuse(self) -> None:
        self.venue.refuse_next = True

    @rule(which=numbers)
    def cancelled_elsewhere(self, which) -> None:
        self.venue.cancel_from_elsewhere(which)

    @rule(price=prices, size=sizes)
    def made_elsewhere(self, price, size) -> None:
        order = make_order("buy", str(price), str(size))
        self.orders.append(order)
        self.venue.order_from_elsewhere(order)

    @rule(arrive=st.booleans())
    def line_breaks(self, arrive) -> None:
        self.venue.cut(requests_arrive=arrive)

    @rule()
    def line_is_mended(self) -> None:
        self.venue.mend()

    # ---- the reckoning

    def teardown(self) -> None:
        if not hasattr(self, "loop"):
            return
        try:
            self.loop.run_until_complete(self._settle())
            self._all_agree()
        finally:
            self.loop.run_until_complete(self.stack.aclose())
            self.loop.close()
            self.folder.cleanup()

    async def _settle(self) -> None:
        """Let the line work from now on, and everything on its way arrive."""
        self.venue.refuse_next = False
        self.venue.mend()
        self._run_dry()
        self.venue.cut(requests_arrive=True)  # a lost fill is only found at a reconnect
        self.venue.mend()
        async with asyncio.timeout(60):
            while True:
                self._run_dry()
                if not any(dialog.in_flight for dialog in self.ems.index.active()):
                    break
                await asyncio.sleep(0.002)

    def _run_dry(self) -> None:
        while self.venue.inbox or self.venue.mail:
            self.venue.take()
            self.venue.deliver()

    def _all_agree(self) -> None:
        active = {dialog.oid: dialog for dialog in self.ems.index.active()}
        at_venue = {oid: d for oid, d in active.items() if d.resp != "dark_open"}
        alive = {order.oid: order for order in self.venue.alive()}
        assert set(at_venue) == set(alive)
        for oid, order in alive.items():
            dialog = at_venue[oid]
            assert (dialog.order.price, dialog.order.size) == (order.price, order.size)
            assert dialog.filled == order.filled
            assert not any([dialog.stale, dialog.outcome_unknown, dialog.change])
        made = [order.oid for order in self.venue.ledger.values()]
        assert len(made) == len(set(made)), "an oid caused more than one order"
        self._positions_agree()
        for watcher in (*self.watchers, Watcher(self.ems)):
            self._client_agrees(watcher, active)

    def _positions_agree(self) -> None:
        total = sum(
            (
                fill.size if fill.action == "buy" else -fill.size
                for order in self.venue.ledger.values()
                for fill in order.fills
            ),
            Decimal(0),
        )
        assert self.ems.positions.of("scripted", FQSN).size == total

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


OrderLife.TestCase.settings = settings(
    max_examples=200, stateful_step_count=30, parent=settings.get_profile("default")
)
TestOrderLife = OrderLife.TestCase


@pytest.mark.nightly
class TestOrderLifeDeep(OrderLife.TestCase):
    """The same, as long as the nightly run may take."""

    settings = settings(
        max_examples=2000, stateful_step_count=100, parent=settings.get_profile("nightly")
    )
