from decimal import Decimal

import hypothesis.strategies as st
import pytest
from hypothesis import given

from ems.client import EmsClient
from ems.errors import JournalWriteError
from ems.messages import Connection, Notice, Position, Status
from order_mode.chart_port import ChartPort
from order_mode.line import LineStyle
from order_mode.order_mode import OrderMode
from order_mode.sizing import Sizing
from tests.order_mode.listed_chart import ListedChart
from tests.sims.scripted_ems import FQSN, MARKET, ScriptedEms, fill, moved, order, status

ORDER = order()


class Desk:
    """Order mode with a chart that lists and an EMS that does as it is told."""

    def __init__(self, **facts):
        self.ems = ScriptedEms(**facts)
        self.chart = ListedChart()
        client: EmsClient = self.ems
        chart: ChartPort = self.chart
        ids = iter(f"oid-{number}" for number in range(1000))
        self.mode = OrderMode(
            client, MARKET, "paper", chart, Sizing(Decimal(100), "units", 4), new_oid=ids.__next__
        )

    def hold(self, *keys, at=None):
        for key in keys:
            self.mode.key_pressed(key, time_ns=0)
        if at is not None:
            self.mode.pointer_moved(at)

    def let_go(self, *keys):
        for key in keys:
            self.mode.key_released(key)

    @property
    def line(self):
        [line] = self.chart.orders.values()
        return line


@pytest.fixture
def desk():
    return Desk()


@pytest.fixture
def desk_with_order(desk):
    desk.mode.on_msg(status(ORDER, "open"))
    desk.chart.marked = "o1"
    return desk


# ---- placing


def test_hold_and_click_places_a_dark_buy_at_the_tick(desk):
    desk.hold("f", at=99.996)
    assert desk.chart.lines["staged"].price == Decimal("100.00")
    assert desk.mode.clicked(99.996)
    [sent] = desk.ems.submitted
    assert (sent.oid, sent.action, sent.exec_mode) == ("oid-0", "buy", "dark")
    assert (sent.price, sent.size) == (Decimal("100.00"), Decimal(25))
    assert (sent.symbol, sent.account) == (FQSN, "paper")
    assert desk.line.style is LineStyle.DOTTED


@pytest.mark.parametrize("live", ["ctrl", "s"])
def test_with_a_live_key_it_is_live(desk, live):
    desk.hold("d", live, at=100)
    desk.mode.clicked(100)
    assert [(sent.action, sent.exec_mode) for sent in desk.ems.submitted] == [("sell", "live")]


def test_an_alert_has_no_size_and_is_never_live(desk):
    desk.hold("a", "s", at=100)
    desk.mode.clicked(100)
    [sent] = desk.ems.submitted
    assert (sent.action, sent.exec_mode, sent.size) == ("alert", "dark", 0)


def test_a_click_with_no_key_held_is_not_ours(desk):
    desk.mode.pointer_moved(100)
    assert not desk.mode.clicked(100)
    assert desk.ems.requests == 0


def test_each_click_while_the_key_is_held_is_an_order_of_its_own(desk):
    desk.hold("f", at=100)
    desk.mode.clicked(100)
    desk.mode.clicked(99)
    assert [sent.oid for sent in desk.ems.submitted] == ["oid-0", "oid-1"]


def test_the_staged_line_tells_its_story_before_the_click(desk):
    desk.mode.set_last(101.0)
    desk.hold("f", "s", at=100)
    label = desk.chart.lines["staged"].label
    assert (label.side, label.mode, label.size, label.account) == ("BUY", "at paper", "25", "PAPER")
    assert (label.type, label.notional) == ("limit", "2,500.00 USD")
    assert label.distance == "-100 ticks (-0.99%)"
    assert label.after == "→ +25 avg 100.00"


def test_the_staged_label_tells_the_new_position_and_its_break_even(desk):
    first = order(size=Decimal(10), price=Decimal("100.00"))
    execution = fill(first, size=10, fee=Decimal("1.00"), fee_currency="USD")
    desk.mode.on_msg(status(first, "closed", filled=Decimal(10), brokerd_msg=execution))
    desk.mode.on_msg(
        Position(
            account="paper", symbol=FQSN, size=Decimal(10), time_ns=1, avg_price=Decimal("100.00")
        )
    )
    desk.hold("f", at=102)  # 25 more; a fee of 0.1 per cent is expected
    label = desk.chart.lines["staged"].label
    assert label.after == "→ +35 avg 101.43 b/e 101.63"
    desk.let_go("f")
    desk.hold("d", at=102)
    label = desk.chart.lines["staged"].label
    assert (label.size, label.profit, label.after) == ("10", "P&L +20.00", "→ flat")


