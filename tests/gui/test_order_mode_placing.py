"""Hold a key and click: what reaches the EMS, and what must not."""

import sys
from decimal import Decimal

import pyqtgraph as pg
import pytest
from PyQt6.QtCore import QEvent, QPointF, Qt
from PyQt6.QtGui import QKeyEvent, QMouseEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication

from ems.messages import Position
from order_mode.keymap import parse_keymap
from order_mode.line import LineStyle
from tests.gui.conftest import LEFT, NO_MODIFIER, RIGHT
from tests.sims.scripted_ems import FQSN, status


@pytest.mark.parametrize(("key", "action"), [("f", "buy"), ("d", "sell")])
@pytest.mark.parametrize(("live", "exec_mode"), [(None, "dark"), ("s", "live"), ("ctrl", "live")])
def test_hold_and_click_places_one_order(hands, key, action, live, exec_mode):
    hands.move(100)
    hands.hold(*filter(None, (live, key)))
    hands.press(100)
    [sent] = hands.ems.submitted  # at the press, not at the release
    hands.release(100)
    assert (sent.action, sent.exec_mode, sent.size) == (action, exec_mode, Decimal(25))
    assert abs(sent.price - 100) < Decimal("0.05")
    assert sent.price % Decimal("0.01") == 0
    assert hands.ems.requests == 1
    assert hands.line.style is LineStyle.DOTTED


def test_hold_and_click_places_an_alert(hands):
    hands.move(105)
    hands.hold("a")
    hands.click(105)
    [sent] = hands.ems.submitted
    assert (sent.action, sent.exec_mode, sent.size) == ("alert", "dark", 0)


def test_the_order_goes_to_the_price_that_the_staged_line_shows(hands):
    hands.move(100)
    hands.hold("f")
    hands.move(103.3)
    shown = hands.lines.lines["staged"].price
    hands.click(103.3)
    assert [sent.price for sent in hands.ems.submitted] == [shown]


def test_a_line_is_solid_only_once_the_venue_confirms(hands, until):
    hands.move(100)
    hands.hold("s", "f")
    hands.click(100)
    [sent] = hands.ems.submitted
    hands.ems.say(status(sent, "pending"))
    until(lambda: hands.mode.dialogs[sent.oid].status is not None)
    assert hands.line.style is LineStyle.DOTTED
    hands.ems.say(status(sent, "open"))
    until(lambda: hands.line.style is LineStyle.SOLID)


def test_a_click_with_no_key_held_places_nothing_and_is_left_to_the_plot(hands):
    clicks = []
    hands.plot.scene().sigMouseClicked.connect(clicks.append)
    hands.click(100)
    assert hands.ems.requests == 0
    assert len(clicks) == 1


def test_a_click_that_places_is_not_a_click_of_the_plot(hands):
    clicks = []
    hands.plot.scene().sigMouseClicked.connect(clicks.append)
    hands.move(100)
    hands.hold("f")
    hands.click(100)
    assert clicks == []


def test_a_plain_drag_still_pans(hands, monkeypatch):
    monkeypatch.setitem(pg.CONFIG_OPTIONS, "mouseRateLimit", -1)  # or it leaves out fast moves
    before = hands.plot.viewRange()
    hands.drag(100, 102, 104)
    hands.release(104)
    assert hands.plot.viewRange() != before
    assert hands.ems.requests == 0


def test_key_repeat_places_nothing_and_stages_nothing_anew(hands):
    hands.move(100)
    repeat = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_F, NO_MODIFIER, "f", True)
    QApplication.sendEvent(hands.plot, repeat)
    assert hands.mode.staged is None  # held since before the chart had the focus
    hands.click(100)
    assert hands.ems.requests == 0
    hands.hold("f")
    for _ in range(5):
        for kind in (QEvent.Type.KeyRelease, QEvent.Type.KeyPress):
            repeat = QKeyEvent(kind, Qt.Key.Key_F, NO_MODIFIER, "f", True)
            QApplication.sendEvent(hands.plot, repeat)
    assert hands.mode.staged is not None
    assert hands.ems.requests == 0


def test_letting_go_unstages(hands):
    hands.move(100)
    hands.hold("f")
    assert "staged" in hands.lines.lines
    hands.let_go("f")
    assert "staged" not in hands.lines.lines
    hands.click(100)
    assert hands.ems.requests == 0


def test_escape_unstages_until_the_key_is_pressed_anew(hands):
    hands.move(100)
    hands.hold("f")
    hands.tap("escape")
    hands.click(100)
    assert hands.ems.requests == 0
    assert "staged" not in hands.lines.lines
    hands.let_go("f")
    hands.hold("f")
    hands.click(100)
    assert hands.ems.requests == 1


