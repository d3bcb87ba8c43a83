"""A bracket on the chart that lives in a group at IB: seen, dragged, kept without the program."""

import time
import uuid
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from ems.messages import Link, Order, Role
from tests.gui.test_ib_chart import FQSN, Desk, desk  # noqa: F401 - a fixture

TIED = "at ib: works with the program closed, shrinks with its group there"


def order(action: str, price: str, group: str = "", role: Role | None = None, **more: Any) -> Order:
    return Order(
        oid=str(uuid.uuid4()), action=action, exec_mode="live", symbol=FQSN, account="ib.main",  # type: ignore[arg-type]
        price=Decimal(price), size=Decimal(10), link=Link(group=group, role=role) if role else None,
        **more,
    )  # fmt: skip


def bracket_in_the_market(desk: Desk) -> tuple[str, str]:  # noqa: F811
    """Return the oids of a stop at 98.5 and a target at 101.5 whose entry at 100 is filled."""
    desk.start()
    desk.until(lambda: desk.tws.of_kind(1))
    desk.tws.trade(desk.tws.data_request(), 100.0, 100, int(time.time() * 1000))
    hub = desk.program.ems.hub
    desk.until(lambda: hub.last(FQSN)[1])
    entry = order("buy", "100")
    stop = order("sell", "98.5", entry.oid, "stop", type="stop")
    target = order("sell", "101.5", entry.oid, "target")
    desk.program.client.submit_group([entry, stop, target])
    desk.until(lambda: any(sim.ref == entry.oid and sim.status for sim in desk.tws.orders))
    desk.tws.fill(desk.tws.order(entry.oid), "10", "100", "e1")
    desk.until(lambda: {stop.oid, target.oid} <= set(desk.lines))
    both = (stop.oid, target.oid)
    desk.until(lambda: all_are_tied_there(desk, both))
    return both


def all_are_tied_there(desk: Desk, keys: Iterable[str]) -> bool:  # noqa: F811
    """Tell whether each works at IB, as its line says, and in a group there."""
    labels = [desk.lines[key].label for key in keys]
    return {(label.mode, label.note) for label in labels} == {(TIED, "")}


def exits(desk: Desk) -> list[str]:  # noqa: F811
    return [key for key, line in desk.lines.items() if getattr(line, "action", "") == "sell"]


def test_a_stop_that_is_dragged_is_placed_anew_with_its_target(desk: Desk) -> None:  # noqa: F811
    stop, target = bracket_in_the_market(desk)
    before = len(desk.tws.placed)
    desk.drag(98.5, 99.25)
    desk.until(lambda: not {stop, target} & set(desk.lines) and len(exits(desk)) == 2)
    desk.until(lambda: all_are_tied_there(desk, exits(desk)))
    new_stop, new_target = desk.tws.orders[-2:]
    assert (new_stop.kind, new_target.kind) == ("STP", "LMT")
    assert new_stop.oca == new_target.oca != ""
    assert float(new_stop.aux) == float(desk.lines[new_stop.ref].price) > 99
    assert desk.lines[new_target.ref].price == Decimal("101.50")
    assert len(desk.tws.placed) == before + 2, "no change was sent"


def test_what_ib_did_with_the_program_closed_is_what_the_chart_shows(
    desk: Desk,  # noqa: F811
) -> None:
    stop, target = bracket_in_the_market(desk)
    desk.stop()
    desk.tws.fill(desk.tws.order(target), "10", "101.5", "t1")
    placed = len(desk.tws.placed)
    desk.start()
    desk.until(lambda: all(one.over for one in map(desk.program.ems.index.by_oid, (stop, target))))
    assert desk.program.ems.positions.of("ib.main", FQSN).size == 0
    assert exits(desk) == []
    assert len(desk.tws.placed) == placed
