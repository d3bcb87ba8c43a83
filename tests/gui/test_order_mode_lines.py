"""Lines on the plot: dragging, cancelling, and what the EMS says of orders from anywhere."""

from decimal import Decimal

import pyqtgraph as pg
import pytest
from PyQt6.QtCore import QEvent, QPointF, Qt
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication

from ems.messages import Connection, Notice, Position
from order_mode.line import LineStyle
from tests.gui.conftest import RIGHT
from tests.sims.scripted_ems import FQSN, ScriptedEms, fill, order, status

ORDER = order()


@pytest.fixture
def working(hands, until):
    """A plot with one buy of 30 that works at 100."""
    hands.ems.say(status(ORDER, "open"))
    until(lambda: "o1" in hands.orders)
    return hands


def say(hands, until, message, seen):
    hands.ems.say(message)
    until(seen)


# ---- dragging


def test_a_drag_sends_one_modify_when_it_is_let_go(working):
    working.drag(100, 101, 102, 103)
    assert working.ems.requests == 0
    assert working.line.style is LineStyle.STAGED
    working.release(103)
    [sent] = working.ems.modified
    assert (sent.oid, sent.size) == ("o1", Decimal(30))
    assert abs(sent.price - 103) < Decimal("0.1")
    assert sent.price % Decimal("0.01") == 0
    assert working.ems.requests == 1
    assert working.line.ghost_price == Decimal("100.00")


def test_a_drag_does_not_pan_the_plot(working, monkeypatch):
    monkeypatch.setitem(pg.CONFIG_OPTIONS, "mouseRateLimit", -1)
    before = working.plot.viewRange()
    working.drag(100, 102, 104)
    working.release(104)
    assert working.plot.viewRange() == before


def test_the_line_moves_for_good_when_the_venue_agrees(working, until):
    working.drag(100, 102)
    working.release(102)
    [sent] = working.ems.modified
    say(working, until, status(sent, "open"), lambda: working.line.ghost_price is None)
    assert working.line.price == sent.price
    assert working.line.style is LineStyle.SOLID


def test_a_refused_modify_snaps_back_with_the_words_of_the_venue(working, until):
    working.drag(100, 102)
    working.release(102)
    refused = status(ORDER, "open", refused="modify", reason="price too far from the market")
    say(working, until, refused, lambda: working.line.ghost_price is None)
    assert working.line.price == Decimal("100.00")
    assert "price too far from the market" in working.notice


def test_a_modify_refused_in_mid_drag_leaves_the_line_in_the_hand(working, until):
    working.drag(100, 102)
    working.release(102)
    [first] = working.ems.modified
    working.drag(102, 104)
    refused = status(ORDER, "open", refused="modify", reason="too fast")
    say(working, until, refused, lambda: "too fast" in working.notice)
    assert working.mode.dragging
    assert working.line.ghost_price == Decimal("100.00")  # where the order is
    working.move(105)
    working.release(105)
    [_, second] = working.ems.modified
    assert second.oid == first.oid
    assert abs(second.price - 105) < Decimal("0.1")


def test_a_modify_refused_in_mid_drag_and_the_drag_given_up_is_as_it_was(working, until):
    working.drag(100, 102)
    working.release(102)
    working.drag(102, 104)
    refused = status(ORDER, "open", refused="modify", reason="too fast")
    say(working, until, refused, lambda: "too fast" in working.notice)
    working.tap("escape")
    working.release(104)
    assert len(working.ems.modified) == 1
    assert (working.line.price, working.line.style) == (Decimal("100.00"), LineStyle.SOLID)


def test_a_press_that_does_not_move_far_moves_nothing(working):
    working.drag(100, 100.06)
    working.release(100.06)
    assert working.ems.requests == 0
    assert working.line.price == Decimal("100.00")


@pytest.mark.parametrize("how", ["escape", "focus", "window", "outside"])
def test_a_drag_that_is_given_up_sends_nothing(working, how):
    working.drag(100, 103)
    match how:
        case "escape":
            working.tap("escape")
        case "focus":
            working.typing.setFocus()
        case "window":
            QApplication.sendEvent(working.plot, QEvent(QEvent.Type.WindowDeactivate))
        case _:
            working.move(85)
    working.release(85 if how == "outside" else 103)
    assert working.ems.requests == 0
    assert working.line.price == Decimal("100.00")
    assert working.line.style is LineStyle.SOLID
    working.move(104)
    assert working.line.price == Decimal("100.00")


def test_an_order_that_fills_in_mid_drag_ends_the_drag(working, until):
    working.drag(100, 103)
    filled = status(ORDER, "closed", filled=Decimal(30), brokerd_msg=fill(ORDER, size=30))
    say(working, until, filled, lambda: working.orders == {})
    working.move(104)
    working.release(104)
    assert working.ems.requests == 0
    assert working.orders == {}
    assert "Not moved" in working.notice


