"""Order types and groups by real events on a real EMS and the paper venue."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest

from order_mode.bracket import Preset, Target
from order_mode.dialog_line import line_of
from order_mode.exit_distance import parse_distance
from order_mode.line import LineStyle
from tests.gui.conftest import LEFT, Loop
from tests.gui.test_program import Desk


@pytest.fixture
def desk(loop: Loop, qtbot, tmp_path: Path) -> Iterator[Desk]:
    made = Desk(loop, qtbot, tmp_path / "state")
    made.open()
    made.step_until_quoted()
    yield made
    made.close()
    assert made.crashes == []


def place_bracket(desk: Desk, keys: str, price: float) -> dict[str, str]:
    """Hold the keys, choose the first bracket, click; return the oids by their roles."""
    known = set(desk.mode.dialogs)
    desk.move(price)
    for key in keys:
        QTest.keyPress(desk.view, key)
    desk.mode.set_preset(None)
    QTest.keyClick(desk.view, "g")
    QTest.mouseClick(desk.view.viewport(), LEFT, pos=desk.point(price))
    for key in reversed(keys):
        QTest.keyRelease(desk.view, key)
    new = [desk.mode.dialogs[oid] for oid in set(desk.mode.dialogs) - known]
    desk.until(lambda: all(one.status is not None for one in new))
    return {one.order.link.role if one.order.link else "entry": one.oid for one in new}


def play_until(desk: Desk, condition) -> None:
    def stepped() -> bool:
        if not condition():
            desk.playback.step()
        return condition()

    desk.until(stepped)


def test_a_buy_above_the_market_is_a_stop_at_the_venue(desk: Desk) -> None:
    oid = desk.place("fs", desk.price(2))
    dialog = desk.mode.dialogs[oid]
    desk.until(lambda: dialog.state in ("open", "dark_open"))
    assert dialog.order.type == "stop"
    assert line_of(dialog).label.type == "stop"


def test_exits_wait_until_their_entry_fills_and_go_when_the_position_is_flattened(
    desk: Desk,
) -> None:
    oids = place_bracket(desk, "fs", desk.price(-0.1))
    assert set(oids) == {"entry", "stop", "target"}
    assert desk.line(oids["stop"]).style is LineStyle.WAITING
    play_until(desk, lambda: oids["entry"] not in desk.mode.dialogs)
    desk.until(lambda: not desk.mode.dialogs[oids["stop"]].waits)
    position = desk.mode.position
    assert position is not None
    assert position.size == desk.mode.dialogs[oids["stop"]].order.size
    lines = desk.program.page.attachment.port.lines.lines
    assert lines["position"].label.profit.endswith("R")
    assert lines[oids["target"]].tie == "position"
    desk.move(desk.price(4))
    QTest.keyClick(desk.view, "z")
    question = desk.program.page.attachment.port.question
    desk.until(lambda: question.yes.isEnabled())
    QTest.keyClick(question, Qt.Key.Key_Return)
    play_until(desk, lambda: not desk.mode.dialogs)
    assert desk.mode.position.size == Decimal(0)


def test_cancelling_the_entry_takes_its_exits(desk: Desk) -> None:
    oids = place_bracket(desk, "fs", desk.price(-3))
    desk.until(lambda: desk.line(oids["entry"]).style is LineStyle.SOLID)
    desk.move(float(desk.mode.dialogs[oids["entry"]].order.price))
    QTest.keyClick(desk.view, "c")
    desk.until(lambda: not desk.mode.dialogs)


def test_a_bracket_is_where_it_was_after_closing_and_opening(desk: Desk) -> None:
    oids = place_bracket(desk, "fs", desk.price(-3))
    desk.until(lambda: desk.line(oids["entry"]).style is LineStyle.SOLID)
    desk.close()
    desk.open()
    desk.until(lambda: set(desk.mode.dialogs) == set(oids.values()))
    lines = desk.program.page.attachment.port.lines.lines
    desk.until(lambda: lines[oids["stop"]].style is LineStyle.WAITING)
    assert lines[oids["stop"]].tie == oids["entry"]
    assert "reward:risk 2.0" in lines[oids["entry"]].label.risk


def test_an_entry_dragged_with_shift_takes_its_exits_along(desk: Desk) -> None:
    oids = place_bracket(desk, "fs", desk.price(-2))
    desk.until(lambda: desk.line(oids["entry"]).style is LineStyle.SOLID)
    before = {role: desk.mode.dialogs[oid].order.price for role, oid in oids.items()}
    start, stop = float(before["entry"]), desk.price(-3)
    viewport, shift = desk.view.viewport(), Qt.KeyboardModifier.ShiftModifier
    desk.move(start)
    QTest.mousePress(viewport, LEFT, shift, desk.point(start))
    for share in (0.5, 1.0):
        QTest.mouseMove(viewport, desk.point(start + (stop - start) * share))
    QTest.mouseRelease(viewport, LEFT, shift, desk.point(stop))

    def by() -> set[Decimal]:
        now = {role: desk.mode.dialogs[oid].order.price for role, oid in oids.items()}
        return {now[role] - before[role] for role in oids}

    desk.until(lambda: len(by()) == 1 and Decimal(0) not in by())


def test_reverse_ends_on_the_other_side_with_the_same_size(desk: Desk) -> None:
    oids = place_bracket(desk, "fs", desk.price(-0.1))
    play_until(desk, lambda: oids["entry"] not in desk.mode.dialogs)
    assert desk.mode.position is not None
    size = desk.mode.position.size
    desk.mode.hand.do("reverse")
    play_until(desk, lambda: desk.mode.position.size == -size)
    desk.until(lambda: not desk.mode.dialogs)


def test_two_tied_orders_are_peers_and_the_end_of_one_by_hand_leaves_the_other(desk: Desk) -> None:
    low, high = desk.place("fs", desk.price(-3)), desk.place("ds", desk.price(3))
    desk.until(lambda: {desk.line(oid).style for oid in (low, high)} == {LineStyle.SOLID})
    for oid in (low, high):
        desk.move(float(desk.mode.dialogs[oid].order.price))
        QTest.keyClick(desk.view, "o")

    def tied() -> bool:
        links = [dialog.order.link for dialog in desk.mode.dialogs.values()]
        return len(links) == 2 and all(link and link.role == "peer" for link in links)

    desk.until(tied)
    desk.until(lambda: all(one.state == "open" for one in desk.mode.dialogs.values()))
    first, second = desk.mode.dialogs
    desk.mode.cancel(first)
    desk.until(lambda: set(desk.mode.dialogs) == {second})


def test_behind_dark_exits_a_wide_stop_works_at_the_venue(desk: Desk) -> None:
    dark = Preset(
        "dark",
        parse_distance("1 %"),
        (Target(parse_distance("2 r")),),
        held_here=True,
        safety_stop=parse_distance("3 %"),
    )
    desk.mode.presets = (dark,)
    desk.move(desk.price(-0.1))
    for key in "fsg":
        QTest.keyPress(desk.view, key)
    QTest.mouseClick(desk.view.viewport(), LEFT, pos=desk.point(desk.price(-0.1)))
    for key in "gsf":
        QTest.keyRelease(desk.view, key)
    desk.until(lambda: len(desk.mode.dialogs) == 4)
    [entry] = [oid for oid, one in desk.mode.dialogs.items() if one.order.link is None]
    play_until(desk, lambda: entry not in desk.mode.dialogs)
    desk.until(lambda: not any(one.waits for one in desk.mode.dialogs.values()))
    stops = [one.order for one in desk.mode.dialogs.values() if one.order.link.role == "stop"]
    assert {one.exec_mode for one in stops} == {"dark", "live"}
    near, wide = sorted(stops, key=lambda one: -one.price)
    assert (near.exec_mode, wide.exec_mode) == ("dark", "live")
    assert near.size == wide.size


def test_the_stop_of_a_filled_entry_is_let_trail_and_trails_for_its_size(desk: Desk) -> None:
    oids = place_bracket(desk, "fs", desk.price(-0.1))
    play_until(desk, lambda: oids["entry"] not in desk.mode.dialogs)
    desk.until(lambda: desk.mode.dialogs[oids["stop"]].state == "open")
    stop = desk.mode.dialogs[oids["stop"]].order
    desk.mode.changes.make_trailing(stop.oid, "0.8 %")

    def trailing() -> bool:
        found = [d for d in desk.mode.dialogs.values() if d.order.type == "trailing_stop"]
        return len(found) == 1 and found[0].state == "open"

    desk.until(trailing)
    [one] = [d for d in desk.mode.dialogs.values() if d.order.type == "trailing_stop"]
    assert (one.order.link, one.order.size) == (stop.link, stop.size)
    assert one.order.price >= stop.price
    assert stop.oid not in desk.mode.dialogs
    desk.mode.drag_started(one.oid)
    desk.mode.drag_dropped(float(one.order.price) * 0.99)
    desk.until(lambda: one.change is None and one.order.trail.amount > Decimal("0.8"))
    assert one.order.trail.unit == "percent"
