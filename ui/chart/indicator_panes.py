"""The panes below the price: one for each indicator that is not drawn over the bars."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from PyQt6.QtCore import QObject, Qt, pyqtSignal
from PyQt6.QtWidgets import QSplitter, QVBoxLayout

from ems.market import Market
from ui import theme
from ui.chart.bar_series import BarSeries
from ui.chart.indicator import Indicator
from ui.chart.price_pane import PricePane
from ui.chart.time_strip import TimeStrip
from ui.worn_style import wear

if TYPE_CHECKING:  # imported with the first pane: a chart without any opens sooner
    from ui.chart.indicator_pane import IndicatorPane
    from ui.chart.pane_picture import PanePicture

_SHARE: Final = 0.2
"""Part of the chart's height that a new pane takes."""
_LEAST_SHARE: Final = 0.45
"""Part of it that they leave to the price, unless the user drags the divider."""
_LEAST_PRICE: Final = 120


class IndicatorPanes(QObject):
    """Puts panes under the price pane, with dividers between them that can be dragged.

    While there is none the price pane has its own time axis, and nothing here is called.

    Parameters
    ----------
    pane : PricePane
        The first pane; the others follow its bars.

    Signals
    -------
    pointed(object)
        The x of the bar under the mouse in one of the panes; None when it has left.
    """

    pointed = pyqtSignal(object)

    def __init__(self, pane: PricePane) -> None:
        super().__init__(pane.canvas)
        self._pane = pane
        self._panes: list[IndicatorPane] = []
        self._source: tuple[BarSeries, Market | None] | None = None
        self._styled = False
        self._split = QSplitter(Qt.Orientation.Vertical)
        self._split.setHandleWidth(3)
        self._split.setChildrenCollapsible(False)
        self._split.addWidget(pane.canvas)
        self._split.setStretchFactor(0, 1)
        pane.canvas.setMinimumHeight(_LEAST_PRICE)
        self._strip = TimeStrip(pane.view, pane.time_axis)
        self._strip.hide()
        pane.other_texts = self._texts

    def put_into(self, layout: QVBoxLayout) -> None:
        """Put all panes into the layout of a chart."""
        layout.setSpacing(0)
        layout.addWidget(self._split, 1)
        layout.addWidget(self._strip)

    @property
    def panes(self) -> "list[IndicatorPane]":
        """The panes below the price, from the top down."""
        return list(self._panes)

    @property
    def heights(self) -> tuple[int, ...]:
        """Heights of all panes, the price pane's first, logical pixels."""
        return tuple(self._split.sizes())

    def set_heights(self, heights: Sequence[int]) -> None:
        """Move the dividers; heights of another number of panes say nothing."""
        if len(heights) == self._split.count() and all(heights):
            self._split.setSizes(list(heights))

    def set_indicators(self, indicators: Sequence[Indicator]) -> None:
        """Show these indicators, each in a pane of its own, and no others."""
        before = len(self._panes)
        while len(self._panes) > len(indicators):
            self._remove(self._panes.pop())
        for pane, indicator in zip(self._panes, indicators, strict=False):
            if pane.picture.indicator is not indicator:
                pane.set_picture(self._picture(indicator))
        for indicator in indicators[len(self._panes) :]:
            self._add(indicator)
        self._pane.show_volume(shown=not any(map(_has_volume, indicators)))
        if bool(before) != bool(self._panes):
            self._take_time_axis(taken=bool(self._panes))

    def replace(self, series: BarSeries, market: Market | None) -> None:
        """Show other bars from now on."""
        self._source = (series, market)
        for pane in self._panes:
            pane.set_picture(self._picture(pane.picture.indicator))

    def _texts(self) -> list[str]:
        """Return the longest numbers at the axes of the panes, those of the latest bars."""
        return [text for pane in self._panes for text in pane.picture.axis_texts()]

    def follow(self) -> None:
        """Draw what the ticks have changed."""
        for pane in self._panes:
            pane.follow()

    def point_at(self, x: int | None) -> None:
        """Show the crosshair's line in all panes; None = no line."""
        for pane in self._panes:
            pane.point_at(x)
        if self._panes:
            self._strip.update()

    def repaint(self) -> None:
        """Paint all anew."""
        for pane in self._panes:
            pane.update()
        if self._panes:
            self._strip.update()

    def _picture(self, indicator: Indicator) -> "PanePicture":
        from ui.chart.pane_picture import PanePicture

        assert self._source is not None
        return PanePicture(indicator, *self._source, self._pane.time_axis)

    def _add(self, indicator: Indicator) -> None:
        from ui.chart.indicator_pane import IndicatorPane

        if not self._styled:
            self._styled = True
            wear(self._split, _divider_style)
        pane = IndicatorPane(self._pane.view, self._picture(indicator))
        pane.pointed.connect(self.pointed)
        heights = self._split.sizes()
        self._split.addWidget(pane)
        self._split.setStretchFactor(self._split.count() - 1, 0)
        self._panes.append(pane)
        if sum(heights):
            self._split.setSizes(_with_another(heights))

    def _remove(self, pane: "IndicatorPane") -> None:
        pane.hide()
        pane.setParent(None)
        pane.deleteLater()

    def _take_time_axis(self, *, taken: bool) -> None:
        """Let the time axis stand below the last pane, or in the price pane if it is the last."""
        self._pane.plot_item.showAxis("bottom", not taken)
        self._strip.setVisible(taken)
        moved = self._pane.view.sigRangeChanged
        (moved.connect if taken else moved.disconnect)(self.repaint)


def _has_volume(indicator: Indicator) -> bool:
    look = indicator.formula.pane
    return look is not None and look.has_volume


def _with_another(heights: list[int]) -> list[int]:
    """Return the heights with those of one more pane; the price keeps the greater part."""
    whole = sum(heights)
    others = [*heights[1:], round(whole * _SHARE)]
    price = max(heights[0] - others[-1], round(whole * _LEAST_SHARE))
    return [price, *(round(one * (whole - price) / sum(others)) for one in others)]


def _divider_style() -> str:
    """Return the style of the dividers, which a program of others has none for."""
    return (
        f"QSplitter::handle {{ background: {theme.BORDER}; }}"
        f"QSplitter::handle:hover {{ background: {theme.ACCENT}; }}"
    )


def overlays(indicators: Sequence[Indicator]) -> list[Indicator]:
    """Return those that are drawn over the bars."""
    return [one for one in indicators if one.formula.pane is None]


def below(indicators: Sequence[Indicator]) -> list[Indicator]:
    """Return those that have a pane of their own."""
    return [one for one in indicators if one.formula.pane is not None]
