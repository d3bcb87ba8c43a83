"""Which pixels of the last bar's column a tick changes."""

from typing import NamedTuple

from ui.chart.bar_layer import BarLayer
from ui.chart.bar_series import Bar
from ui.chart.columns import PixelMap
from ui.chart.strips import Part
from ui.chart.visible_bars import body_width


class LiveColumn(NamedTuple):
    """The last bar as it is on the screen, device pixels."""

    x: int
    up: bool
    open: int
    high: int
    low: int
    close: int
    volume: int
    """Top row of its volume."""


def live_column(x: int, bar: Bar, volume: int, pixels: PixelMap) -> LiveColumn:
    """Return how a bar looks on the screen.

    Parameters
    ----------
    x : int
        Middle of its column, device pixels.
    volume : int
        Top row of its volume, device pixels.
    """
    row = pixels.row
    up = bar.close >= bar.open
    return LiveColumn(x, up, row(bar.open), row(bar.high), row(bar.low), row(bar.close), volume)


def changed_parts(
    before: LiveColumn | None, now: LiveColumn, pixels: PixelMap, layer: BarLayer
) -> list[Part]:
    """Return what is to be painted anew, logical pixels; nothing if all looks the same."""
    if before == now:
        return []
    left = now.x - layer.live_reach(pixels)
    right = min(now.x + body_width(pixels)[1] // 2 + 1, pixels.right)
    return [
        _logical(left, top, right, bottom, pixels.ratio)
        for top, bottom in _spans(before, now, pixels, layer)
        if top <= bottom  # a bar without volume has none at the foot of the pane
    ]


def _spans(
    before: LiveColumn | None, now: LiveColumn, pixels: PixelMap, layer: BarLayer
) -> list[tuple[int, int]]:
    """Return the rows that change, first and last, device pixels."""
    if layer.is_line:
        return [(pixels.top, pixels.bottom - 1)]
    if before is None or before[:3] != now[:3]:
        spans = [(now.high, now.low), (now.volume, pixels.bottom - 1)]
        if before is not None:
            spans += [(before.high, before.low), (before.volume, pixels.bottom - 1)]
        return spans
    pairs = zip(before[3:], now[3:], strict=True)
    return [(a, b) if a < b else (b, a) for a, b in pairs if a != b]


def _logical(left: int, top: int, right: int, bottom: int, ratio: float) -> Part:
    """Return the logical pixels that device pixels touch, and one more up and down."""
    if ratio == 1.0:
        return Part(left, top - 1, right + 1, bottom + 2)
    return Part(
        int(left / ratio),
        int(top / ratio) - 1,
        1 - int(-right / ratio // 1),
        2 - int(-bottom / ratio // 1),
    )
