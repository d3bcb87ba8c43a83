"""A sign at the top of a chart while its market is closed, or outside its regular hours."""

from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtWidgets import QWidget

from ui import theme
from ui.edge_sign import EdgeSign

_TOP = 8


class HoursSign(EdgeSign):
    """Says what it is told; the mouse goes through it.

    Parameters
    ----------
    over : QWidget
        In the middle of whose upper edge it is.
    """

    def __init__(self, over: QWidget) -> None:
        super().__init__(over, "hours", _style, _upper_middle)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def say(self, words: str) -> None:
        """Show the words; nothing to say hides it."""
        if words == self.text():
            return
        self.setText(words)
        self.setVisible(bool(words))
        self._lie_over()
        self.raise_()


def _upper_middle(over: QWidget, sign: QWidget) -> QPoint:
    return QPoint((over.width() - sign.width()) // 2, _TOP)


def _style() -> str:
    return (
        f"#hours {{ background: {theme.RAISED}; color: {theme.WARNING};"
        f" border: 1px solid {theme.BORDER}; border-radius: 3px; padding: 3px 10px; }}"
    )
