"""Exits and peers in IB's OCA groups: what is on the wire, and what happens without the program."""

import uuid
from decimal import Decimal
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from ems.messages import Link, Order, Role, Tie
from ems.transitions import S
from tests.brokers.ib.session import FQSN, IbBench, open_bench, until
from tests.sims.tws import Tws
from tests.sims.tws_layout import SimOrder

FILLED_ELSEWHERE = "Another order of its group was filled."
GROUP, TYPE = 22, 47
"""Where ``ocaGroup`` and ``ocaType`` are in ``placeOrder``."""


def order(action: str, price: str, group: str = "", role: Role | None = None, **more: Any) -> Order:
    return Order(
        oid=str(uuid.uuid4()),
        action=action,  # type: ignore[arg-type]
        exec_mode="live",
        symbol=FQSN,
        account="ib.main",
        price=Decimal(price),
        size=Decimal(10),
        link=Link(group=group, role=role) if role else None,
        **more,
    )


class Bracket:
    """An entry that is filled, with its stop and its target at IB."""

    def __init__(self, bench: IbBench) -> None:
        self.bench = bench
        self.entry = order("buy", "100")
        self.stop = order("sell", "95", self.entry.oid, "stop", type="stop")
        self.target = order("sell", "110", self.entry.oid, "target")

    async def in_the_market(self) -> "Bracket":
        bench, tws = self.bench, self.bench.tws
        await bench.priced("100.0")
        bench.client.submit_group([self.entry, self.stop, self.target])
        await bench.until_resp(self.entry.oid, "open")
        tws.fill(tws.order(self.entry.oid), "10", "100", "e1")
        await bench.until_resp(self.stop.oid, "open")
        await bench.until_resp(self.target.oid, "open")
        return self

    def sim(self, one: Order) -> SimOrder:
        return self.bench.tws.order(one.oid)


def heirs(bench: IbBench, one: Order) -> list[str]:
    """The oids of what was put in the place of an order."""
    found = [m.req for m in bench.heard if hasattr(m, "req") and m.req and m.req.link]
    return list({req.oid for req in found if req.link.instead == one.oid})


async def heir(bench: IbBench, one: Order) -> SimOrder:
    (oid,) = await until(lambda: heirs(bench, one), "another in its place")
    await bench.until_resp(oid, "open")
    return bench.tws.order(oid)


async def test_the_exits_leave_in_one_group_that_reduces_with_overfill_protection(
    bench: IbBench,
) -> None:
    group = await Bracket(bench).in_the_market()
    stop, target = group.sim(group.stop), group.sim(group.target)
    assert stop.wire[GROUP] == target.wire[GROUP] != ""
    assert (stop.wire[TYPE], target.wire[TYPE]) == ("2", "2")
    assert group.sim(group.entry).wire[GROUP] == ""
    tie = bench.last(group.stop.oid).tie
    assert tie == Tie(stop.wire[GROUP], "reduces")


async def test_ib_makes_the_stop_smaller_and_is_not_asked_to(bench: IbBench) -> None:
    group = await Bracket(bench).in_the_market()
    sent = len(bench.tws.placed)
    bench.tws.fill(group.sim(group.target), "4", "110", "t1")
    await bench.until_told(group.stop.oid, lambda s: s.req.size == 6, "smaller")
    await bench.settled()
    assert len(bench.tws.placed) == sent
    assert bench.last(group.target.oid).filled == 4


async def test_what_is_left_counts_where_ib_leaves_the_size_as_it_was(bench: IbBench) -> None:
    group = await Bracket(bench).in_the_market()
    stop = group.sim(group.stop)
    bench.tws.say(
        [3, stop.order_id, "Submitted", 0.0, 6.0, "0", stop.perm_id, "0", "0", stop.client_id, "",
         "0"],
        stop.client_id,
    )  # fmt: skip
    await bench.until_told(group.stop.oid, lambda s: s.req.size == 6, "smaller")


async def test_the_target_ends_the_stop_and_the_reason_is_told(bench: IbBench) -> None:
    group = await Bracket(bench).in_the_market()
    bench.tws.fill(group.sim(group.target), "10", "110", "t1")
    ended = await bench.until_resp(group.stop.oid, "canceled")
    assert ended.reason == FILLED_ELSEWHERE
    await bench.settled()
    assert bench.notices() == []
    assert heirs(bench, group.stop) == []


async def test_a_target_filled_with_the_program_closed_has_ended_the_stop(
    tws: Tws, tmp_path: Path
) -> None:
    async with open_bench(tmp_path, tws) as bench:
        group = await Bracket(bench).in_the_market()
    tws.fill(tws.order(group.target.oid), "10", "110", "t1")
    sent = len(tws.placed)
    async with open_bench(tmp_path, tws) as bench:
        stop, target = (bench.ems.index.by_oid(o.oid) for o in (group.stop, group.target))
        assert stop is not None
        assert target is not None  # maybe over before a client was there to be told
        await until(lambda: (stop.state, target.state) == (S.CANCELED, S.CLOSED), "both are over")
        assert stop.reason == FILLED_ELSEWHERE
        assert [text for text in bench.notices() if "stop" in text] == []
        assert len(tws.placed) == sent
        assert bench.ems.positions.of("ib.main", FQSN).size == 0


