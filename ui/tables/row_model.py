"""A table of rows that are known by a key: what the four tables of the window have in common."""

from collections.abc import Callable
from typing import Any, Final, Generic, TypeVar

import msgspec
from PyQt6.QtCore import QAbstractTableModel, QModelIndex, QObject, Qt

from ui import theme
from ui.tables.tone import Ground, Tone, tone_colour

RowT = TypeVar("RowT")

ORDER_ROLE: Final = Qt.ItemDataRole.UserRole
"""What a column is sorted by: numbers and times as such, not as text."""
KEY_ROLE: Final = Qt.ItemDataRole.UserRole + 1
"""The key of the row."""

_TOP: Final = QModelIndex()
_RIGHT: Final = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT: Final = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class Column(msgspec.Struct, Generic[RowT], frozen=True):
    """One column: how a row reads in it, and what it is sorted by."""

    title: str
    text: Callable[[RowT], str]
    order: Callable[[RowT], Any]
    """All values of one column must compare with each other."""
    number: bool = False
    """Right-aligned, digits of one width."""
    tone: Callable[[RowT], Tone] | None = None
    tip: Callable[[RowT], str] | None = None


class RowModel(QAbstractTableModel, Generic[RowT]):
    """Rows in the order of their arrival; text is made only for the cells that are painted."""

    def __init__(self, columns: tuple[Column[RowT], ...], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._columns = columns
        self._keys: list[str] = []
        self._rows: list[RowT] = []
        self._row_by_key: dict[str, int] = {}
        self._fixed_font = theme.number_font()
        self.palette: Ground | None = None
        """Whose colours the cells have: ``dark`` or ``light``; None = the theme's."""

    def get(self, key: str) -> RowT | None:
        """Return the row of this key, None if there is none."""
        row = self._row_by_key.get(key)
        return None if row is None else self._rows[row]

    def rows(self) -> list[RowT]:
        """Return the rows in the order of their arrival."""
        return list(self._rows)

    def put(self, key: str, value: RowT) -> None:
        """Set the row of this key; a new one comes last."""
        row = self._row_by_key.get(key)
        if row is None:
            self._append(key, value)
        elif self._rows[row] != value:
            self._rows[row] = value
            self.dataChanged.emit(self.index(row, 0), self.index(row, len(self._columns) - 1))

    def drop(self, key: str) -> None:
        """Take the row of this key out, if there is one."""
        row = self._row_by_key.get(key)
        if row is not None:
            self._remove(row, row)

    def drop_oldest(self, count: int) -> None:
        """Take the first ``count`` rows out."""
        if count > 0:
            self._remove(0, count - 1)

    def touch(self, key: str, column: int) -> None:
        """Say that one cell reads otherwise now, though its row is the same."""
        row = self._row_by_key[key]
        self.dataChanged.emit(self.index(row, column), self.index(row, column))

    def _append(self, key: str, value: RowT) -> None:
        row = len(self._rows)
        self.beginInsertRows(QModelIndex(), row, row)
        self._keys.append(key)
        self._rows.append(value)
        self._row_by_key[key] = row
        self.endInsertRows()

    def _remove(self, first: int, last: int) -> None:
        self.beginRemoveRows(QModelIndex(), first, last)
        for key in self._keys[first : last + 1]:
            del self._row_by_key[key]
        del self._keys[first : last + 1]
        del self._rows[first : last + 1]
        for row in range(first, len(self._keys)):
            self._row_by_key[self._keys[row]] = row
        self.endRemoveRows()

    def rowCount(self, parent: QModelIndex = _TOP) -> int:
        """Return the number of rows; a row has no children."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: QModelIndex = _TOP) -> int:
        """Return the number of columns."""
        return 0 if parent.isValid() else len(self._columns)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        """Return the title of a column, aligned as its cells are."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._columns[section].title
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if self._columns[section].number else _LEFT
        return None

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return one aspect of a cell; `ORDER_ROLE` and `KEY_ROLE` are ours."""
        column, row = self._columns[index.column()], self._rows[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return column.text(row)
            case Qt.ItemDataRole.TextAlignmentRole:
                return _RIGHT if column.number else _LEFT
            case Qt.ItemDataRole.FontRole:
                return self._fixed_font if column.number else None
            case Qt.ItemDataRole.ForegroundRole:
                return tone_colour(column.tone(row), self.palette) if column.tone else None
            case Qt.ItemDataRole.ToolTipRole:
                return (column.tip(row) or None) if column.tip else None
            case _ if role == ORDER_ROLE:
                return column.order(row)
            case _ if role == KEY_ROLE:
                return self._keys[index.row()]
        return None