@pytest.mark.parametrize("thief", ["focus", "window", "mouse"])
def test_whatever_takes_focus_or_mouse_away_disarms(hands, thief):
    hands.move(100)
    hands.hold("f")
    match thief:
        case "focus":
            hands.typing.setFocus()
        case "window":
            QApplication.sendEvent(hands.plot, QEvent(QEvent.Type.WindowDeactivate))
        case _:
            QApplication.sendEvent(hands.viewport, QEvent(QEvent.Type.Leave))
    assert "staged" not in hands.lines.lines
    hands.plot.setFocus()
    hands.click(100)  # the key is still down
    assert hands.ems.requests == 0
    assert hands.lines.lines == {}


def test_keys_without_the_focus_are_not_ours(hands):
    hands.move(100)
    hands.typing.setFocus()
    QTest.keyPress(hands.plot, "f")
    assert hands.mode.staged is None
    QTest.keyClicks(hands.typing, "fdc")
    assert hands.typing.text() == "fdc"
    assert hands.ems.requests == 0


def test_keys_with_the_cursor_outside_the_plot_are_not_ours(hands):
    hands.move(100)
    QApplication.sendEvent(hands.viewport, QEvent(QEvent.Type.Leave))
    hands.hold("f")
    hands.move(100)
    assert hands.mode.staged is None


def test_the_mouse_brings_the_focus_but_not_away_from_typing(hands):
    enter = QEvent(QEvent.Type.Enter)
    hands.typing.setFocus()
    QApplication.sendEvent(hands.viewport, enter)
    assert hands.typing.hasFocus()
    hands.typing.clearFocus()
    QApplication.sendEvent(hands.viewport, enter)
    assert hands.plot.hasFocus()


def test_a_double_click_places_one_order(hands):
    hands.move(100)
    hands.hold("f")
    hands.press(100)
    hands.release(100)
    send_double(hands, 100)
    hands.release(100)
    assert hands.ems.requests == 1
    hands.click(100)
    assert hands.ems.requests == 2  # a click of its own


def press_with_both(hands, price):
    point = QPointF(hands.at(price))
    where = QPointF(hands.viewport.mapToGlobal(point.toPoint()))
    both = LEFT | RIGHT
    return QMouseEvent(QEvent.Type.MouseButtonPress, point, where, LEFT, both, NO_MODIFIER)


def send_double(hands, price):
    point = QPointF(hands.at(price))
    event = QMouseEvent(
        QEvent.Type.MouseButtonDblClick,
        point,
        QPointF(hands.viewport.mapToGlobal(point.toPoint())),
        LEFT,
        LEFT,
        NO_MODIFIER,
    )
    QApplication.sendEvent(hands.viewport, event)


def test_both_buttons_place_at_most_one_order(hands):
    hands.move(100)
    hands.hold("f")
    hands.press(100)
    hands.press(100, RIGHT)
    hands.release(100, RIGHT)
    hands.release(100)
    assert hands.ems.requests == 1
    hands.press(101, RIGHT)
    hands.press(101)
    hands.release(101)
    hands.release(101, RIGHT)
    assert hands.ems.requests == 1


def test_a_press_while_the_plot_has_another_button_is_left_to_the_plot(hands):
    hands.move(100)
    hands.press(100, RIGHT)
    hands.hold("f")
    QApplication.sendEvent(hands.viewport, press_with_both(hands, 100))
    hands.release(100)
    hands.release(100, RIGHT)
    assert hands.ems.requests == 0


def test_two_order_keys_place_nothing_and_say_why(hands):
    hands.move(100)
    hands.hold("f", "d")
    hands.click(100)
    assert hands.ems.requests == 0
    assert "both held" in hands.notice


def test_digits_set_the_slots(hands):
    hands.move(100)
    hands.hold("f", "1", "0")
    hands.click(100)
    assert [sent.size for sent in hands.ems.submitted] == [Decimal(10)]


def test_the_view_holds_still_while_staged_and_scales_again_after(hands):
    hands.plot.enableAutoRange()
    curve = hands.plot.plot([0, 10, 20], [90.0, 100.0, 110.0])
    hands.move(100)
    hands.hold("f")
    before = hands.plot.viewRange()
    curve.setData([0, 10, 20], [50.0, 100.0, 150.0])
    hands.plot.grab()
    assert hands.plot.viewRange() == before
    hands.let_go("f")
    hands.plot.grab()
    assert hands.plot.viewRange() != before


