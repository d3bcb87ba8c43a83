"""An order pane that is taller than its window can be scrolled."""

from typing import Final

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QFrame, QScrollArea

from ui.order_pane import OrderPane

_PANE_HEIGHT: Final = 520
"""Pixels of the pane that are always there."""


def scrolled(pane: OrderPane) -> QScrollArea:
    """Return an area with the pane in it, as wide as the pane."""
    area = QScrollArea()
    area.setWidget(pane)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    bar = area.verticalScrollBar()
    assert bar is not None
    area.setFixedWidth(pane.width())
    pane.setMinimumWidth(pane.width() - bar.sizeHint().width())  # which it covers
    area.setMinimumHeight(_PANE_HEIGHT)
    return area