def test_a_fill_that_is_put_right_takes_the_place_of_the_old_one_with_its_fee(desk):
    first = order(size=Decimal(10), price=Decimal("100.00"))
    wrong = fill(first, exec_id="x.01", size=8, fee=Decimal("9.00"), fee_currency="USD")
    right = fill(first, exec_id="x.02", size=10, replaces="x.01")
    paid = fill(
        first, exec_id="x.02", size=10, fee=Decimal("1.00"), fee_currency="USD", replaces="x.02"
    )
    desk.mode.on_msg(status(first, "open"))
    for execution in (wrong, right, paid):
        desk.mode.on_msg(status(first, "fill", filled=execution.size, brokerd_msg=execution))
    desk.mode.on_msg(
        Position(
            account="paper", symbol=FQSN, size=Decimal(10), time_ns=1, avg_price=Decimal("100.00")
        )
    )
    assert desk.mode.fills == [paid]
    desk.hold("f", at=102)
    assert desk.chart.lines["staged"].label.after == "→ +35 avg 101.43 b/e 101.63"


def test_an_exit_at_rest_shows_what_it_would_realise_of_the_position_as_it_is(desk):
    desk.mode.on_msg(status(order(action="sell", price=Decimal("103.00")), "open"))
    assert desk.line.label.profit == ""
    held = Position(
        account="paper", symbol=FQSN, size=Decimal(10), time_ns=1, avg_price=Decimal("100.00")
    )
    desk.mode.on_msg(held)
    assert desk.line.label.profit == "P&L +30.00"  # of the 10 that it would close


def test_the_view_is_held_while_staged_and_only_then(desk):
    desk.hold("f")
    assert desk.chart.held == 0  # the pointer is not over the plot
    desk.mode.pointer_moved(100)
    desk.mode.pointer_moved(101)
    assert desk.chart.held == 1
    desk.let_go("f")
    assert desk.chart.held == 0
    assert "staged" not in desk.chart.lines


@pytest.mark.parametrize("how", ["escape", "disarm", "leave", "second key"])
def test_what_unstages_leaves_no_line_and_a_click_places_nothing(desk, how):
    desk.hold("f", at=100)
    match how:
        case "escape":
            assert desk.mode.key_pressed("escape", time_ns=0)
        case "disarm":
            desk.mode.disarm()
        case "leave":
            desk.mode.pointer_moved(None)
            assert desk.mode.staged is None
            return
        case _:
            desk.hold("d")
            assert "both held" in desk.chart.told
    assert desk.chart.lines == {}
    assert not desk.mode.clicked(100)
    assert desk.ems.requests == 0


def test_escape_with_nothing_to_give_up_is_left_to_the_program(desk):
    assert not desk.mode.key_pressed("escape", time_ns=0)


def test_digits_set_the_slots(desk):
    changes = []
    desk.mode.listeners.append(lambda: changes.append(desk.mode.sizing.slots))
    desk.hold("f", "1", "0", at=100)
    assert desk.chart.lines["staged"].label.size == "10"
    assert changes == [1, 10, 10]  # the last one: a line is staged


def test_an_order_beyond_the_limit_is_not_sent_and_the_user_is_told(desk):
    desk.mode.on_msg(Position(account="paper", symbol=FQSN, size=Decimal(100), time_ns=1))
    desk.hold("f", at=100)
    assert "limit of 100" in desk.chart.lines["staged"].refused
    assert desk.mode.clicked(100)
    assert desk.ems.requests == 0
    assert "limit of 100" in desk.chart.told


def test_orders_at_work_count_for_the_limit(desk):
    for _ in range(5):
        desk.hold("f", at=100)
        desk.mode.clicked(100)
    assert len(desk.ems.submitted) == 4


def test_positions_of_other_accounts_do_not_count(desk):
    desk.mode.on_msg(Position(account="paper.two", symbol=FQSN, size=Decimal(100), time_ns=1))
    desk.hold("f", at=100)
    assert not desk.chart.lines["staged"].refused


def test_an_ems_that_does_not_take_the_order_leaves_no_line(desk):
    def full():
        raise JournalWriteError("the disk is full")

    desk.ems.refuse = full
    desk.hold("f", at=100)
    desk.mode.clicked(100)
    assert desk.chart.orders == {}
    assert "the disk is full" in desk.chart.told


