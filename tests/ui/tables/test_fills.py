"""The table of fills: each execution once, the newest first."""

from PyQt6.QtCore import QModelIndex

from ems.messages import BrokerdFill
from tests.ui.tables.made_messages import MARKETS, make_fill, make_order, make_status
from ui.tables import fills
from ui.tables.fills import FillsModel


def row_texts(model: FillsModel, row: int = 0) -> list[str]:
    return [model.index(row, column).data() for column in range(model.columnCount())]


def test_a_fill_reads_as_the_market_writes_its_numbers(qapp):
    model = FillsModel(MARKETS)
    model.on_msg(make_fill(make_order(), 40))
    assert row_texts(model) == [
        "2001-09-09 01:46:40",
        "aapl.demo.replay",
        "BUY",
        "40",
        "187.49",
        "0.35 USD",
        "paper",
        "11111111",
        "e1",
    ]


def test_an_execution_that_is_told_twice_is_one_row(qapp):
    model = FillsModel(MARKETS)
    told = make_fill(make_order(), 40)
    assert isinstance(told.brokerd_msg, BrokerdFill)
    model.add(told.brokerd_msg)  # from the journal, at start-up
    model.on_msg(told)
    assert model.rowCount() == 1


def test_the_same_execution_id_in_another_account_is_another_fill(qapp):
    model = FillsModel(MARKETS)
    model.on_msg(make_fill(make_order(), 40))
    model.on_msg(make_fill(make_order(account="ib.main"), 40))
    assert model.rowCount() == 2


def test_a_status_without_an_execution_is_no_fill(qapp):
    model = FillsModel(MARKETS)
    model.on_msg(make_status(make_order(), "closed"))
    assert model.rowCount() == 0


def test_the_oldest_leave_when_there_are_too_many(qapp, monkeypatch):
    monkeypatch.setattr(fills, "LONGEST", 10)
    model = FillsModel(MARKETS)
    for number in range(25):
        model.on_msg(make_fill(make_order(), 1, exec_id=str(number)))
    assert model.rowCount(QModelIndex()) <= 10
    assert model.rows()[-1].exec_id == "24"
    assert model.get("paper 24") == model.rows()[-1]
