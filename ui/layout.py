"""How the user has arranged the program: what a layout file says, one struct a thing."""

from typing import Annotated, Literal

import msgspec

from ui.chart.bar_style import BarStyle

Share = Annotated[int, msgspec.Meta(ge=0)]
"""Logical pixels of a part between dividers; all parts together fill what there is."""


class IndicatorLayout(msgspec.Struct, frozen=True, kw_only=True):
    """One indicator of a chart."""

    kind: str
    """As the dialog names it: ``SMA``."""
    settings: dict[str, int | float] = {}
    colors: tuple[str, ...] = ()


class ChartLayout(msgspec.Struct, frozen=True, kw_only=True):
    """One chart; what is None is as the config says."""

    market: str | None = None
    """The fqsn."""
    period_ns: Annotated[int, msgspec.Meta(gt=0)] | None = None
    """Length of a bar, nanoseconds; None where it is no fixed length."""
    period: str | None = None
    """A day, a week or a month of the calendar, ``1M``, or some ticks, ``100t``."""
    style: BarStyle = BarStyle.CANDLES
    indicators: tuple[IndicatorLayout, ...] = ()
    in_percent: bool = False
    """Whether the price axis shows percents."""
    log_scale: bool = False
    """Whether the price axis is logarithmic."""
    timezone: str | None = None
    """Whose time is shown: ``exchange``, ``computer`` or a zone; None = as the config says."""
    panes: tuple[Share, ...] = ()
    """Heights of the price pane and of those below it."""


class DrawingLayout(msgspec.Struct, frozen=True, kw_only=True):
    """Something that the user drew."""

    kind: Literal["level", "trend", "rectangle"]
    anchors: tuple[tuple[int, float], ...]
    """Times, UTC ns, and prices."""


class WindowLayout(msgspec.Struct, frozen=True, kw_only=True):
    """The main window."""

    place: tuple[int, int, int, int] | None = None
    """Left, top, width and height when it is not maximized, logical pixels; None = as usual."""
    maximized: bool = False
    split: tuple[Share, ...] = ()
    """Heights of the chart and of the tables."""
    table: Share = 0
    """Which table is open, counted from 0."""
    hidden_columns: dict[str, tuple[str, ...]] = {}
    """Titles of the columns that are hidden, by the name of their table."""


class Layout(msgspec.Struct, frozen=True, kw_only=True):
    """All of it. What a file does not say has its default, what it says besides is left alone."""

    theme: Literal["dark", "light"] = "dark"
    window: WindowLayout = WindowLayout()
    charts: tuple[ChartLayout, ...] = ()
    """In the order of their tabs."""
    drawings: dict[str, tuple[DrawingLayout, ...]] = {}
    """By the fqsn of their market."""
    current: Share = 0
    """Which of them the keys go to, counted from 0."""
    tiled: bool = False
    """Whether all are shown at once."""
    linked: bool = False
    """Whether the crosshair is at one moment in all of them."""

    def chart_of(self, fqsn: str) -> ChartLayout:
        """Return the layout of a market's chart; if it has none, the look of the first chart."""
        for chart in self.charts:
            if chart.market == fqsn:
                return chart
        return self.charts[0] if self.charts else ChartLayout()
