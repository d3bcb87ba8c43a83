"""The table of orders shows what is alive, and says what is in doubt."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QAbstractItemModelTester

from ems.messages import Connection, Link, Trail
from tests.ui.tables.made_messages import MARKETS, make_fill, make_order, make_status
from ui.tables.orders import OrderCounts, OrdersModel
from ui.tables.row_model import ORDER_ROLE

BUY = make_order()
ALERT = make_order("alert", action="alert", exec_mode="dark", size=Decimal(0))


@pytest.fixture
def model(qapp):
    model = OrdersModel(MARKETS)
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    yield model
    del tester


def cells(model: OrdersModel, row: int = 0) -> dict[str, str]:
    return {
        str(model.headerData(column, Qt.Orientation.Horizontal)): model.index(row, column).data()
        for column in range(model.columnCount())
    }


def state(model: OrdersModel) -> str:
    return cells(model)["State"]


def test_an_order_reads_as_the_market_writes_its_numbers(model):
    model.on_msg(make_status(BUY, filled=Decimal(40)))
    assert cells(model) == {
        "Time": "2001-09-09 01:46:40",
        "Market": "aapl.demo.replay",
        "Side": "BUY",
        "Type": "limit",
        "Mode": "live",
        "Size": "100",
        "Filled": "40",
        "Price": "187.50",
        "Terms": "",
        "State": "working",
        "Account": "paper",
        "Group": "",
        "Id": "11111111",
    }


def test_a_market_that_is_not_known_yet_writes_numbers_as_they_are(model):
    model.on_msg(make_status(make_order(symbol="x.y", price=Decimal("0.120"))))
    assert cells(model)["Price"] == "0.120"


@pytest.mark.parametrize(
    ("resp", "more", "words"),
    [
        ("pending", {}, "asked for"),
        ("open", {}, "working"),
        ("dark_open", {}, "held here"),
        ("triggered", {}, "triggered"),
        ("open", {"cancel_called": True}, "cancel asked for"),
        ("open", {"change": BUY}, "change asked for"),
        ("pending", {"outcome_unknown": True}, "outcome unknown"),
        ("open", {"stale": True}, "stale, was working"),
        ("open", {"stale": True, "cancel_called": True}, "stale, was working"),
        ("open", {"outcome_unknown": True, "stale": True}, "outcome unknown"),
        ("dark_open", {"waits": True}, "waits for its group"),
        ("open", {"triggered": True}, "triggered, working"),
        ("open", {"refused": "cancel", "reason": "no"}, "working"),
    ],
)
def test_the_state_in_words(model, resp, more, words):
    model.on_msg(make_status(BUY, resp, **more))
    assert state(model) == words


@pytest.mark.parametrize("resp", ["closed", "canceled", "error"])
def test_an_order_that_ended_leaves(model, resp):
    other = make_order("other")
    model.on_msg(make_status(BUY))
    model.on_msg(make_status(other))
    model.on_msg(make_status(BUY, resp))
    assert [row.order.oid for row in model.rows()] == ["other"]
    model.on_msg(make_status(other, "pending"))
    assert state(model) == "asked for"


def test_a_dark_order_that_triggered_stays_and_an_alert_that_rang_leaves(model):
    model.on_msg(make_status(BUY, "triggered"))
    model.on_msg(make_status(ALERT, "dark_open"))
    model.on_msg(make_status(ALERT, "triggered"))
    assert [row.order.oid for row in model.rows()] == [BUY.oid]


def test_a_fill_leaves_the_state_as_it_was(model):
    model.on_msg(make_status(BUY))
    model.on_msg(make_fill(BUY, 40))
    assert state(model) == "working"
    assert cells(model)["Filled"] == "40"


def test_a_late_fill_does_not_bring_an_order_back(model):
    model.on_msg(make_status(BUY))
    model.on_msg(make_status(BUY, "canceled"))
    model.on_msg(make_fill(BUY, 40))
    assert model.rowCount() == 0


def test_a_change_of_price_shows_once_it_is_confirmed(model):
    model.on_msg(make_status(BUY, change=make_order(price=Decimal(180))))
    assert cells(model)["Price"] == "187.50"
    model.on_msg(make_status(make_order(price=Decimal(180))))
    assert cells(model)["Price"] == "180.00"


def test_an_order_keeps_the_time_when_it_was_first_heard_of(model):
    model.on_msg(make_status(BUY, "pending", time_ns=10**18))
    model.on_msg(make_status(BUY, "open", time_ns=10**18 + 10**12))
    assert cells(model)["Time"] == "2001-09-09 01:46:40"


def test_an_alert_has_no_size_and_no_mode(model):
    model.on_msg(make_status(ALERT, "dark_open"))
    assert (cells(model)["Size"], cells(model)["Mode"]) == ("", "")


def test_counts_tell_where_the_orders_are(model):
    model.on_msg(make_status(BUY))
    model.on_msg(make_status(make_order("p"), "pending"))
    model.on_msg(make_status(make_order("d", exec_mode="dark"), "dark_open"))
    model.on_msg(make_status(make_order("t", exec_mode="dark"), "triggered"))
    model.on_msg(make_status(ALERT, "dark_open"))
    assert model.counts() == OrderCounts(at_venue=3, dark=1, alerts=1)


def test_one_status_changes_one_row(model, qtbot):
    for number in range(3):
        model.on_msg(make_status(make_order(str(number))))
    with qtbot.waitSignal(model.dataChanged, timeout=5000) as changed:
        model.on_msg(make_status(make_order("1"), "pending"))
    top_left, bottom_right = changed.args[:2]
    assert (top_left.row(), bottom_right.row()) == (1, 1)


def test_a_status_that_says_nothing_new_changes_nothing(model, qtbot):
    model.on_msg(make_status(BUY))
    with qtbot.assertNotEmitted(model.dataChanged):
        model.on_msg(make_status(BUY))


def test_other_messages_are_for_others(model):
    model.on_msg(Connection(broker="ib", up=True, time_ns=1))
    assert model.rowCount() == 0


def test_prices_are_sorted_as_numbers(model):
    model.on_msg(make_status(make_order("a", price=Decimal(99))))
    model.on_msg(make_status(make_order("b", price=Decimal(1000))))
    price = list(cells(model)).index("Price")
    low, high = (model.index(row, price).data(ORDER_ROLE) for row in (0, 1))
    assert low < high


RESPS = ["pending", "open", "dark_open", "triggered", "fill", "closed", "canceled", "error"]


@given(st.lists(st.tuples(st.integers(0, 4), st.sampled_from(RESPS)), max_size=40))
def test_whatever_comes_the_rows_are_the_orders_that_are_alive(said):
    """Each row stays under its key, whichever rows before it leave."""
    model, alive = OrdersModel(MARKETS), {}
    for number, resp in said:
        order = make_order(str(number), price=Decimal(100 + number))
        model.on_msg(make_status(order, resp))
        if resp in ("closed", "canceled", "error"):
            alive.pop(order.oid, None)
        elif resp != "fill":
            alive[order.oid] = resp
    assert {row.order.oid: row.resp for row in model.rows()} == alive
    for oid in alive:
        found = model.get(oid)
        assert found is not None
        assert found.order.oid == oid


@pytest.mark.parametrize(
    ("facts", "kind", "terms", "group"),
    [
        ({"type": "stop"}, "stop", "", ""),
        (
            {"type": "stop_limit", "limit_price": Decimal("188.00"), "tif": "day"},
            "stop-limit",
            "limit 188.00 · day",
            "",
        ),
        (
            {"type": "trailing_stop", "trail": Trail(Decimal(2), "percent")},
            "trailing stop",
            "trails 2 %",
            "",
        ),
        (
            {"link": Link(group="22222222-bbbb", role="target"), "reduce_only": True},
            "take-profit",
            "reduce-only",
            "22222222",
        ),
        (
            {
                "type": "trailing_stop",
                "trail": Trail(Decimal("1.50")),
                "link": Link(group="22222222-bbbb", role="stop"),
            },
            "stop-loss, trailing stop",
            "trails 1.50",
            "22222222",
        ),
    ],
)
def test_type_terms_and_group_are_told(model, facts, kind, terms, group):
    model.on_msg(make_status(make_order(**facts)))
    row = cells(model)
    assert (row["Type"], row["Terms"], row["Group"]) == (kind, terms, group)


def test_one_of_two_whose_other_has_ended_is_no_oco_any_more(model):
    low, high, third = (
        make_order(oid, link=Link(group="pair", role="peer")) for oid in ("low", "high", "third")
    )
    model.on_msg(make_status(low))
    model.on_msg(make_status(high))
    assert [cells(model, row)["Type"] for row in (0, 1)] == ["OCO, limit"] * 2
    model.on_msg(make_status(low, "canceled"))
    assert cells(model)["Type"] == "limit"
    model.on_msg(make_status(high, filled=Decimal(1)))
    assert cells(model)["Type"] == "limit"
    model.on_msg(make_status(third))
    assert [cells(model, row)["Type"] for row in (0, 1)] == ["OCO, limit"] * 2
