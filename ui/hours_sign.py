"""A sign at the top of a chart while its market is closed, or outside its regular hours."""

from PyQt6.QtCore import QEvent, QObject, Qt
from PyQt6.QtWidgets import QLabel, QWidget

from ui import theme
from ui.worn_style import wear

_TOP = 8


class HoursSign(QLabel):
    """Says what it is told; the mouse goes through it.

    Parameters
    ----------
    over : QWidget
        In the middle of whose upper edge it is.
    """

    def __init__(self, over: QWidget) -> None:
        super().__init__(over)
        self._over = over
        self.setObjectName("hours")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        wear(self, _style)
        over.installEventFilter(self)
        self.hide()

    def say(self, words: str) -> None:
        """Show the words; nothing to say hides it."""
        if words == self.text():
            return
        self.setText(words)
        self.setVisible(bool(words))
        self._lie_over()
        self.raise_()

    def _lie_over(self) -> None:
        self.adjustSize()
        self.move((self._over.width() - self.width()) // 2, _TOP)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Stay in the middle of the edge."""
        if watched is self._over and event is not None and event.type() == QEvent.Type.Resize:
            self._lie_over()
        return super().eventFilter(watched, event)


def _style() -> str:
    return (
        f"#hours {{ background: {theme.RAISED}; color: {theme.WARNING};"
        f" border: 1px solid {theme.BORDER}; border-radius: 3px; padding: 3px 10px; }}"
    )
