"""A few words that lie over a widget at one of its edges, and stay in the middle of that edge."""

from collections.abc import Callable

from PyQt6.QtCore import QEvent, QObject, QPoint
from PyQt6.QtWidgets import QLabel, QWidget

from ui.worn_style import wear


class EdgeSign(QLabel):
    """Hidden until it is shown.

    Parameters
    ----------
    over : QWidget
        What it lies over.
    name : str
        What its style calls it.
    style : callable
        Returns its style in the colours of the theme.
    corner : callable
        Returns where its upper left corner belongs, from what it lies over and itself.
    """

    def __init__(
        self,
        over: QWidget,
        name: str,
        style: Callable[[], str],
        corner: Callable[[QWidget, QWidget], QPoint],
    ) -> None:
        super().__init__(over)
        self._over = over
        self._corner = corner
        self.setObjectName(name)
        wear(self, style)
        over.installEventFilter(self)
        self.hide()

    def _lie_over(self) -> None:
        self.adjustSize()
        self.move(self._corner(self._over, self))

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Stay in the middle of the edge."""
        if watched is self._over and event is not None and event.type() == QEvent.Type.Resize:
            self._lie_over()
        return super().eventFilter(watched, event)
