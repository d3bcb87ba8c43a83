"""The legend keeps to the pane, however narrow that is."""

from decimal import Decimal

import pyqtgraph as pg
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QImage, QPainter

from ems.market import Market
from ui.chart.legend import Legend
from ui.chart.period import FixedPeriod

MARKET = Market(
    fqsn="aapl.demo.replay",
    tick_size=Decimal("0.01"),
    lot_size=Decimal(1),
    currency="USD",
    source="recorded minutes of a long name, from a place with a long name, walked inside the bars",
)


def painted_width(width: int) -> int:
    """How many columns of pixels of a pane of this width, and beside it, the legend touches."""
    view = pg.ViewBox()
    view.resize(width, 300)
    legend = Legend(view)
    legend.set_market(MARKET, FixedPeriod(60_000_000_000))
    legend.set_bar(None, None, 0)
    image = QImage(1200, 300, QImage.Format.Format_ARGB32)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    legend.paint(painter, None)
    painter.end()
    return max(
        (x + 1 for x in range(1200) if any(image.pixel(x, y) for y in range(0, 100, 2))), default=0
    )


def test_a_long_line_ends_where_the_axis_begins(qapp) -> None:
    assert 250 < painted_width(300) <= 300
    assert painted_width(1100) > 400
