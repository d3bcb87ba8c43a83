"""Buttons for the open markets: open one more, show all at once, link their crosshairs."""

from collections.abc import Callable

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QKeySequence, QShortcut
from PyQt6.QtWidgets import QHBoxLayout, QToolButton, QWidget

from ui.crosshair_link import CrosshairLink
from ui.pages import Pages


class PagesTools(QWidget):
    """Stands in the header; tiles and link are there while there is more than one market.

    Parameters
    ----------
    pages : Pages
        Are tiled.
    link : CrosshairLink
        Is turned on and off.
    ask : callable
        Asks the user for a market to open.
    """

    def __init__(self, pages: Pages, link: CrosshairLink, ask: Callable[[], None]) -> None:
        super().__init__()
        self._pages = pages
        self._link = link
        self._open = self._button("openMarket", "+ Market", "Open a market (Ctrl+O)")
        self._tiles = self._button("tiles", "Tiles", "Show all markets at once")
        self._linked = self._button("linked", "Link", "The crosshair is in all charts at once")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        for button in (self._open, self._tiles, self._linked):
            row.addWidget(button)
        for button in (self._tiles, self._linked):
            button.setCheckable(True)
        self._open.clicked.connect(lambda: ask())
        self._tiles.toggled.connect(pages.set_tiled)
        self._linked.toggled.connect(link.set_on)
        shortcut = QShortcut(QKeySequence("Ctrl+O"), pages)
        shortcut.activated.connect(lambda: ask())
        pages.count_changed.connect(self._show)
        self._show()

    def show_choices(self, *, tiled: bool, linked: bool) -> None:
        """Tile the charts and link their crosshairs, or not."""
        self._tiles.setChecked(tiled)
        self._linked.setChecked(linked)

    def _button(self, name: str, text: str, tip: str) -> QToolButton:
        button = QToolButton()
        button.setObjectName(name)
        button.setText(text)
        button.setToolTip(tip)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        return button

    def _show(self) -> None:
        several = len(self._pages.all) > 1
        self._tiles.setVisible(several)
        self._linked.setVisible(several)
