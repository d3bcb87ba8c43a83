"""Anything in any order against the simulated Kraken: at the end the two ledgers agree."""

import asyncio
import tempfile
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ems.messages import Order
from ems.transitions import S
from tests.brokers.kraken.conftest import Desk, open_desk, until
from tests.sims.kraken import open_sim

STEPS = st.one_of(
    st.tuples(st.just("submit"), st.sampled_from(["buy", "sell"]), st.integers(1, 9)),
    st.tuples(st.just("modify"), st.integers(0, 5), st.integers(1, 9)),
    st.tuples(st.just("cancel"), st.integers(0, 5)),
    st.tuples(st.just("fill"), st.integers(0, 5), st.integers(1, 3)),
    st.tuples(st.just("cancel elsewhere"), st.integers(0, 5)),
    st.tuples(st.just("amend elsewhere"), st.integers(0, 5), st.integers(1, 9)),
    st.tuples(st.just("answer"), st.sampled_from(["before", "after", "never"])),
    st.tuples(st.just("cut"), st.sampled_from(["now", "before", "after"])),
    st.tuples(st.just("lose"), st.integers(1, 3)),
    st.tuples(st.just("refuse"), st.sampled_from(["add_order", "amend_order", "cancel_order"])),
    st.tuples(st.just("doubt"), st.sampled_from(["add_order", "amend_order", "cancel_order"])),
    st.tuples(st.just("unamendable")),
    st.tuples(st.just("token")),
    st.tuples(st.just("rest"), st.sampled_from(["OpenOrders", "ClosedOrders", "QueryOrders"])),
    st.tuples(st.just("turn")),
    st.tuples(st.just("wait")),
)


class Hands:
    """Carries out what Hypothesis thinks of."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.orders: list[Order] = []

    async def do(self, what: str, *how: object) -> None:
        desk, sim = self.desk, self.desk.sim
        match what, how:
            case "submit", (side, step):
                self.orders.append(desk.submit(str(side), f"{50_000 + int(str(step))}.5", "0.03"))
            case "modify", (index, step) if (order := self.mine(index)) is not None:
                desk.modify(order, f"{50_000 + int(str(step))}.0")
            case "cancel", (index,) if (order := self.mine(index)) is not None:
                desk.cancel(order)
            case "fill", (index, parts) if (live := self.theirs(index)) is not None:
                left = live.size - live.filled
                sim.engine.fill(live, str(min(left, Decimal("0.01") * int(str(parts)))))
            case "cancel elsewhere", (index,) if (live := self.theirs(index)) is not None:
                sim.engine.cancel(live)
            case "amend elsewhere", (index, step) if (live := self.theirs(index)) is not None:
                sim.engine.amend(live, f"{50_000 + int(str(step))}.1", None)
            case "answer", (when,):
                sim.script.answer = str(when)
            case "cut", ("now",):
                sim.cut_private()
            case "cut", (when,):
                sim.script.cut = str(when)
            case "lose", (count,):
                sim.script.lose = int(str(count))
            case "refuse", (method,):
                sim.script.refuse[str(method)].append("EOrder:Invalid price")
            case "doubt", (method,):
                sim.script.refuse[str(method)].append("EService:Unavailable")
            case "unamendable", ():
                sim.script.refuse["amend_order"].append("EOrder:This order cannot be amended")
            case "token", ():
                sim.expire_tokens()
            case "rest", (name,):
                sim.script.rest_errors[str(name)].append(502)
            case "turn", ():
                await asyncio.sleep(0)
            case "wait", ():
                await asyncio.sleep(0.02)

    def mine(self, index: object) -> Order | None:
        return self.orders[int(str(index)) % len(self.orders)] if self.orders else None

    def theirs(self, index: object):
        live = self.desk.sim.engine.live
        return live[int(str(index)) % len(live)] if live else None

    # ---- the end

    def agreed(self) -> bool:
        engine, index = self.desk.sim.engine, self.desk.ems.index
        here = {
            str(dialog.reqid): (dialog.order.price, dialog.order.size, dialog.filled)
            for dialog in index.active()
            if dialog.state is S.OPEN and not dialog.stale
        }
        there = {live.order_id: (live.price, live.size, live.filled) for live in engine.live}
        return here == there and len(list(index.active())) == len(here)

    def nothing_twice(self) -> None:
        engine = self.desk.sim.engine
        ours = [order.cl_ord_id for order in engine.orders.values() if order.cl_ord_id]
        assert len(ours) == len(set(ours))
        position = sum(
            (o.filled if o.side == "buy" else -o.filled for o in engine.orders.values()),
            start=Decimal(0),
        )
        assert self.desk.position().size == position


async def play(steps: list[tuple[object, ...]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with open_sim() as sim, open_desk(sim, Path(folder), answer_timeout_s=0.1) as desk:
            dialogue = desk.ems.venues.dialogues["kraken"]
            dialogue.entry.rate.set_limit(100_000)
            sim.max_rate = 100_000
            dialogue._rest._counter.limit = 100_000  # it would wait its turn, and so would we
            hands = Hands(desk)
            for what, *how in steps:
                await hands.do(str(what), *how)
            sim.script.answer = "after"
            sim.script.lose, sim.script.cut = 0, ""
            sim.script.refuse.clear()
            sim.script.rest_errors.clear()
            await asyncio.sleep(0.01)
            logins = sim.logins
            sim.cut_private()  # the last word is a reconnect's: what was lost is told again
            await desk.back(logins + 1)
            try:
                await until(hands.agreed, "the two ledgers to agree")
            except AssertionError:
                states = [
                    (d.order, d.state, d.reqid, d.stale, d.filled) for d in desk.ems.index.active()
                ]
                raise AssertionError(f"here: {states}; there: {sim.engine.live}") from None
            hands.nothing_twice()


@settings(max_examples=25)
@given(st.lists(STEPS, min_size=3, max_size=25))
def test_the_ledgers_agree(steps):
    asyncio.run(play(steps))


MODIFY_TWICE = st.sampled_from(
    [("unamendable",), ("modify", 0, 3), ("wait",), ("modify", 0, 3), ("turn",)]
)


@settings(max_examples=25)
@given(st.lists(st.one_of(STEPS, MODIFY_TWICE), min_size=5, max_size=25))
def test_the_ledgers_agree_where_orders_are_replaced(steps):
    asyncio.run(play([("submit", "buy", 5), ("wait",), *steps]))


@pytest.mark.nightly
@given(st.lists(STEPS, min_size=10, max_size=80))
def test_the_ledgers_agree_in_the_long_run(steps):
    asyncio.run(play(steps))
