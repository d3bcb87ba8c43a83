"""The open markets: one after the other in tabs, or all at once in tiles."""

import math
from typing import Final

from PyQt6.QtCore import QEvent, QObject, Qt, pyqtSignal
from PyQt6.QtGui import QKeySequence, QShortcut
from PyQt6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QStackedWidget,
    QTabBar,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ems.market import parse_fqsn
from ui.market_page import MarketPage
from ui.style_property import set_style_property

_STRETCH: Final = 1


class Pages(QWidget):
    """Holds the pages of all markets; one of them is the current one, which the keys go to.

    The order panes share one place at the right, so that nothing moves under the pointer when
    another tile becomes the current one.

    Signals
    -------
    current_changed()
        Another page is the current one.
    count_changed()
        A page was added or removed.
    close_asked(MarketPage)
        The user closed a tab; whoever made the page takes it away.
    """

    current_changed = pyqtSignal()
    count_changed = pyqtSignal()
    close_asked = pyqtSignal(object)

    def __init__(self, first: MarketPage) -> None:
        super().__init__()
        self._pages: list[MarketPage] = []
        self._current = first
        self._tiled = False
        self._bar = QTabBar()
        self._panes = QStackedWidget()
        self._grid = QGridLayout()
        self._arrange()
        self.add(first, 0)
        self._bar.currentChanged.connect(self._on_tab)
        self._bar.tabMoved.connect(self._on_moved)
        for keys, step in (("Ctrl+Tab", 1), ("Ctrl+Shift+Tab", -1)):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.activated.connect(lambda step=step: self._step(step))
        close = QShortcut(QKeySequence("Ctrl+W"), self)
        close.activated.connect(lambda: self.close_asked.emit(self._current))

    @property
    def all(self) -> list[MarketPage]:
        """Every page, in the order of the tabs."""
        return list(self._pages)

    @property
    def current(self) -> MarketPage:
        """The page that the keys go to, and whose account and position are shown."""
        return self._current

    @property
    def tiled(self) -> bool:
        """True while all pages are shown at once."""
        return self._tiled

    def add(self, page: MarketPage, at: int) -> None:
        """Put a page among the others; it becomes the current one only if it is the first."""
        self._pages.insert(at, page)
        self._panes.addWidget(page.side)
        page.tools.periods.shown.connect(lambda: self._name_tab(page))
        page.chart.plot_item.getViewWidget().installEventFilter(self)
        self._bar.blockSignals(True)
        self._bar.insertTab(at, "")
        self._bar.setTabButton(at, QTabBar.ButtonPosition.RightSide, self._cross(page))
        self._bar.setCurrentIndex(self._pages.index(self._current))
        self._bar.blockSignals(False)
        self._name_tab(page)
        self._lay_out()
        self.count_changed.emit()

    def remove(self, page: MarketPage) -> None:
        """Take a page out; another one becomes the current one. The last one stays."""
        at = self._pages.index(page)
        if len(self._pages) == 1:
            return
        if page is self._current:
            self.choose(self._pages[at + 1 if at + 1 < len(self._pages) else at - 1])
        page.chart.plot_item.getViewWidget().removeEventFilter(self)
        self._pages.remove(page)
        self._bar.blockSignals(True)
        self._bar.removeTab(at)
        self._bar.setCurrentIndex(self._pages.index(self._current))
        self._bar.blockSignals(False)
        self._panes.removeWidget(page.side)
        self._grid.removeWidget(page)
        page.hide()
        page.setParent(None)
        self._lay_out()
        self.count_changed.emit()

    def move_tab(self, page: MarketPage, place: int) -> None:
        """Put the tab of a page at another place."""
        self._bar.moveTab(self._pages.index(page), min(place, len(self._pages) - 1))

    def choose(self, page: MarketPage) -> None:
        """Make a page the current one. What was staged on the other one is staged no more."""
        if page is self._current:
            return
        had_focus = self._current.isAncestorOf(self.focusWidget() or self)
        self._disarm(self._current)
        self._current = page
        self._bar.setCurrentIndex(self._pages.index(page))
        self._lay_out()
        if had_focus or not self._tiled:
            page.focus_chart()
        self.current_changed.emit()

    def set_tiled(self, tiled: bool) -> None:
        """Show all pages at once, or the current one alone."""
        if tiled != self._tiled:
            self._tiled = tiled
            self._lay_out()

    # ---- inside

    def _arrange(self) -> None:
        self._bar.setMovable(True)
        self._bar.setExpanding(False)
        self._bar.setDrawBase(False)
        self._bar.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._bar.setObjectName("markets")
        self._grid.setSpacing(2)
        charts = QVBoxLayout()
        charts.setSpacing(0)
        charts.addWidget(self._bar)
        charts.addLayout(self._grid, _STRETCH)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(charts, _STRETCH)
        layout.addWidget(self._panes)

    def _lay_out(self) -> None:
        """Put the pages into their places; hidden ones cost nothing but their ticks."""
        self._bar.setVisible(len(self._pages) > 1)
        self._panes.setCurrentWidget(self._current.side)
        self._panes.setFixedWidth(self._current.side.maximumWidth())
        shown = self._pages if self._tiled else [self._current]
        columns = math.ceil(math.sqrt(len(shown)))
        for page in self._pages:
            if page not in shown:
                self._grid.removeWidget(page)
                page.hide()
        for row in range(self._grid.rowCount()):
            self._grid.setRowStretch(row, 0)
        for column in range(self._grid.columnCount()):
            self._grid.setColumnStretch(column, 0)
        for place, page in enumerate(shown):
            row, column = divmod(place, columns)
            self._grid.addWidget(page, row, column)
            self._grid.setRowStretch(row, _STRETCH)
            self._grid.setColumnStretch(column, _STRETCH)
            page.show()
            is_marked = self._tiled and len(shown) > 1 and page is self._current
            set_style_property(page.tools, "current", is_marked)

    def _disarm(self, page: MarketPage) -> None:
        if (mode := page.order_mode) is not None:
            mode.disarm()

    def _cross(self, page: MarketPage) -> QToolButton:
        """Return what closes the tab of a page. Qt's own has the colours of another program."""
        cross = QToolButton()
        cross.setText("\N{MULTIPLICATION SIGN}")
        cross.setObjectName("closes_tab")
        cross.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        cross.setToolTip("Close this market (Ctrl+W); its orders stay")
        cross.clicked.connect(lambda: self.close_asked.emit(page))
        return cross

    def _name_tab(self, page: MarketPage) -> None:
        if page in self._pages:
            names = parse_fqsn(page.market.fqsn)
            words = " ".join(filter(None, (names.symbol.upper(), names.expiry)))
            text = f"{words} {page.chart.period.text}"
            self._bar.setTabText(self._pages.index(page), text)
            self._bar.setTabToolTip(self._pages.index(page), page.market.fqsn)

    def _step(self, step: int) -> None:
        at = self._pages.index(self._current) + step
        self.choose(self._pages[at % len(self._pages)])

    def _on_tab(self, at: int) -> None:
        if 0 <= at < len(self._pages):
            self.choose(self._pages[at])

    def _on_moved(self, start: int, stop: int) -> None:
        self._pages.insert(stop, self._pages.pop(start))
        self._lay_out()

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Make the tile current whose chart gets the focus."""
        if event is not None and event.type() == QEvent.Type.FocusIn:
            for page in self._pages:
                if page.chart.plot_item.getViewWidget() is watched:
                    self.choose(page)
        return super().eventFilter(watched, event)
