"""A layer of the pane's picture: what `Backdrop` asks of the grid, the bars and their like."""

from typing import Protocol, runtime_checkable

from PyQt6.QtGui import QPainter

from ui.chart.columns import PixelMap


class Layer(Protocol):
    """Draws in device pixels, with no pen. Anything that it needs is worked out when it draws."""

    def draw(self, painter: QPainter, pixels: PixelMap) -> None:
        """Draw what stays until the view changes or a bar is finished."""


@runtime_checkable
class LiveLayer(Layer, Protocol):
    """A layer that ticks change."""

    def draw_live(self, painter: QPainter, pixels: PixelMap) -> None:
        """Draw what changes with a tick, over all that stays; with any pen."""