async def test_a_part_filled_over_a_cut_line(bench: IbBench) -> None:
    group = await Bracket(bench).in_the_market()
    sent = len(bench.tws.placed)
    bench.tws.cut()
    await bench.until_down()
    bench.tws.fill(group.sim(group.target), "4", "110", "t1")
    await bench.until_up()
    await bench.until_told(group.stop.oid, lambda s: s.req.size == 6, "smaller")
    await bench.settled()
    assert len(bench.tws.placed) == sent


async def test_groups_are_known_again_after_a_restart(tws: Tws, tmp_path: Path) -> None:
    async with open_bench(tmp_path, tws) as bench:
        group = await Bracket(bench).in_the_market()
    async with open_bench(tmp_path, tws) as bench:
        await bench.until_resp(group.stop.oid, "open")
        assert bench.last(group.stop.oid).tie == bench.last(group.target.oid).tie is not None
        tws.fill(tws.order(group.stop.oid), "10", "95", "s1")
        ended = await bench.until_resp(group.target.oid, "canceled")
        assert ended.reason == FILLED_ELSEWHERE


async def test_cancelling_the_target_does_not_take_the_stop_away(bench: IbBench) -> None:
    """IB ends the whole group; the stop comes back by itself, and can be moved then."""
    group = await Bracket(bench).in_the_market()
    bench.cancel(group.target.oid)
    again = await heir(bench, group.stop)
    assert (again.kind, again.aux, again.size, again.wire[GROUP]) == ("STP", "95", "10", "")
    assert heirs(bench, group.target) == []
    assert bench.notices() == []


async def test_a_drag_puts_both_anew_for_ib_refuses_to_change_them(bench: IbBench) -> None:
    group = await Bracket(bench).in_the_market()
    numbers = {sim.order_id for sim in bench.tws.orders}
    bench.client.modify(replace(group.stop, price=Decimal(96)))
    stop, target = await heir(bench, group.stop), await heir(bench, group.target)
    assert (stop.aux, target.price) == ("96", "110")
    assert stop.wire[GROUP] == target.wire[GROUP] not in ("", group.sim(group.stop).wire[GROUP])
    assert {stop.order_id, target.order_id}.isdisjoint(numbers)
    assert bench.notices() == []


async def test_peers_are_in_a_group_that_ends_the_others_at_the_first_fill(
    bench: IbBench,
) -> None:
    await bench.priced("100.0")
    link = str(uuid.uuid4())
    one, two = order("buy", "98", link, "peer"), order("buy", "97", link, "peer")
    bench.client.submit_group([one, two])
    await bench.until_resp(one.oid, "open")
    await bench.until_resp(two.oid, "open")
    first, second = bench.tws.order(one.oid), bench.tws.order(two.oid)
    assert first.wire[GROUP] == second.wire[GROUP] != ""
    assert (first.wire[TYPE], second.wire[TYPE]) == ("1", "1")
    bench.tws.fill(first, "1", "98", "p1")
    ended = await bench.until_resp(two.oid, "canceled")
    assert ended.reason == FILLED_ELSEWHERE


async def test_a_contract_that_takes_no_groups_gets_none(tws: Tws, tmp_path: Path) -> None:
    tws.contracts[0] = type(tws.contracts[0])(order_types="DAY,GTC,LMT,MKT,STP")
    async with open_bench(tmp_path, tws) as bench:
        group = await Bracket(bench).in_the_market()
        assert group.sim(group.stop).wire[GROUP] == ""


async def test_with_groups_switched_off_a_drag_is_a_change(tws: Tws, tmp_path: Path) -> None:
    async with open_bench(tmp_path, tws, oca_groups=False) as bench:
        group = await Bracket(bench).in_the_market()
        assert group.sim(group.stop).wire[GROUP] == ""
        bench.client.modify(replace(group.stop, price=Decimal(96)))
        await bench.until_told(group.stop.oid, lambda s: s.req.price == 96, "moved")
        assert heirs(bench, group.stop) == []
        bench.tws.fill(group.sim(group.target), "10", "110", "t1")
        await bench.until_resp(group.stop.oid, "canceled")


async def test_an_order_of_another_program_keeps_its_group_and_is_not_changed(
    tws: Tws, tmp_path: Path
) -> None:
    sim = tws.put(order_id=3, client_id=7, oca="theirs", oca_type="3", ref="")
    tws.next_order_id = 10
    async with open_bench(tmp_path, tws) as bench:
        told = await until(
            lambda: next((m for m in bench.heard if getattr(m, "tie", None)), None), "the order"
        )
        assert told.tie == Tie("theirs", "reduces")
        bench.client.modify(replace(told.req, price=Decimal(101)))
        refused = await bench.until_told(told.oid, lambda s: s.refused == "modify", "refused")
        assert "OCA group" in refused.reason
        assert bench.tws.placed == []
        bench.cancel(told.oid)
        await bench.until_resp(told.oid, "canceled")
        assert sim.status == "Cancelled"