# ---- the life of an order on the chart


def test_a_line_follows_its_order_from_asked_for_to_filled(desk):
    desk.hold("f", "s", at=100)
    desk.mode.clicked(100)
    desk.let_go("f", "s")
    [sent] = desk.ems.submitted
    desk.mode.on_msg(status(sent, "pending"))
    assert desk.line.style is LineStyle.DOTTED
    desk.mode.on_msg(status(sent, "open"))
    assert desk.line.style is LineStyle.SOLID
    part = status(sent, "fill", filled=Decimal(10), brokerd_msg=fill(sent))
    desk.mode.on_msg(part)
    assert desk.line.label.size == "15/25"
    last = status(sent, "closed", filled=Decimal(25), brokerd_msg=fill(sent, exec_id="x2", size=15))
    desk.mode.on_msg(last)
    assert desk.chart.lines == {}
    assert [one.exec_id for one in desk.chart.fills] == ["x1", "x2"]
    assert "Filled: buy 25 at 100.00 (PAPER)" in desk.chart.told


@pytest.mark.parametrize("resp", ["canceled", "closed"])
def test_an_order_that_ends_takes_its_line_along(desk_with_order, resp):
    desk_with_order.mode.on_msg(status(ORDER, resp))
    assert desk_with_order.chart.lines == {}
    assert desk_with_order.mode.dialogs == {}


def test_an_alert_that_rings_goes_and_says_so(desk):
    alert = order(action="alert", exec_mode="dark", size=Decimal(0))
    desk.mode.on_msg(status(alert, "dark_open"))
    assert desk.line.style is LineStyle.DASHED
    desk.mode.on_msg(status(alert, "triggered"))
    assert desk.chart.lines == {}
    assert "Alert at 100.00 reached" in desk.chart.told


def test_a_refused_order_stays_red_until_it_is_seen(desk_with_order):
    desk, mode = desk_with_order, desk_with_order.mode
    mode.on_msg(status(ORDER, "error", reason="insufficient funds"))
    assert desk.line.refused == "insufficient funds"
    assert "insufficient funds" in desk.chart.told
    mode.key_pressed("c", time_ns=0)
    assert desk.chart.lines == {}
    assert desk.ems.requests == 0


def test_acknowledge_dismisses_only_what_was_refused(desk_with_order):
    desk_with_order.mode.line_clicked("o1")
    assert desk_with_order.chart.orders
    desk_with_order.mode.on_msg(status(ORDER, "error", reason="no"))
    desk_with_order.mode.line_clicked("o1")
    assert desk_with_order.chart.orders == {}


def test_an_order_from_elsewhere_appears_and_goes(desk):
    outside = order("o9", account="ib.main")
    desk.mode.on_msg(status(outside, "open", origin="made in TWS"))
    assert desk.line.label.origin == "made in TWS"
    assert desk.line.label.account == "LIVE ib.main"
    desk.mode.on_msg(status(outside, "canceled"))
    assert desk.chart.lines == {}


def test_an_unknown_order_can_be_loaded_and_needs_its_req(desk):
    dialog = desk.mode.load_unknown_dialog_from_msg(status(ORDER, "dark_open"))
    assert desk.mode.dialogs == {"o1": dialog}
    with pytest.raises(ValueError, match="no req"):
        desk.mode.load_unknown_dialog_from_msg(Status(oid="o1", time_ns=1, resp="open"))


def test_orders_of_other_markets_are_left_alone(desk):
    desk.mode.on_msg(status(order(symbol="msft.demo.replay"), "open"))
    desk.mode.on_msg(Position(account="paper", symbol="msft.demo", size=Decimal(9), time_ns=1))
    assert desk.chart.lines == {}
    assert desk.mode.position is None


def test_a_late_fill_shows_and_revives_nothing(desk_with_order):
    desk = desk_with_order
    desk.mode.on_msg(status(ORDER, "canceled"))
    late = status(ORDER, "fill", filled=Decimal(10), brokerd_msg=fill(ORDER))
    desk.mode.on_msg(late)
    assert desk.chart.lines == {}
    assert len(desk.chart.fills) == 1


async def test_a_fill_from_the_journal_is_not_shown_twice():
    desk = Desk(journal=(fill(ORDER), fill(order(symbol="msft.demo.replay"), exec_id="x9")))
    await desk.mode.load_fills()
    desk.mode.on_msg(status(ORDER, "fill", filled=Decimal(10), brokerd_msg=fill(ORDER)))
    assert [one.exec_id for one in desk.chart.fills] == ["x1"]


