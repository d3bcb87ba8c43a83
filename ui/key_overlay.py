"""The keys of order mode, shown over the plot."""

import html

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QLabel, QWidget

from order_mode.keymap import Keymap
from ui import theme
from ui.worn_style import wear


class KeyOverlay(QLabel):
    """A table of keys in the middle of a viewport; the mouse goes through it.

    Parameters
    ----------
    viewport
        What it lies over.
    """

    def __init__(self, viewport: QWidget) -> None:
        super().__init__(viewport)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setTextFormat(Qt.TextFormat.RichText)
        wear(self, _style)
        self.hide()

    def show_keys(self, keymap: Keymap) -> None:
        """Show what each key does."""
        rows = "".join(
            f"<tr><td><b>{html.escape(keys)}</b>&nbsp;&nbsp;&nbsp;</td>"
            f"<td>{html.escape(words)}</td></tr>"
            for keys, words in keymap.table()
        )
        self.setText(f"<table cellspacing='4'>{rows}</table>")
        self.adjustSize()
        over = self.parentWidget()
        if over is not None:
            self.move((over.width() - self.width()) // 2, (over.height() - self.height()) // 2)
        self.show()
        self.raise_()

    def hide_keys(self) -> bool:
        """Hide the keys; return False if they were not shown."""
        shown = not self.isHidden()
        self.hide()
        return shown


def _style() -> str:
    return (
        f"background: {theme.RAISED}; color: {theme.TEXT}; border: 1px solid {theme.ACCENT};"
        "border-radius: 6px; padding: 14px;"
    )
