"""Random clients, a moving market and a venue that fills: no hard limit is ever passed."""

import asyncio
import tempfile
from contextlib import AsyncExitStack
from decimal import Decimal
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from msgspec.structs import replace

from ems.arming_rules import NO_ARMING
from ems.embedded import open_ems
from ems.messages import BrokerdOrder, Cancel, Order
from ems.risk_limits import Limits, RiskLimits
from tests.ems.conftest import Watcher, make_order
from tests.sims.scripted_venue import FQSN, PushFeed, ScriptedVenue, backend

SECOND = 1_000_000_000
LIMITS = Limits(
    largest_order_units=Decimal(4),
    largest_order_money=Decimal(420),
    collar_ticks=100,
    quote_age_s=5.0,
    duplicate_s=1.0,
    requests_per_second=4,
    working_orders=6,
)
UNITS, MONEY = Decimal(9), Decimal(850)
"""Of the largest position, one of them at a time: each would hide the other."""
LOW, HIGH = 96, 104
numbers = st.integers(0, 9)
prices = st.integers(LOW, HIGH).map(Decimal)
sizes = st.sampled_from([3, 4, 2, 1, 5]).map(Decimal)
sides = st.sampled_from(["buy", "buy", "buy", "sell"])


class Resting:
    """An order as the venue has it, which is all that this test trusts."""

    def __init__(self, asked: BrokerdOrder, reqid: int) -> None:
        self.asked = asked
        self.reqid = reqid
        self.filled = Decimal(0)
        self.alive = True
        self.waiting: list[BrokerdOrder] = []  # modifies that it has not looked at

    @property
    def worst(self) -> Decimal:
        """What it could still fill, its unanswered modifies granted or not."""
        return max(o.size for o in (self.asked, *self.waiting)) - self.filled

    @property
    def worst_price(self) -> Decimal:
        return max(o.price for o in (self.asked, *self.waiting))


