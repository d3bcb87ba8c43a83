from decimal import Decimal

import pytest

from order_mode.dialog import Dialog
from tests.sims.scripted_ems import MARKET, order, status

ORDER = order()


@pytest.fixture
def dialog():
    return Dialog(ORDER, MARKET)


@pytest.mark.parametrize("resp", ["closed", "canceled", "error"])
def test_these_end_a_dialog(dialog, resp):
    dialog.apply(status(ORDER, resp))
    assert dialog.done
    assert dialog.resting is None


def test_triggered_ends_an_alert_and_no_dark_order():
    alert = order(action="alert", exec_mode="dark", size=Decimal(0))
    rang = Dialog(alert, MARKET)
    rang.apply(status(alert, "triggered"))
    assert rang.done
