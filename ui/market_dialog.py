"""The dialog that opens another market: type a part of its name, choose one."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from PyQt6.QtCore import Qt, QTimer, pyqtSignal
from PyQt6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from ems.errors import EmsError
from ems.market import Market, parse_fqsn
from ui.background_tasks import BackgroundTasks

_TYPED_MS: Final = 250
"""So long after the last letter the search begins."""
_MOST: Final = 200
_FQSN: Final = Qt.ItemDataRole.UserRole

Search = Callable[[str], Awaitable[Sequence[Market]]]


class MarketDialog(QDialog):
    """Lists the markets that the backends know; Return opens the marked one.

    A name that is typed in full, as in ``xbtusd.kraken``, can be opened without being listed.

    Parameters
    ----------
    search : callable
        Returns the markets for a text.
    tasks : BackgroundTasks
        Runs the search.

    Signals
    -------
    chosen(str, bool)
        The fqsn of a market to open, and whether in a tab of its own or in the current one.
    """

    chosen = pyqtSignal(str, bool)

    def __init__(
        self, search: Search, tasks: BackgroundTasks, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Open a market")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(460, 420)
        self._search = search
        self._tasks = tasks
        self._open = True
        self.text = QLineEdit()
        self.text.setPlaceholderText("Part of a name, or all of it: xbtusd.kraken")
        self.list = QListWidget()
        self.words = QLabel()
        self.new_tab = QPushButton("Open in a new tab")
        self.here = QPushButton("Open here")
        self._arrange()
        self._typed = QTimer(self)
        self._typed.setSingleShot(True)
        self._typed.setInterval(_TYPED_MS)
        self._typed.timeout.connect(self._look)
        self.text.textChanged.connect(lambda _: self._typed.start())
        self.list.itemDoubleClicked.connect(lambda _: self._choose(new_tab=True))
        self.list.currentItemChanged.connect(lambda *_: self._show_buttons())
        self.new_tab.clicked.connect(lambda: self._choose(new_tab=True))
        self.here.clicked.connect(lambda: self._choose(new_tab=False))
        self.finished.connect(self._on_finished)
        self._look()

    def _arrange(self) -> None:
        buttons = QHBoxLayout()
        buttons.addWidget(self.words, 1)
        buttons.addWidget(self.here)
        buttons.addWidget(self.new_tab)
        self.new_tab.setDefault(True)
        layout = QVBoxLayout(self)
        for widget in (self.text, self.list):
            layout.addWidget(widget)
        layout.addLayout(buttons)
        self.text.setFocus()

    def _look(self) -> None:
        self.words.setText("Searching …")
        self._tasks.start(self._find(self.text.text().strip()), "searching markets")
        self._show_buttons()

    async def _find(self, text: str) -> None:
        found = await self._search(text)
        if not self._open or text != self.text.text().strip():
            return  # something else is wanted by now
        self.list.clear()
        for market in found[:_MOST]:
            words = " · ".join(filter(None, (market.fqsn, market.description)))
            item = QListWidgetItem(words)
            item.setData(_FQSN, market.fqsn)
            self.list.addItem(item)
        self.list.setCurrentRow(0)
        more = len(found) - _MOST
        self.words.setText(f"{more:,} more: type on" if more > 0 else _count(len(found)))
        self._show_buttons()

    def _fqsn(self) -> str | None:
        """Return the market that would be opened: the marked one, else what is typed in full."""
        item = self.list.currentItem()
        if item is not None:
            return str(item.data(_FQSN))
        try:
            parse_fqsn(typed := self.text.text().strip().lower())
        except EmsError:
            return None
        return typed

    def _show_buttons(self) -> None:
        for button in (self.new_tab, self.here):
            button.setEnabled(self._fqsn() is not None)

    def _choose(self, *, new_tab: bool) -> None:
        fqsn = self._fqsn()
        if fqsn is not None:
            self.accept()
            self.chosen.emit(fqsn, new_tab)

    def _on_finished(self) -> None:
        self._open = False
        self._typed.stop()


def _count(number: int) -> str:
    return {0: "No market has that in its name", 1: "1 market"}.get(number, f"{number:,} markets")
