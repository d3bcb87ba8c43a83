"""The whole story of one order, as the journal has it."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QDialog, QLabel, QVBoxLayout, QWidget

from ems.journal import HistoryEvent
from ui.tables.cell_text import clock
from ui.tables.row_model import Column, RowModel
from ui.tables.table_view import TableView

_SIZE: Final = (900, 360)
_WIDTHS: Final = (200, 140, 100)


class _Step(NamedTuple):
    number: int
    event: HistoryEvent


class OrderStory(QDialog):
    """A window with a row for each event of an order; it goes on beside the chart.

    Parameters
    ----------
    oid
        Of the order.
    events
        Oldest first.
    """

    def __init__(self, oid: str, events: Sequence[HistoryEvent], parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(f"The story of order {oid}")
        self.resize(*_SIZE)
        self.model: RowModel[_Step] = RowModel(_COLUMNS, self)
        for number, event in enumerate(events):
            self.model.put(str(number), _Step(number, event))
        self.view = TableView(self.model, _WIDTHS)
        self.view.sortByColumn(0, Qt.SortOrder.AscendingOrder)
        layout = QVBoxLayout(self)
        heading = QLabel(f"Order {oid}: {len(events)} events in the journal")
        heading.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        layout.addWidget(heading)
        layout.addWidget(self.view)


def _time(step: _Step) -> str:
    fraction = step.event.time_ns % 1_000_000_000 // 1_000_000
    return f"{clock(step.event.time_ns)}.{fraction:03d}"


def _message(step: _Step) -> str:
    return "" if step.event.msg is None else step.event.msg.decode()


_COLUMNS: Final[tuple[Column[_Step], ...]] = (
    Column("Time", _time, lambda s: s.number),
    Column("Event", lambda s: s.event.event, lambda s: s.event.event),
    Column("State after it", lambda s: s.event.state, lambda s: s.event.state),
    Column("Message", _message, _message, tip=_message),
)
