"""The right button: a click opens a menu of ours, a drag is the plot's own."""

from collections.abc import Callable

from PyQt6.QtCore import QPointF
from PyQt6.QtGui import QMouseEvent
from PyQt6.QtWidgets import QApplication, QWidget

from ui.order_line_hand import DRAG_DISTANCE


class RightButton:
    """Keeps a press until it is known what it is; the plot gets it later if it is a drag.

    Parameters
    ----------
    viewport
        Where the events are for.
    clicked
        Called with the position of a click, in the viewport.
    """

    def __init__(self, viewport: QWidget, clicked: Callable[[QPointF], None]) -> None:
        self._viewport = viewport
        self._clicked = clicked
        self._press: QMouseEvent | None = None
        self.replaying = False
        """True while the plot gets a press that was kept: it is not for us."""

    def press(self, event: QMouseEvent) -> None:
        """Keep the press of the one button that is down."""
        copy = event.clone()
        assert copy is not None
        self._press = copy

    def hands_over(self, event: QMouseEvent) -> bool:
        """Give the kept press to the plot if the mouse has moved far enough for a drag."""
        press = self._press
        if press is None:
            return False
        moved = event.position() - press.position()
        if max(abs(moved.x()), abs(moved.y())) < DRAG_DISTANCE:
            return False
        self._press = None
        self.replaying = True
        QApplication.sendEvent(self._viewport, press)
        self.replaying = False
        return True

    def release(self, event: QMouseEvent) -> None:
        """Tell of a click, if there was a press and no drag."""
        press, self._press = self._press, None
        if press is not None:
            self._clicked(event.position())

    def let_go(self) -> None:
        """Forget the press: the focus or the mouse went elsewhere."""
        self._press = None
