"""One table on the screen: sorted by a click on a column, copied with Ctrl+C."""

import csv
import io
from typing import Any, Final

from PyQt6.QtCore import QModelIndex, QSortFilterProxyModel, Qt
from PyQt6.QtGui import QGuiApplication, QKeySequence, QShortcut
from PyQt6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from ui.tables.column_choice import ColumnChoice
from ui.tables.row_model import KEY_ROLE, ORDER_ROLE, RowModel

_ROW_HEIGHT: Final = 22


class _Sorted(QSortFilterProxyModel):
    """Sorts by the value of a cell, not by its text."""

    def lessThan(self, left: QModelIndex, right: QModelIndex) -> bool:
        model = self.sourceModel()
        assert model is not None
        return bool(model.data(left, ORDER_ROLE) < model.data(right, ORDER_ROLE))


class TableView(QTableView):
    """Shows a `RowModel`; where column 0 is a time, the newest row is on top.

    Parameters
    ----------
    model : RowModel
        Sorted by column 0 at first, downwards.
    widths : tuple of int
        Width of each column in pixels; a last one without a width takes what is left.
    """

    def __init__(
        self, model: RowModel[Any], widths: tuple[int, ...], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        sorted_model = _Sorted(self)
        sorted_model.setSourceModel(model)
        sorted_model.setFilterKeyColumn(-1)
        sorted_model.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.shown_rows: Final = sorted_model
        """What the filter lets through, in the order of the view."""
        self.setModel(sorted_model)
        self._look(widths)
        header = self.horizontalHeader()
        assert header is not None
        self.column_choice = ColumnChoice(header)
        copy = QShortcut(QKeySequence(QKeySequence.StandardKey.Copy), self)
        copy.setContext(Qt.ShortcutContext.WidgetShortcut)
        copy.activated.connect(self.copy_selection)

    def _look(self, widths: tuple[int, ...]) -> None:
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setWordWrap(False)
        self.setShowGrid(False)
        self.setAlternatingRowColors(True)
        self.setTabKeyNavigation(False)
        self.setSortingEnabled(True)
        self.sortByColumn(0, Qt.SortOrder.DescendingOrder)
        rows, columns = self.verticalHeader(), self.horizontalHeader()
        assert rows is not None
        assert columns is not None
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(_ROW_HEIGHT)
        columns.setHighlightSections(False)
        columns.setStretchLastSection(len(widths) < columns.count())
        for column, width in enumerate(widths):
            self.setColumnWidth(column, width)

    def key_at(self, index: QModelIndex) -> str:
        """Return the key of the row under an index of this view."""
        return str(index.data(KEY_ROLE))

    def selected_keys(self) -> list[str]:
        """Return the keys of the selected rows, from the top down."""
        return [self.key_at(index) for index in self._selected()]

    def select_key(self, key: str) -> bool:
        """Select the row of this key and bring it into view; return whether it is shown."""
        rows = self.shown_rows
        for row in range(rows.rowCount()):
            index = rows.index(row, 0)
            if self.key_at(index) == key:
                self.selectRow(row)
                self.scrollTo(index)
                return True
        return False

    def set_filter(self, text: str) -> None:
        """Hide the rows that have this text in no column."""
        self.shown_rows.setFilterFixedString(text)

    def copy_selection(self) -> None:
        """Put the selected rows on the clipboard, under their titles, separated by tabs."""
        clipboard = QGuiApplication.clipboard()
        assert clipboard is not None
        rows = self._selected()
        if rows:
            clipboard.setText("\n".join("\t".join(line) for line in self._texts(rows)))

    def csv_text(self) -> str:
        """Return the rows as they are shown, under their titles, as CSV."""
        rows = [self.shown_rows.index(row, 0) for row in range(self.shown_rows.rowCount())]
        out = io.StringIO()
        csv.writer(out).writerows(self._texts(rows))
        return out.getvalue()

    def _texts(self, rows: list[QModelIndex]) -> list[list[str]]:
        """Return the titles, then the cells of these rows, of the columns that are shown."""
        model = self.shown_rows
        columns = [c for c in range(model.columnCount()) if not self.isColumnHidden(c)]
        titles = [str(model.headerData(c, Qt.Orientation.Horizontal)) for c in columns]
        return [
            titles,
            *([str(index.siblingAtColumn(c).data()) for c in columns] for index in rows),
        ]

    def keyboardSearch(self, search: str | None) -> None:
        """Do nothing: a trading key that lands here must not move the selection."""

    def _selected(self) -> list[QModelIndex]:
        selection = self.selectionModel()
        assert selection is not None
        return sorted(selection.selectedRows(), key=QModelIndex.row)
