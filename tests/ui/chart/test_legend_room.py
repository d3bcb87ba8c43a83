"""The legend keeps to the pane, however narrow that is."""

from decimal import Decimal

import msgspec
import pyqtgraph as pg
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QImage, QPainter

from ems.market import Market
from ui import theme
from ui.chart.legend import Legend
from ui.chart.period import FixedPeriod

MARKET = Market(
    fqsn="aapl.demo.replay",
    tick_size=Decimal("0.01"),
    lot_size=Decimal(1),
    currency="USD",
    source="recorded minutes of a long name, from a place with a long name, walked inside the bars",
)


def painted(width: int, height: int = 300, market: Market = MARKET) -> QImage:
    """The legend in a pane of a size, and what is beside it."""
    view = pg.ViewBox()
    view.resize(width, 300)
    legend = Legend(view)
    legend.set_market(market, FixedPeriod(60_000_000_000))
    legend.set_bar(None, None, 0)
    view.resize(width, height)
    image = QImage(1200, 300, QImage.Format.Format_ARGB32)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    legend.paint(painter, None)
    painter.end()
    return image


def painted_width(width: int) -> int:
    """How many columns of pixels of a pane of this width, and beside it, the legend touches."""
    image = painted(width)
    return max(
        (x + 1 for x in range(1200) if any(image.pixel(x, y) for y in range(0, 100, 2))), default=0
    )


def badge_columns(image: QImage) -> list[int]:
    color = theme.color(theme.REPLAY).rgba()
    return [x for x in range(1200) if image.pixel(x, 12) == color]


def test_what_kind_of_prices_these_are_is_said_in_a_narrow_pane_too(qapp) -> None:
    market = msgspec.structs.replace(MARKET, badge="REPLAY", description="A description " * 4)
    wide, narrow = (
        badge_columns(painted(1100, market=market)),
        badge_columns(painted(300, market=market)),
    )
    assert len(wide) == len(narrow) > 40
    assert max(narrow) < 300


def test_a_low_pane_is_left_to_the_bars(qapp) -> None:
    def rows(height: int) -> int:
        image = painted(1100, height)
        return sum(any(image.pixel(x, y) for x in range(600)) for y in range(100))

    assert rows(150) < rows(300)


def test_a_long_line_ends_where_the_axis_begins(qapp) -> None:
    assert 250 < painted_width(300) <= 300
    assert painted_width(1100) > 400
