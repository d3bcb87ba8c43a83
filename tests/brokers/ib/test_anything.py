"""Whatever happens in whatever sequence: nothing is sent twice, and the EMS ends as IB does."""

import asyncio
import tempfile
from decimal import Decimal
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from brokers.ib.timing import Timing
from ems.messages import Order
from ems.transitions import S
from tests.brokers.ib.session import IbBench, open_bench, until
from tests.sims.tws import Tws
from tests.sims.tws_layout import SimOrder

TIMING = Timing(
    connect_s=2.0, answer_s=2.0, first_pause_s=0.005, longest_pause_s=0.02, poll_s=0.05,
    again_s=0.01, first_cancel_s=0.01, cancels=3, silence_s=60.0,
)  # fmt: skip
OPS = st.sampled_from(
    [
        "submit", "submit", "modify", "cancel", "fill", "fill", "fill rest", "cancel in TWS",
        "refuse modify", "say again", "silence", "speech", "cut", "lose IB", "find IB", "wait",
    ]
)  # fmt: skip


class Story:
    """One example: what is done to the program and to TWS, and what must hold at its end."""

    def __init__(self, bench: IbBench, tws: Tws) -> None:
        self.bench = bench
        self.tws = tws
        self.orders: list[Order] = []
        self.executions = 0

    async def run(self, ops: list[tuple[str, int]]) -> None:
        for op, number in ops:
            getattr(self, op.replace(" ", "_").lower())(number)
            for _ in range(number % 4):
                await asyncio.sleep(0)
        await self.calm()

    def alive(self, number: int) -> SimOrder | None:
        alive = [sim for sim in self.tws.orders if sim.status == "Submitted"]
        return alive[number % len(alive)] if alive else None

    # ---- the user

    def submit(self, number: int) -> None:
        self.orders.append(self.bench.submit(price=Decimal(100 + number % 5)))

    def modify(self, number: int) -> None:
        if self.orders:
            order = self.orders[number % len(self.orders)]
            self.bench.client.modify(replace(order, price=Decimal(90 + number % 7)))

    def cancel(self, number: int) -> None:
        if self.orders:
            self.bench.cancel(self.orders[number % len(self.orders)].oid)

    # ---- IB

    def fill(self, number: int, size: int = 1) -> None:
        if (sim := self.alive(number)) is not None:
            self.executions += 1
            size = min(size, int(sim.remaining))
            self.tws.fill(sim, str(size), sim.price, f"e.{self.executions}.01")

    def fill_rest(self, number: int) -> None:
        self.fill(number, size=10)

    def cancel_in_tws(self, number: int) -> None:
        if (sim := self.alive(number)) is not None:
            self.tws.tell(sim, "Cancelled")

    def refuse_modify(self, number: int) -> None:
        def refuse(sim: SimOrder, new: bool) -> None:
            self.tws.on_order = None
            if new:
                self.tws.works(sim)
            else:
                self.tws.error(sim.order_id, 201, "Order rejected - reason:because")
                sim.status = "as it was"

        self.tws.on_order = refuse

    def say_again(self, number: int) -> None:
        if (sim := self.alive(number)) is not None:
            self.tws.tell(sim)

    def silence(self, number: int) -> None:
        self.tws.silent_orders = True

    def speech(self, number: int) -> None:
        self.tws.silent_orders = False

    def cut(self, number: int) -> None:
        self.tws.cut()

    def lose_ib(self, number: int) -> None:
        self.tws.error(-1, 1100, "Connectivity between IB and TWS has been lost.")

    def find_ib(self, number: int) -> None:
        self.tws.error(-1, 1102, "Connectivity restored - data maintained.")

    def wait(self, number: int) -> None:
        """Nothing: the turns of the loop that follow are what is asked for."""

    # ---- the end

    async def calm(self) -> None:
        """Let TWS answer everything, and wait until the EMS has no question left."""
        self.speech(0)
        self.find_ib(0)
        for sim in self.tws.orders:
            if sim.status == "":  # it came while TWS was silent
                self.tws.works(sim)
        await until(
            lambda: not any(d.in_flight or d.stale for d in self.bench.ems.index.active()),
            f"calm; {[(d.state, d.stale, d.reason) for d in self.bench.ems.index.active()]}",
        )
        await until(self.agrees, "the EMS has what IB has")

    def agrees(self) -> bool:
        return all(self.same(order) for order in self.orders) and self.position_agrees()

    def same(self, order: Order) -> bool:
        dialog = self.bench.ems.index.by_oid(order.oid)
        assert dialog is not None
        sims = [sim for sim in self.tws.orders if sim.ref == order.oid]
        assert len(sims) <= 1, "sent twice"
        if not sims:
            return dialog.state is S.ERROR
        [sim] = sims
        ends = {"Filled": "closed", "Cancelled": "canceled", "Submitted": "open"}
        if dialog.resp == "open" and dialog.order.price != Decimal(sim.price):
            return False
        return (dialog.resp, dialog.filled) == (ends[sim.status], Decimal(sim.filled))

    def position_agrees(self) -> bool:
        filled = sum(float(size) for _, _, size, _, _ in self.tws.executions)
        position = self.bench.position()
        return filled == (0 if position is None else position.size)


@settings(max_examples=25)
@given(st.lists(st.tuples(OPS, st.integers(0, 100)), max_size=25))
def test_nothing_is_lost_and_nothing_is_sent_twice(ops: list[tuple[str, int]]) -> None:
    asyncio.run(tell(ops))


async def tell(ops: list[tuple[str, int]]) -> None:
    tws = Tws()
    await tws.start()
    with tempfile.TemporaryDirectory() as folder:
        async with open_bench(Path(folder), tws, timing=TIMING, answer_timeout_s=0.05) as bench:
            await Story(bench, tws).run(ops)
    await tws.stop()