class NoLimitIsPassed(RuleBasedStateMachine):
    """What reaches the venue is measured there, with no word of the gate's own."""

    @initialize(units=st.booleans())
    def open(self, units) -> None:
        self.units = UNITS if units else None
        self.money = None if units else MONEY
        self.loop = asyncio.new_event_loop()
        self.folder = tempfile.TemporaryDirectory()
        self.now_ns = 1_000_000 * SECOND
        self.venue, self.feed = ScriptedVenue(), PushFeed()
        self.at_venue: dict[str, Resting] = {}
        self.read = self.execs = 0
        self.position = Decimal(0)
        self.left_ns: list[int] = []
        self.quote: tuple[float, float, int] | None = None
        self.orders: list[Order] = []
        self.stack = AsyncExitStack()
        self.loop.run_until_complete(self._open())
        self.client = Watcher(self.ems).client
        self._quote(100)

    async def _open(self) -> None:
        opened = open_ems(
            backend(self.venue, self.feed),
            Path(self.folder.name) / "journal.db",
            clock=lambda: self.now_ns,
            answer_timeout_s=60,
            arming=NO_ARMING,
            limits=RiskLimits(
                {"largest_position_units": self.units, "largest_position_money": self.money},
                base=LIMITS,
            ),
        )
        self.ems = await self.stack.enter_async_context(opened)
        await self.ems.hub.market(FQSN)

    # ---- clients and the market

    @rule(
        action=sides,
        mode=st.sampled_from(["live", "live", "dark"]),
        price=prices,
        size=sizes,
        calm=st.sampled_from([True, True, False]),
    )
    def place(self, action, mode, price, size, calm) -> None:
        if calm:
            self.now_ns += SECOND // 3
            self._quote(int(price))
        order = make_order(action, str(price), str(size), exec_mode=mode)
        self.orders.append(order)
        self.client.submit(order)
        self._see()

    @precondition(lambda self: self.orders)
    @rule(
        which=numbers,
        price=prices,
        size=st.sampled_from([4, 1, 5, 3]).map(Decimal),
        calm=st.sampled_from([True, True, False]),
        live=st.sampled_from([True, True, False]),
    )
    def modify(self, which, price, size, calm, live) -> None:
        if calm:
            self.now_ns += SECOND // 3
            self._quote(100)
        alive = [oid for oid, order in self.at_venue.items() if order.alive]
        wanted = [order for order in self.orders if order.oid in alive] if live else self.orders
        if not wanted:
            return
        order = wanted[which % len(wanted)]
        self.client.modify(replace(order, price=price, size=size))
        self._see()

    @precondition(lambda self: any(order.alive for order in self.at_venue.values()))
    @rule(swells=st.booleans())
    def resize(self, swells) -> None:
        """Let the smallest order grow, or the largest shrink: it frees no room before it has."""
        self.now_ns += SECOND // 3
        self._quote(100)
        alive = sorted((o for o in self.at_venue.values() if o.alive), key=lambda o: o.asked.size)
        resting = alive[0 if swells else -1]
        order = next(order for order in self.orders if order.oid == resting.asked.oid)
        size, price = Decimal(4 if swells else 1), resting.asked.price
        self.client.modify(replace(order, price=price, size=size))
        self._see()

    @precondition(lambda self: self.orders)
    @rule(which=numbers)
    def cancel(self, which) -> None:
        order = self.orders[which % len(self.orders)]
        self.client.cancel(Cancel(oid=order.oid, symbol=order.symbol))
        self._see()

    @rule(price=st.integers(LOW, HIGH), quoted=st.booleans())
    def price_moves(self, price, quoted) -> None:
        if quoted:
            self._quote(price)
        else:
            self.feed.trade(price, time_ns=self.now_ns)
        self._see()

    def _quote(self, price: int) -> None:
        self.now_ns += 1
        self.quote = (price - 0.5, price + 0.5, self.now_ns)
        self.feed.quote(price - 0.5, price + 0.5, time_ns=self.now_ns)
        self._see()

    @rule(tenths=st.integers(1, 70))
    def time_passes(self, tenths) -> None:
        self.now_ns += tenths * SECOND // 10

    # ---- the venue

    @precondition(lambda self: any(order.alive for order in self.at_venue.values()))
    @rule(which=numbers, size=sizes)
    def fill(self, which, size) -> None:
        order = self._one(which)
        done = min(size, order.asked.size - order.filled)
        if done <= 0:
            return
        order.filled += done
        self.position += done if order.asked.action == "buy" else -done
        self.execs += 1
        price, side = str(order.asked.price), order.asked.action
        self.venue.fill(order.reqid, str(done), price, f"x{self.execs}", action=side)
        if order.filled == order.asked.size and not order.waiting:
            order.alive = False
            self.venue.status("closed", order.reqid)
        self._see()

    @precondition(lambda self: any(order.alive for order in self.at_venue.values()))
    @rule(which=numbers, grants=st.booleans())
    def answer(self, which, grants) -> None:
        order = self._one(which)
        if not order.waiting:
            return
        asked = order.waiting.pop(0)
        if grants and asked.size > order.filled:
            order.asked = asked
            self.venue.status("open", order.reqid, price=str(asked.price), size=str(asked.size))
        else:
            self.venue.refuse("no", reqid=order.reqid, request="modify")
        self._see()

    @precondition(lambda self: any(order.alive for order in self.at_venue.values()))
    @rule(which=numbers)
    def end(self, which) -> None:
        order = self._one(which)
        order.alive = False
        self.venue.status("canceled", order.reqid)
        self._see()

    def _one(self, which: int) -> Resting:
        alive = [order for order in self.at_venue.values() if order.alive]
        return alive[which % len(alive)]

    # ---- what is measured

    def _see(self) -> None:
        """Take what has reached the venue, and measure it at that moment."""
        while self.read < len(self.venue.received):
            request = self.venue.received[self.read]
            self.read += 1
            if not isinstance(request, BrokerdOrder):
                self.left_ns.append(self.now_ns)
                continue
            self._measure(request)
            self.left_ns.append(self.now_ns)
            if request.reqid is None:
                order = Resting(request, len(self.at_venue) + 1)
                self.at_venue[request.oid] = order
                self.venue.works(request.oid, order.reqid)
            else:
                self.at_venue[request.oid].waiting.append(request)

    def _measure(self, request: BrokerdOrder) -> None:
        before = self.at_venue.get(request.oid)
        if before and request.size <= before.asked.size and request.price == before.asked.price:
            return  # only smaller
        in_last_second = sum(self.now_ns - when < SECOND for when in self.left_ns)
        assert in_last_second < LIMITS.requests_per_second
        assert self.quote is not None, "there was never a quote"
        bid, ask, quoted_ns = self.quote
        assert self.now_ns - quoted_ns <= LIMITS.quote_age_s * SECOND
        price = float(request.price)
        assert price <= ask + 1 if request.action == "buy" else price >= bid - 1
        held = self.position if request.action == "sell" else -self.position
        filled = before.filled if before else 0
        grows = before is None or request.size > before.asked.size
        if grows and request.size - filled > held:
            assert request.size <= LIMITS.largest_order_units
            assert request.size * request.price <= LIMITS.largest_order_money

    @invariant()
    def no_fill_can_pass_the_largest_position(self) -> None:
        if not hasattr(self, "at_venue"):
            return
        for side, sign in (("buy", 1), ("sell", -1)):
            resting = [
                order
                for order in self.at_venue.values()
                if order.alive and order.asked.action == side
            ]
            held = sign * self.position
            if self.units is not None:
                assert held + sum(order.worst for order in resting) <= self.units
            elif held >= 0:
                money = sum(order.worst * order.worst_price for order in resting)
                assert money + held * LOW <= MONEY
        alive = sum(order.alive for order in self.at_venue.values())
        assert alive <= LIMITS.working_orders + abs(self.position)  # reducing is never blocked

    def teardown(self) -> None:
        if hasattr(self, "loop"):
            self.loop.run_until_complete(self.stack.aclose())
            self.loop.close()
            self.folder.cleanup()


TestNoLimitIsPassed = NoLimitIsPassed.TestCase
TestNoLimitIsPassed.settings = settings(
    max_examples=150, stateful_step_count=40, parent=settings.get_profile("default")
)