def test_the_same_execution_id_of_two_accounts_are_two(desk):
    for one in (ORDER, order("o2", account="ib.main")):
        desk.mode.on_msg(status(one, "open"))
        desk.mode.on_msg(status(one, "fill", filled=Decimal(10), brokerd_msg=fill(one)))
    assert len(desk.chart.fills) == 2


# ---- cancelling


def test_c_cancels_under_the_cursor_once(desk_with_order):
    desk = desk_with_order
    desk.mode.key_pressed("c", time_ns=0)
    desk.mode.key_pressed("c", time_ns=10**9)
    [sent] = desk.ems.canceled
    assert (sent.oid, sent.symbol, sent.account) == ("o1", FQSN, "paper")
    assert desk.line.cancel_called


def test_c_over_nothing_cancels_nothing(desk_with_order):
    desk_with_order.chart.marked = None
    assert desk_with_order.mode.key_pressed("c", time_ns=0)
    assert desk_with_order.ems.requests == 0


def test_cc_cancels_each_order_of_this_chart_once(desk_with_order):
    desk = desk_with_order
    desk.mode.on_msg(status(order("o2", exec_mode="dark"), "dark_open"))
    desk.mode.on_msg(status(order("o3", action="alert", size=Decimal(0)), "dark_open"))
    desk.mode.key_pressed("c", time_ns=0)
    desk.mode.key_pressed("c", time_ns=10**8)
    assert sorted(sent.oid for sent in desk.ems.canceled) == ["o1", "o2", "o3"]


def test_a_refused_cancel_brings_the_line_back_with_the_reason(desk_with_order):
    desk = desk_with_order
    desk.mode.cancel("o1")
    desk.mode.on_msg(status(ORDER, "open", refused="cancel", reason="market closed"))
    assert not desk.line.cancel_called
    assert "market closed" in desk.chart.told
    desk.mode.cancel("o1")
    assert len(desk.ems.canceled) == 2


# ---- dragging


def test_a_drag_sends_one_modify_when_it_is_dropped(desk_with_order):
    desk = desk_with_order
    assert desk.mode.drag_started("o1")
    assert desk.chart.held == 1
    for price in (100.4, 100.8, 101.2):
        desk.mode.drag_moved(price)
    assert desk.ems.requests == 0
    desk.mode.drag_dropped(101.204)
    assert desk.ems.modified == [moved(ORDER, "101.20")]
    assert desk.line.ghost_price == Decimal("100.00")
    assert desk.chart.held == 0


@pytest.mark.parametrize("how", ["same price", "escape", "disarm", "aborted"])
def test_a_drag_that_comes_to_nothing_sends_nothing(desk_with_order, how):
    desk = desk_with_order
    desk.mode.drag_started("o1")
    desk.mode.drag_moved(102)
    match how:
        case "same price":
            desk.mode.drag_dropped(100.004)
        case "escape":
            assert desk.mode.key_pressed("escape", time_ns=0)
        case "disarm":
            desk.mode.disarm()
        case _:
            desk.mode.drag_aborted()
    desk.mode.drag_dropped(105)  # the hand is empty
    assert desk.ems.requests == 0
    assert desk.line.price == Decimal("100.00")
    assert desk.line.style is LineStyle.SOLID
    assert desk.chart.held == 0


@pytest.mark.parametrize(
    "ending", [status(ORDER, "closed"), status(ORDER, "open", cancel_called=True)]
)
def test_an_order_that_ends_in_mid_drag_ends_the_drag(desk_with_order, ending):
    desk = desk_with_order
    desk.mode.drag_started("o1")
    desk.mode.drag_moved(102)
    desk.mode.on_msg(ending)
    assert not desk.mode.dragging
    assert "Not moved" in desk.chart.told
    desk.mode.drag_dropped(102)
    assert desk.ems.requests == 0
    assert desk.chart.held == 0


def test_a_part_filled_in_mid_drag_does_not_stop_the_hand(desk_with_order):
    desk = desk_with_order
    desk.mode.drag_started("o1")
    desk.mode.drag_moved(102)
    desk.mode.on_msg(status(ORDER, "fill", filled=Decimal(10)))
    assert desk.line.price == Decimal("102.00")
    desk.mode.drag_dropped(102)
    assert desk.ems.modified == [moved(ORDER, "102.00")]


