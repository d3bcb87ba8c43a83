"""The kill switch in the window, by real key and mouse events."""

from decimal import Decimal

from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest

from tests.gui.conftest import LEFT
from tests.gui.test_program import Desk, desk, order_from

__all__ = ["desk"]  # a fixture

_CHORD = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


def fate(desk: Desk, price: Decimal) -> str:
    """Let another client send an order; return why it was refused, or what it is."""
    order = order_from(desk.program.client, price)
    dialog = desk.program.ems.index.by_oid(order.oid)
    assert dialog is not None
    desk.until(lambda: dialog.over or dialog.works)
    return dialog.reason or dialog.resp


def test_the_chord_ends_every_order_and_two_clicks_release(desk: Desk) -> None:
    desk.step_until_quoted()
    live = desk.place("fs", desk.price(-2))
    dark = desk.place("f", desk.price(-3))
    control = desk.program.window.kill
    assert control.button.text() == "Kill"
    assert not control.words.isVisible()

    QTest.keyClick(desk.view, Qt.Key.Key_K, _CHORD)
    desk.until(lambda: control.on)
    desk.until(lambda: not {live, dark} & set(desk.mode.dialogs))
    desk.until(lambda: control.words.text() == "no orders left")
    assert control.button.text() == "KILLED · release"
    assert control.words.isVisible()
    window = desk.program.window
    desk.move(desk.price(-1))
    desk.until(lambda: window.status.mode.text().startswith("KILLED: only what reduces"))
    told = [row.text for row in window.tables.messages.rows()]
    ended = [text for text in told if text.endswith("The kill switch is on.")]
    words = [text.partition(":")[0] for text in reversed(ended)]
    assert sorted(words) == ["Cancel asked for", "Cancelled", "Cancelled"]
    assert "Cancelled" not in window.messages.text.text(), "who kills knows what that ends"

    assert "kill switch" in fate(desk, Decimal("100.00"))

    QTest.mouseClick(control.button, LEFT)
    assert control.on
    assert control.button.text() == "Click again to release"
    QTest.mouseClick(control.button, LEFT)
    desk.until(lambda: not control.on)
    desk.until(lambda: window.status.mode.text().startswith("Ready"))
    assert fate(desk, Decimal("101.00")) == "open"


def test_the_button_kills_and_the_window_opens_killed(desk: Desk) -> None:
    desk.step_until_quoted()
    QTest.mouseClick(desk.program.window.kill.button, LEFT)
    desk.until(lambda: desk.program.window.kill.on)
    desk.close()
    desk.open()
    desk.until(lambda: desk.program.window.kill.on)
    assert desk.program.ems.kill_switch.on
