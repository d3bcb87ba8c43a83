"""What stands beside the tabs: a filter of the rows, and their export as CSV."""

from collections.abc import Callable
from pathlib import Path

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QPushButton, QWidget


class TableTools(QWidget):
    """A field and a button.

    Signals
    -------
    filter_typed(str)
        Rows without this text are to be hidden.
    failed(str)
        A sentence: the file could not be written.

    Parameters
    ----------
    csv_text
        Returns what is exported: the rows of the open table as they are shown.
    """

    filter_typed = pyqtSignal(str)
    failed = pyqtSignal(str)

    def __init__(self, csv_text: Callable[[], str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._csv_text = csv_text
        self.filter = QLineEdit()
        self.filter.setPlaceholderText("Filter")
        self.filter.setClearButtonEnabled(True)
        self.filter.textChanged.connect(self.filter_typed)
        self.export = QPushButton("Export CSV…")
        self.export.clicked.connect(self._ask_where)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 6, 0)  # no higher than the tabs
        layout.addWidget(self.filter)
        layout.addWidget(self.export)

    def write(self, file: str) -> None:
        """Write the rows to a file."""
        try:
            Path(file).write_text(self._csv_text(), encoding="utf-8", newline="")
        except OSError as error:
            self.failed.emit(f"The table was not written to {file}: {error.strerror}.")

    def _ask_where(self) -> None:
        """Ask for the file; the program goes on meanwhile."""
        dialog = QFileDialog(self, "Export the rows of this table", "", "CSV (*.csv)")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("csv")
        dialog.fileSelected.connect(self.write)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