@pytest.mark.parametrize("doubt", ["stale", "outcome_unknown", "cancel_called"])
def test_what_is_in_doubt_cannot_be_dragged_and_says_why(desk, doubt):
    desk.mode.on_msg(status(ORDER, "open", **{doubt: True}))
    assert not desk.mode.drag_started("o1")
    assert "Cannot move buy 30 at 100.00" in desk.chart.told


def test_a_refused_modify_snaps_back_with_the_reason_once(desk_with_order):
    desk = desk_with_order
    desk.mode.drag_started("o1")
    desk.mode.drag_dropped(101)
    desk.mode.on_msg(status(ORDER, "open", change=moved(ORDER, "101.00")))
    refused = status(ORDER, "open", refused="modify", reason="price too far")
    desk.mode.on_msg(refused)
    desk.mode.on_msg(refused)
    assert (desk.line.price, desk.line.ghost_price) == (Decimal("100.00"), None)
    assert desk.chart.told.count("price too far") == 1


def test_nothing_is_staged_while_a_line_is_in_the_hand(desk_with_order):
    desk = desk_with_order
    desk.mode.drag_started("o1")
    desk.hold("f", at=101)
    assert not desk.mode.clicked(101)
    assert desk.ems.requests == 0


# ---- around


def test_connections_and_notices_are_told(desk):
    desk.mode.on_msg(Connection(broker="ib", up=True, time_ns=1))
    assert desk.chart.told == ""  # up at the start is no news
    desk.mode.on_msg(Connection(broker="ib", up=False, time_ns=2, reason="TWS went away"))
    desk.mode.on_msg(Connection(broker="ib", up=True, time_ns=3))
    desk.mode.on_msg(Notice(time_ns=4, level="warning", text="look here"))
    assert [level for _, level in desk.chart.notices] == ["error", "info", "warning"]
    assert "TWS went away" in desk.chart.told


def test_when_the_ems_falls_silent_lines_are_stale_and_nothing_can_be_sent(desk_with_order):
    desk = desk_with_order
    desk.mode.lose("the EMS stopped")
    assert desk.line.stale
    desk.hold("f", at=100)
    desk.mode.clicked(100)
    desk.mode.cancel("o1")
    assert not desk.mode.drag_started("o1")
    assert desk.ems.requests == 0
    assert "the EMS stopped" in desk.chart.told


def test_the_help_key_shows_and_hides_the_keys(desk):
    desk.hold("?")
    assert desk.chart.keys_shown
    desk.hold("?")
    assert not desk.chart.keys_shown
    desk.hold("?")
    assert desk.mode.key_pressed("escape", time_ns=0)
    assert not desk.chart.keys_shown


KEYS = ["f", "d", "s", "escape", "c", "-f", "-d", "-s"]
ACTS = ["move", "leave", "click", "disarm", "grab", "drag", "drop", "answer"]
GESTURES = st.lists(st.sampled_from([*KEYS, *ACTS]), max_size=40)


@given(GESTURES)
def test_hands_never_slip(gestures):
    """An order needs a click with exactly one order key held; a modify needs a drop."""
    desk = Desk(obedient=True)
    allowed, drops = 0, 0
    down = set()
    for gesture in gestures:
        match gesture:
            case "move":
                desk.mode.pointer_moved(100)
            case "leave":
                desk.mode.pointer_moved(None)
            case "click":
                allowed += len(down & {"f", "d"}) == 1 and not desk.mode.dragging
                desk.mode.clicked(101)
            case "disarm":
                down.clear()
                desk.mode.disarm()
            case "grab" if desk.mode.dialogs:
                desk.mode.drag_started(next(iter(desk.mode.dialogs)))
            case "drag":
                desk.mode.drag_moved(103)
            case "drop":
                drops += desk.mode.dragging
                desk.mode.drag_dropped(104)
            case "answer":
                while not desk.ems.inbox.empty():
                    desk.mode.on_msg(desk.ems.inbox.get_nowait())
            case key if key.startswith("-"):
                down.discard(key[1:])
                desk.let_go(key[1:])
            case key if len(key) == 1 or key == "escape":
                down = down - {"f", "d"} if key == "escape" else down | {key}
                desk.hold(key)
        assert len(desk.ems.submitted) <= allowed
        assert len(desk.ems.modified) <= drops
        assert desk.chart.held == (desk.mode.staged is not None or desk.mode.dragging)
        assert ("staged" in desk.chart.lines) == (desk.mode.staged is not None)
        assert set(desk.chart.orders) == set(desk.mode.dialogs)
