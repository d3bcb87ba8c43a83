"""Order mode on a plot with ``setLogMode(y=True)``: prices stay prices."""

from decimal import Decimal

import pytest
from PyQt6.QtCore import QPointF

from ems.messages import BrokerdFill
from order_mode.line import LineStyle
from tests.sims.scripted_ems import ScriptedEms, fill, order, status

TICK = Decimal("0.01")


@pytest.fixture
def log_hands(obedient):
    """A plot from 10 to 1,000 on a logarithmic axis."""
    obedient.plot.setLogMode(y=True)
    obedient.plot.setYRange(1.0, 3.0, padding=0)
    return obedient


def price_at(hands, point) -> float:
    scene = hands.plot.mapToScene(point)
    return 10 ** hands.plot.plotItem.vb.mapSceneToView(scene).y()


@pytest.mark.parametrize("price", [12.0, 31.6, 150.0, 900.0])
def test_a_click_places_at_the_price_under_the_cursor_to_the_tick(log_hands, price):
    log_hands.move(price)
    log_hands.hold("f")
    shown = log_hands.lines.lines["staged"].price
    log_hands.click(price)
    [sent] = log_hands.ems.submitted
    under = price_at(log_hands, log_hands.at(price))
    assert sent.price == shown
    assert sent.price % TICK == 0
    assert abs(float(sent.price) - under) <= 0.005 + 1e-9
    assert abs(float(sent.price) / price - 1) < 0.01


def test_a_line_is_where_the_logarithm_of_its_price_is(log_hands, until):
    log_hands.ems.say(status(order(price=Decimal(100)), "open"))
    until(lambda: log_hands.orders)
    view = log_hands.plot.plotItem.vb
    [key] = log_hands.orders
    assert log_hands.lines.line_y(key) == pytest.approx(view.mapFromView(QPointF(0, 2.0)).y())
    log_hands.move(100)
    assert log_hands.lines.line_at_cursor() == key


def test_a_drag_moves_the_order_to_the_price_where_it_is_let_go(log_hands, until):
    sent = order(price=Decimal(100))
    log_hands.ems.submit(sent)
    until(lambda: log_hands.orders and log_hands.line.style is LineStyle.SOLID)
    log_hands.drag(100, 200, 400)
    log_hands.release(400)
    [sent] = log_hands.ems.modified
    assert float(sent.price) == pytest.approx(400, rel=0.01)
    assert sent.price % TICK == 0


def test_fills_point_at_their_prices(make_hands):
    done: BrokerdFill = fill(order(price=Decimal(100)))
    hands = make_hands(ScriptedEms(journal=(done,)), x_of_time=lambda _: 5.0)
    hands.plot.setLogMode(y=True)
    hands.plot.setYRange(1.0, 3.0, padding=0)
    view = hands.plot.plotItem.vb
    tip = hands.attachment.port.arrows.point_of(done)
    assert 10 ** view.mapToView(tip).y() == pytest.approx(float(done.price))


def test_orders_at_and_below_zero_are_out_of_view(log_hands, until):
    log_hands.ems.say(status(order(price=Decimal(-5)), "open"))
    until(lambda: log_hands.orders)
    [key] = log_hands.orders
    assert log_hands.lines.label_rect(key).isEmpty()
    assert not log_hands.plot.grab().isNull()


def test_turned_on_while_an_order_is_staged_it_stages_no_more(hands):
    hands.move(100)
    hands.hold("f")
    assert hands.mode.staged is not None
    hands.plot.setLogMode(y=True)
    assert hands.mode.staged is None
    hands.press(100)
    hands.release(100)
    assert hands.ems.requests == 0


def test_turned_on_while_a_line_is_dragged_it_gets_its_price_back(hands, until):
    hands.ems.say(status(order(price=Decimal(100)), "open"))
    until(lambda: hands.orders)
    hands.drag(100, 102, 104)
    hands.plot.setLogMode(y=True)
    hands.plot.setYRange(1.0, 3.0, padding=0)
    hands.release(104)
    assert hands.ems.requests == 0
    assert hands.line.price == 100


def test_turned_off_again_the_lines_are_back(hands, until):
    hands.ems.say(status(order(price=Decimal(100)), "open"))
    until(lambda: hands.orders)
    [key] = hands.orders
    before = hands.lines.line_y(key)
    hands.plot.setLogMode(y=True)
    hands.plot.setYRange(0.0, 1.0, padding=0)
    hands.plot.setLogMode(y=False)
    hands.plot.setYRange(90, 110, padding=0)
    assert hands.lines.line_y(key) == pytest.approx(before)
