"""The table of positions: sizes and profits, and a doubt about them where there is one."""

from decimal import Decimal

import pytest
from PyQt6.QtCore import Qt

from ems.market import Market
from ems.messages import Position
from tests.ui.tables.made_messages import AAPL, MARKETS
from ui.tables.positions import UNREALISED_COLUMN, PositionsModel


@pytest.fixture
def model(qapp):
    return PositionsModel(MARKETS)


def position(size: int, **more: object) -> Position:
    fields = {"account": "paper", "symbol": AAPL, "size": Decimal(size), "time_ns": 1}
    if size:
        fields["avg_price"] = Decimal("187.5")
    return Position(**(fields | more))  # type: ignore[arg-type]


def cells(model: PositionsModel, row: int = 0) -> dict[str, str]:
    return {
        str(model.headerData(column, Qt.Orientation.Horizontal)): model.index(row, column).data()
        for column in range(model.columnCount())
    }


def test_a_position_is_worth_what_its_last_price_says(model):
    model.on_msg(position(-30, realised=Decimal("12.5"), fees=Decimal("1.05")))
    assert cells(model)["Unrealised"] == "—"
    model.set_last(AAPL, 186.5)
    assert cells(model) == {
        "Account": "paper",
        "Market": AAPL,
        "Size": "-30",
        "Average price": "187.50",
        "Realised": "+12.50 USD",
        "Unrealised": "+30.00 USD",
        "Fees": "-1.05 USD",
    }


def test_fees_in_another_currency_stand_beside_those_of_the_market(model):
    other_fees = (("JPY", Decimal(80)), ("XBT", Decimal("0.0002")))
    model.on_msg(position(-30, fees=Decimal("1.05"), other_fees=other_fees))
    assert cells(model)["Fees"] == "-1.05 USD, -80 JPY, -0.0002 XBT"
    model.on_msg(position(-30, other_fees=other_fees))
    assert cells(model)["Fees"] == "-80 JPY, -0.0002 XBT"
    model.on_msg(position(0, other_fees=other_fees))
    assert model.rowCount() == 1


def test_the_multiplier_counts(qapp):
    mes = Market(
        fqsn="mes.cme.ib",
        tick_size=Decimal("0.25"),
        lot_size=Decimal(1),
        currency="USD",
        multiplier=Decimal(5),
    )
    model = PositionsModel({"mes.cme.ib": mes})
    model.on_msg(position(2, symbol="mes.cme.ib", avg_price=Decimal(6000)))
    model.set_last("mes.cme.ib", 5990.0)
    assert cells(model)["Unrealised"] == "-100.00 USD"


def test_without_its_market_a_profit_is_not_guessed(qapp):
    model = PositionsModel({})
    model.on_msg(position(2))
    model.set_last(AAPL, 190.0)
    assert cells(model)["Unrealised"] == "—"


def test_a_venue_that_counts_otherwise_is_shown(model):
    model.on_msg(position(30, venue_size=Decimal(25)))
    assert cells(model)["Size"] == "30 (venue: 25)"


def test_a_position_that_was_closed_stays_for_its_profit(model):
    model.on_msg(position(30))
    model.on_msg(position(0, realised=Decimal(-7)))
    assert cells(model)["Realised"] == "-7.00 USD"
    assert cells(model)["Average price"] == ""
    assert cells(model)["Unrealised"] == "0.00 USD"


def test_a_position_that_never_was_has_no_row(model):
    model.on_msg(position(0))
    assert model.rowCount() == 0


def test_accounts_have_rows_of_their_own(model):
    model.on_msg(position(30))
    model.on_msg(position(10, account="ib.main"))
    model.on_msg(position(31))
    assert [row.size for row in model.rows()] == [31, 10]


def test_a_last_price_changes_one_cell_and_the_same_one_none(model, qtbot):
    model.on_msg(position(30))
    with qtbot.waitSignal(model.dataChanged, timeout=5000) as changed:
        model.set_last(AAPL, 190.0)
    assert changed.args[0].column() == changed.args[1].column() == UNREALISED_COLUMN
    with qtbot.assertNotEmitted(model.dataChanged):
        model.set_last(AAPL, 190.0)
        model.set_last("other.market", 1.0)
