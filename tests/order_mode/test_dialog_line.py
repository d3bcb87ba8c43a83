from decimal import Decimal

import pytest

from order_mode.dialog import Dialog
from order_mode.dialog_line import Surroundings, line_of
from order_mode.line import LineStyle
from tests.sims.scripted_ems import MARKET, fill, moved, order, status

ORDER = order()


@pytest.fixture
def dialog():
    return Dialog(ORDER, MARKET)


def opened(**facts):
    dialog = Dialog(ORDER, MARKET)
    dialog.apply(status(ORDER, "open", **facts))
    return dialog


def test_before_any_status_the_line_is_only_asked_for(dialog):
    line = line_of(dialog)
    assert line.style is LineStyle.DOTTED
    assert line.label.note == "asked for"
    assert (line.label.side, line.label.size, line.label.price) == ("BUY", "30", "100.00")


@pytest.mark.parametrize(
    ("resp", "style"),
    [
        ("pending", LineStyle.DOTTED),
        ("open", LineStyle.SOLID),
        ("dark_open", LineStyle.DASHED),
        ("triggered", LineStyle.DOTTED),
    ],
)
def test_the_style_says_how_sure_it_is(dialog, resp, style):
    dialog.apply(status(ORDER, resp))
    assert line_of(dialog).style is style
    assert not dialog.done


def test_a_fill_is_an_event_and_no_state():
    dialog = opened()
    dialog.apply(status(ORDER, "fill", filled=Decimal(10), brokerd_msg=fill(ORDER)))
    line = line_of(dialog)
    assert dialog.state == "open"
    assert line.style is LineStyle.SOLID
    assert line.label.size == "20/30"
    assert line.filled == pytest.approx(1 / 3)
    assert line.draggable


def test_a_fill_before_open_says_that_the_venue_has_it(dialog):
    dialog.apply(status(ORDER, "pending"))
    dialog.apply(status(ORDER, "fill", filled=Decimal(10)))
    assert line_of(dialog).style is LineStyle.SOLID


def test_paper_and_money_are_told_apart():
    assert line_of(opened()).label.account == "PAPER"
    live = Dialog(order(account="ib.main"), MARKET)
    assert line_of(live).label.account == "LIVE ib.main"
    assert line_of(Dialog(order(account="paper.two"), MARKET)).label.account == "PAPER two"


def test_a_change_asked_for_leaves_a_ghost_until_it_is_granted():
    dialog, wanted = opened(), moved(ORDER, "99.50")
    dialog.ask_change(wanted)
    for told in (None, status(ORDER, "open", change=wanted)):
        if told:
            dialog.apply(told)
        line = line_of(dialog)
        assert (line.price, line.ghost_price) == (Decimal("99.50"), Decimal("100.00"))
        assert (line.style, line.ghost_style) == (LineStyle.DOTTED, LineStyle.SOLID)
    dialog.apply(status(wanted, "open"))
    line = line_of(dialog)
    assert (line.price, line.ghost_price) == (Decimal("99.50"), None)
    assert line.style is LineStyle.SOLID


def test_a_status_from_before_the_change_does_not_take_it_back():
    dialog, wanted = opened(), moved(ORDER, "99.50")
    dialog.ask_change(wanted)
    dialog.apply(status(ORDER, "fill", filled=Decimal(5)))
    assert line_of(dialog).price == Decimal("99.50")


def test_a_refused_change_puts_the_line_back():
    dialog, wanted = opened(), moved(ORDER, "99.50")
    dialog.ask_change(wanted)
    refused = status(ORDER, "open", refused="modify", reason="too far")
    assert dialog.newly_refused(refused) == "modify"
    dialog.apply(refused)
    assert (line_of(dialog).price, line_of(dialog).ghost_price) == (Decimal("100.00"), None)
    assert dialog.newly_refused(refused) is None  # told again, it is no news


def test_nothing_is_confirmed_so_a_pending_order_leaves_no_ghost(dialog):
    dialog.ask_change(moved(ORDER, "99.50"))
    assert line_of(dialog).ghost_price is None


def test_a_cancel_shows_at_once_and_stays_until_answered():
    dialog = opened()
    dialog.ask_cancel()
    dialog.apply(status(ORDER, "open"))  # sent before the cancel came
    assert line_of(dialog).cancel_called
    assert not line_of(dialog).draggable
    dialog.apply(status(ORDER, "open", cancel_called=True))
    assert line_of(dialog).cancel_called
    back = status(ORDER, "open", refused="cancel", reason="not now")
    assert dialog.newly_refused(back) == "cancel"
    dialog.apply(back)
    assert not line_of(dialog).cancel_called
    assert line_of(dialog).draggable


@pytest.mark.parametrize("doubt", ["stale", "outcome_unknown", "cancel_called"])
def test_what_is_in_doubt_is_shown_and_not_moved(doubt):
    dialog = opened(**{doubt: True})
    line = line_of(dialog)
    assert getattr(line, doubt)
    assert not line.draggable
    assert dialog.why_fixed
    assert line.label.note


def test_a_refused_order_shows_the_words_of_the_venue(dialog):
    dialog.apply(status(ORDER, "error", reason="insufficient funds"))
    assert line_of(dialog).refused == "insufficient funds"
    assert "insufficient funds" in line_of(dialog).label.note


def test_an_order_the_venue_turns_out_to_have_comes_back_from_its_refusal(dialog):
    dialog.apply(status(ORDER, "error", reason="timed out"))
    dialog.apply(status(ORDER, "open"))
    assert line_of(dialog).refused == ""
    assert line_of(dialog).style is LineStyle.SOLID


def test_a_dragged_line_is_in_the_hand_with_a_ghost_where_the_order_is():
    dialog = opened()
    dialog.drag_price = Decimal("101.00")
    line = line_of(dialog, Surroundings(last=100.0))
    assert line.style is LineStyle.STAGED
    assert (line.price, line.ghost_price) == (Decimal("101.00"), Decimal("100.00"))
    assert line.label.distance == "+100 ticks (+1.00%)"


def test_when_the_ems_is_lost_a_line_is_stale():
    line = line_of(opened(), Surroundings(lost=True))
    assert line.stale
    assert not line.draggable
