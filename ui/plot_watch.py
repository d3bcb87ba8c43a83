"""Notices that a plot has left its scene: removed from its layout, or the layout was cleared."""

from collections.abc import Callable

from PyQt6.QtCore import QRectF, QTimer
from PyQt6.QtGui import QPainter
from PyQt6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget


class PlotWatch(QGraphicsItem):
    """An item with nothing to see, which goes where its plot goes.

    Parameters
    ----------
    parent
        An item of the plot.
    left
        Called once the plot has been in no scene, or another one, for a turn of the loop.
    """

    def __init__(self, parent: QGraphicsItem, left: Callable[[], None]) -> None:
        super().__init__(parent)
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemHasNoContents)
        self._left = left
        self._scene = parent.scene()
        self._timer = QTimer()
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._look)

    def boundingRect(self) -> QRectF:
        """Return nothing."""
        return QRectF()

    def paint(
        self,
        painter: QPainter | None,
        option: QStyleOptionGraphicsItem | None,
        widget: QWidget | None = None,
    ) -> None:
        """Draw nothing."""

    def itemChange(self, change: QGraphicsItem.GraphicsItemChange, value: object) -> object:
        """Look soon whether the plot is still there: it may only be on its way elsewhere."""
        if change == QGraphicsItem.GraphicsItemChange.ItemSceneHasChanged:
            self._timer.start(0)
        return super().itemChange(change, value)

    def remove(self) -> None:
        """Watch no more."""
        self._timer.stop()
        self._left = lambda: None
        scene = self.scene()
        self.setParentItem(None)
        if scene is not None:
            scene.removeItem(self)

    def _look(self) -> None:
        if self.scene() is not self._scene:
            self._left()
