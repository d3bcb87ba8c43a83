"""All resting labels in one picture, for as long as none of them moves."""

from collections.abc import Sequence

from PyQt6.QtCore import QRectF, Qt
from PyQt6.QtGui import QPainter, QPixmap

from ui import theme
from ui.order_label import side_color
from ui.order_line_layout import Placed


class LabelPicture:
    """Draws labels: one by one the first time, then from a picture of them all.

    A pan to the side moves no label, and one picture costs a quarter of 200 small ones.
    """

    def __init__(self) -> None:
        self._placed: Sequence[Placed] = ()
        self._picture: QPixmap | None = None
        self._area = QRectF()

    def draw(self, painter: QPainter, placed: Sequence[Placed]) -> None:
        """Draw labels; the same list again is drawn from the picture.

        Parameters
        ----------
        placed : sequence of Placed
            Another object if anything in it is other than before.
        """
        if placed is not self._placed:
            self._placed, self._picture = placed, None
            draw_labels(painter, placed)
            return
        if not placed:
            return
        if self._picture is None:
            self._picture = self._draw_picture()
        painter.drawPixmap(self._area.topLeft(), self._picture)

    def _draw_picture(self) -> QPixmap:
        area = QRectF()
        for one in self._placed:
            area |= one.rect.adjusted(0, -1, 1, 1)
            if one.leader is not None:
                ends = QRectF(one.leader.p1(), one.leader.p2()).normalized()
                area |= ends.adjusted(-1, -1, 1, 1)
        self._area = QRectF(area.toAlignedRect())
        ratio = self._placed[0].label.pixmap.devicePixelRatio()
        picture = QPixmap((self._area.size() * ratio).toSize())
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.translate(-self._area.topLeft())
        draw_labels(painter, self._placed)
        painter.end()
        return picture


def draw_labels(painter: QPainter, placed: Sequence[Placed]) -> None:
    """Draw labels, and the leaders of those that were pushed aside."""
    for one in placed:
        if one.leader is not None:
            painter.setPen(theme.color(side_color(one.line)))
            painter.drawLine(one.leader)
    for one in placed:
        painter.drawPixmap(one.left, one.top, one.label.pixmap)