def test_an_order_that_another_takes_away_in_mid_drag_ends_the_drag(working, until):
    working.drag(100, 103)
    called = status(ORDER, "open", cancel_called=True)
    say(working, until, called, lambda: not working.mode.dragging)
    working.move(104)
    working.release(104)
    assert working.ems.requests == 0
    assert working.line.price == Decimal("100.00")


def test_a_stale_order_is_not_dragged_and_says_why(hands, until):
    say(hands, until, status(ORDER, "open", stale=True), lambda: hands.orders)
    hands.drag(100, 103)
    hands.release(103)
    assert hands.ems.requests == 0
    assert "connection to the venue is lost" in hands.notice


def test_a_key_pressed_in_mid_drag_places_nothing(working):
    working.drag(100, 103)
    working.hold("f")
    working.press(104, RIGHT)
    working.release(104, RIGHT)
    working.move(104)
    working.release(104)
    assert working.ems.submitted == []
    assert len(working.ems.modified) == 1


def test_the_nearest_of_two_lines_is_the_one_that_moves(working, until):
    other = order("o2", price=Decimal("100.20"))
    say(working, until, status(other, "open"), lambda: len(working.orders) == 2)
    working.drag(100.19, 103)
    working.release(103)
    assert [sent.oid for sent in working.ems.modified] == ["o2"]


# ---- cancelling


def test_c_cancels_the_order_under_the_cursor(working):
    working.move(100.1)
    working.tap("c")
    assert [sent.oid for sent in working.ems.canceled] == ["o1"]
    assert working.line.cancel_called
    assert working.line.style is LineStyle.SOLID  # until the venue says that it is gone


def test_c_over_nothing_cancels_nothing(working):
    working.move(105)
    working.tap("c")
    assert working.ems.requests == 0


def test_cc_cancels_all_on_this_chart_each_once(working, until):
    dark = order("o2", price=Decimal("95.00"), exec_mode="dark")
    say(working, until, status(dark, "dark_open"), lambda: len(working.orders) == 2)
    working.move(100)
    working.tap("c")
    working.tap("c")
    assert sorted(sent.oid for sent in working.ems.canceled) == ["o1", "o2"]


def test_a_held_c_is_not_cc(working, until):
    other = order("o2", price=Decimal("95.00"))
    say(working, until, status(other, "open"), lambda: len(working.orders) == 2)
    working.move(100)
    working.hold("c")
    for _ in range(3):
        repeat = QKeyEvent(
            QEvent.Type.KeyPress, Qt.Key.Key_C, Qt.KeyboardModifier.NoModifier, "c", True
        )
        QApplication.sendEvent(working.plot, repeat)
    assert [sent.oid for sent in working.ems.canceled] == ["o1"]


def test_the_cross_cancels_with_the_mouse_alone(working):
    rect = working.lines.label_rect("o1")
    working.click_pixel(QPointF(rect.right() - 8, rect.center().y()))
    assert [sent.oid for sent in working.ems.canceled] == ["o1"]


def test_a_press_on_the_cross_that_is_let_go_elsewhere_cancels_nothing(working):
    rect = working.lines.label_rect("o1")
    box = working.plot.plotItem.vb
    cross = working.plot.mapFromScene(box.mapToScene(QPointF(rect.right() - 8, rect.center().y())))
    QTest.mouseMove(working.viewport, cross)
    QTest.mousePress(working.viewport, Qt.MouseButton.LeftButton, pos=cross)
    working.move(105)
    working.release(105)
    assert working.ems.requests == 0


# ---- what the EMS says


def test_what_is_active_at_the_start_is_on_the_plot(make_hands, until):
    ems = ScriptedEms(journal=(fill(ORDER, broker_time_ns=10 * 10**9),))
    dark = order("o2", price=Decimal("95.00"), exec_mode="dark")
    alert = order("o3", action="alert", exec_mode="dark", size=Decimal(0))
    ems.say(
        status(ORDER, "open", filled=Decimal(10)),
        status(dark, "dark_open"),
        status(alert, "dark_open"),
        Position(account="paper", symbol=FQSN, size=Decimal(10), time_ns=1),
    )
    hands = make_hands(ems)
    until(lambda: len(hands.orders) == 3 and hands.mode.position)
    assert [line.style for line in hands.orders.values()] == [
        LineStyle.SOLID,
        LineStyle.DASHED,
        LineStyle.DASHED,
    ]
    assert hands.orders["o1"].label.size == "20/30"
    [arrow] = hands.attachment.port.arrows.fills
    tip = hands.attachment.port.arrows.point_of(arrow)
    assert hands.plot.plotItem.vb.mapToView(tip).x() == pytest.approx(10)
    assert hands.ems.requests == 0  # a reload asks for nothing


def test_an_order_of_a_second_client_appears_and_leaves(hands, until):
    theirs = order("o9", account="paper.two", price=Decimal("104.00"))
    say(hands, until, status(theirs, "open"), lambda: "o9" in hands.orders)
    assert hands.line.label.account == "PAPER two"
    hands.plot.grab()
    say(hands, until, status(theirs, "canceled"), lambda: not hands.orders)
    assert hands.ems.requests == 0


