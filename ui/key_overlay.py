"""The keys of order mode, shown over the plot."""

import html
from typing import Final

from PyQt6.QtCore import QEvent, QObject, QSize, Qt
from PyQt6.QtWidgets import QLabel, QWidget

from order_mode.keymap import NO_KEY, Keymap
from ui import theme
from ui.worn_style import wear

_SPACINGS: Final = (4, 2, 0)
"""Pixels between two rows: the first that fits."""


class KeyOverlay(QLabel):
    """A table of keys in the middle of a viewport; the mouse goes through it.

    Where the viewport is too low for it, it lies over the whole window.

    Parameters
    ----------
    viewport
        What it lies over.
    """

    def __init__(self, viewport: QWidget) -> None:
        super().__init__(viewport)
        self._viewport = viewport
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setTextFormat(Qt.TextFormat.RichText)
        wear(self, _style)
        viewport.installEventFilter(self)
        viewport.destroyed.connect(self.deleteLater)  # it may lie over the window by then
        self.hide()

    def show_keys(self, keymap: Keymap, *, around: bool) -> None:
        """Show what each key does; ``around``: those of our own chart and window too."""
        rows = "".join(
            f"<tr><td><b>{html.escape(keys)}</b>&nbsp;&nbsp;&nbsp;</td>"
            f"<td>{html.escape(words)}</td></tr>"
            for keys, words in keymap.table(around=around)
            if keys != NO_KEY
        )
        over = self._fit(rows)
        self.setParent(over)  # which hides it
        self.move(
            max(0, (over.width() - self.width()) // 2), max(0, (over.height() - self.height()) // 2)
        )
        self.show()
        self.raise_()

    def _fit(self, rows: str) -> QWidget:
        """Write the rows as wide apart as there is room, and return where there is."""
        window = self._viewport.window() or self._viewport
        for over in (self._viewport, window):
            for spacing in _SPACINGS:
                self.setText(f"<table cellspacing='{spacing}'>{rows}</table>")
                self.setWordWrap(False)
                size = self.sizeHint()
                if size.width() > window.width():
                    self.setWordWrap(True)
                    size = QSize(window.width(), self.heightForWidth(window.width()))
                self.resize(size)
                if self.width() <= over.width() and self.height() <= over.height():
                    return over
        return window

    def hide_keys(self) -> bool:
        """Hide the keys; return False if they were not shown."""
        shown = not self.isHidden()
        self.hide()
        if self.parentWidget() is not self._viewport:
            self.setParent(self._viewport)  # it goes with the plot
        return shown

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Hide the keys of a plot that is not seen any more."""
        if event is not None and event.type() == QEvent.Type.Hide:
            self.hide_keys()
        return super().eventFilter(watched, event)


def _style() -> str:
    return (
        f"background: {theme.RAISED}; color: {theme.TEXT}; border: 1px solid {theme.ACCENT};"
        "border-radius: 6px; padding: 14px;"
    )