def test_a_zoom_under_a_still_cursor_moves_the_staged_price_along(hands):
    hands.move(104)
    hands.hold("f")
    hands.plot.setYRange(0, 200, padding=0)
    hands.plot.grab()
    price = float(hands.lines.lines["staged"].price)
    assert price == pytest.approx(
        hands.plot.plotItem.vb.mapSceneToView(hands.plot.mapToScene(hands.at(price))).y(), abs=1.0
    )
    assert price > 120


def test_shortcuts_of_the_program_are_left_alone(hands):
    hands.move(100)
    QTest.keyPress(hands.plot, "f", Qt.KeyboardModifier.AltModifier)
    assert hands.mode.staged is None
    QTest.keyPress(hands.plot, "c", Qt.KeyboardModifier.ControlModifier)
    assert hands.ems.requests == 0


def test_a_key_of_ours_is_no_shortcut_of_the_window(hands):
    shortcut = QKeyEvent(QEvent.Type.ShortcutOverride, Qt.Key.Key_F, NO_MODIFIER, "f")
    hands.move(100)
    shortcut.ignore()
    QApplication.sendEvent(hands.plot, shortcut)
    assert shortcut.isAccepted()


@pytest.mark.parametrize("width", [800, 560])
def test_the_question_mark_shows_the_keys_and_hides_them(hands, until, width):
    hands.window.resize(width, 640)
    until(lambda: hands.window.width() == width)
    hands.move(100)
    overlay = hands.attachment.port.keys
    hands.tap("?")
    assert overlay.isVisible()
    assert "buy" in overlay.text()
    window = hands.window
    corners = [overlay.rect().topLeft(), overlay.rect().bottomRight()]
    assert all(window.rect().contains(overlay.mapTo(window, corner)) for corner in corners)
    least = overlay.heightForWidth(overlay.width()) if overlay.wordWrap() else 0
    assert overlay.height() >= least
    assert "replay" not in overlay.text(), "a guest on a plot has no replay, and no kill switch"
    hands.tap("?")
    assert not overlay.isVisible()


def test_an_order_over_the_limit_is_not_sent_and_says_so(hands):
    hands.move(100)
    hands.hold("f")
    for price in (100, 101, 102, 103, 104):
        hands.click(price)
    assert len(hands.ems.submitted) == 4
    assert "limit of 100" in hands.notice


@pytest.mark.parametrize(("key", "size"), [("h", 25), ("e", 50)])
def test_an_exit_of_half_or_all_by_key(hands, until, key, size):
    held = Position(
        account="paper", symbol=FQSN, size=Decimal(50), time_ns=1, avg_price=Decimal("99.00")
    )
    hands.ems.say(held)
    until(lambda: hands.mode.position is not None)
    hands.tap(key)  # with no order key held it means nothing
    hands.move(100)
    hands.hold("d", key)
    hands.click(101)
    assert [(sent.action, sent.size) for sent in hands.ems.submitted] == [("sell", size)]
    hands.let_go("d")
    hands.hold("f", key)
    hands.click(98)
    assert len(hands.ems.submitted) == 1
    assert "no short position" in hands.notice


def cyrillic(kind, key=0x424, scan_code=33 + 8, text="а"):  # noqa: RUF001
    """A key of a Russian layout: Latin f has the place of the letter with this code."""
    return QKeyEvent(kind, key, NO_MODIFIER, scan_code, 0, 0, text)


@pytest.mark.skipif(sys.platform != "linux", reason="scan codes as X11 and Wayland have them")
def test_on_a_layout_without_latin_letters_the_place_of_the_key_counts(hands):
    hands.move(100)
    QApplication.sendEvent(hands.plot, cyrillic(QEvent.Type.KeyPress))
    hands.click(100)
    assert [sent.action for sent in hands.ems.submitted] == ["buy"]
    QApplication.sendEvent(hands.plot, cyrillic(QEvent.Type.KeyRelease))
    assert hands.mode.staged is None
    hands.click(101)
    assert hands.ems.requests == 1


def test_a_key_that_is_bound_by_its_own_letter_is_that_one(make_hands):
    hands = make_hands(keymap=parse_keymap({"sell": "ф"}))
    hands.move(100)
    QApplication.sendEvent(hands.plot, cyrillic(QEvent.Type.KeyPress))
    hands.click(100)
    assert [sent.action for sent in hands.ems.submitted] == ["sell"]


def test_a_strange_key_in_an_unknown_place_is_not_ours(hands):
    hands.move(100)
    QApplication.sendEvent(hands.plot, cyrillic(QEvent.Type.KeyPress, scan_code=0))
    assert hands.mode.staged is None