def test_an_order_of_a_second_client_can_be_cancelled_here(hands, until):
    theirs = order("o9", account="paper.two", price=Decimal("104.00"))
    say(hands, until, status(theirs, "open"), lambda: "o9" in hands.orders)
    hands.move(104)
    hands.tap("c")
    assert [(sent.oid, sent.account) for sent in hands.ems.canceled] == [("o9", "paper.two")]


def test_a_refused_order_stays_red_until_it_is_clicked(working, until):
    error = status(ORDER, "error", reason="insufficient funds")
    say(working, until, error, lambda: working.line.refused)
    assert "insufficient funds" in working.notice
    working.click(100)
    assert working.orders == {}
    assert working.ems.requests == 0


def test_a_refused_order_is_dismissed_from_its_menu(working, until):
    error = status(ORDER, "error", reason="insufficient funds")
    say(working, until, error, lambda: working.line.refused)
    working.click(100, RIGHT)
    working.choose("Dismiss")
    assert working.orders == {}
    assert working.ems.requests == 0


def test_a_part_fill_shows_and_leaves_the_order_at_work(working, until):
    part = status(ORDER, "fill", filled=Decimal(10), brokerd_msg=fill(ORDER))
    say(working, until, part, lambda: working.line.label.size == "20/30")
    assert working.line.filled == pytest.approx(1 / 3)
    assert len(working.attachment.port.arrows.fills) == 1
    working.drag(100, 103)
    working.release(103)
    assert [sent.size for sent in working.ems.modified] == [Decimal(30)]


def test_connection_and_notices_are_shown(working, until):
    down = Connection(broker="paper", up=False, time_ns=1, reason="no feed")
    say(working, until, down, lambda: "no feed" in working.notice)
    note = Notice(time_ns=2, level="info", text="look here")
    say(working, until, note, lambda: working.notice == "look here")


# ---- the plot below


def test_lines_survive_a_clear_of_the_plot_and_take_no_part_in_its_scale(working):
    working.plot.plot([0, 1], [1, 2])
    working.plot.plotItem.clear()
    working.plot.grab()
    assert working.lines.scene() is working.plot.scene()
    assert working.lines not in working.plot.plotItem.items
    working.plot.enableAutoRange()
    working.plot.plot([0, 20], [99.0, 101.0])
    working.plot.grab()
    low, high = working.plot.viewRange()[1]
    assert high - low < 4


def test_a_line_is_where_its_price_is_at_any_zoom_and_size(working):
    for low, high in ((90, 110), (99, 101), (0, 1000)):
        working.plot.setYRange(low, high, padding=0)
        working.window.resize(900, 500 + high)
        working.plot.grab()
        price = working.plot.plotItem.vb.mapToView(QPointF(0, working.lines.line_y("o1"))).y()
        assert price == pytest.approx(100)
    working.plot.setYRange(200, 300, padding=0)
    working.plot.grab()
    assert working.lines.label_rect("o1").isEmpty()
    assert working.lines.line_at(QPointF(10, 10)) is None


def test_many_labels_do_not_cover_each_other(working, until):
    for number in range(80):
        one = order(f"n{number}", price=Decimal(f"{95 + number / 10:.2f}"))
        working.ems.say(status(one, "open"))
    until(lambda: len(working.orders) == 81)
    working.plot.grab()
    rects = [working.lines.label_rect(key) for key in working.orders]
    pane = working.plot.plotItem.vb.rect()
    for index, rect in enumerate(rects):
        assert pane.contains(rect)
        assert not any(rect.intersects(other) for other in rects[index + 1 :])


def is_line_at(hands, price: float) -> bool:
    """Tell whether a buy is drawn across the plot at a price."""
    pixel = hands.plot.grab().toImage().pixelColor(hands.at(price, 14))
    return pixel.green() > pixel.red()


def test_an_order_is_to_be_seen_where_it_is_though_it_is_to_go_out_of_view(working):
    working.drag(100, 108)
    working.release(108)
    assert is_line_at(working, 100)
    working.plot.setYRange(95, 105, padding=0)
    assert is_line_at(working, 100)
    working.plot.setYRange(105, 115, padding=0)
    assert is_line_at(working, 108)


def test_an_order_is_to_be_seen_where_it_is_while_it_is_dragged_out_of_view(working):
    working.drag(100, 105, 109, 112)
    assert working.line.style is LineStyle.STAGED
    assert working.line.price > 110
    assert is_line_at(working, 100)
    working.tap("escape")
    assert is_line_at(working, 100)


def test_the_painted_plot_shows_the_colour_of_each_side(working, until):
    sell = order("o2", action="sell", price=Decimal("104.00"))
    say(working, until, status(sell, "open"), lambda: len(working.orders) == 2)
    image = working.plot.grab().toImage()
    buy_pixel, sell_pixel = (image.pixelColor(working.at(price, 14)) for price in (100, 104))
    assert buy_pixel.green() > buy_pixel.red()
    assert sell_pixel.red() > sell_pixel.green()
