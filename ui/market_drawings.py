"""The drawings of every market: the same on each of its charts, and kept in the layout."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final, Literal

from ui.chart import Chart
from ui.chart.drawing import Anchor, Drawing, DrawingKind
from ui.layout import DrawingLayout

_NAMES: Final[dict[DrawingKind, Literal["level", "trend", "rectangle"]]] = {
    DrawingKind.LEVEL: "level",
    DrawingKind.TREND: "trend",
    DrawingKind.RECTANGLE: "rectangle",
}


class MarketDrawings:
    """Hands what is drawn on one chart of a market to the others."""

    def __init__(self) -> None:
        self._drawings: dict[str, tuple[Drawing, ...]] = {}
        self._charts: list[tuple[str, Chart]] = []

    def add(self, fqsn: str, chart: Chart) -> None:
        """Show the drawings of a market on one more chart of it."""
        self._charts.append((fqsn, chart))
        chart.drawing_hand.drawings.load(self._drawings.get(fqsn, ()))
        chart.drawing_hand.changed.connect(partial(self._follow, fqsn, chart))

    def remove(self, chart: Chart) -> None:
        """Forget a chart; the drawings stay."""
        self._charts = [pair for pair in self._charts if pair[1] is not chart]

    def layout_now(self) -> dict[str, tuple[DrawingLayout, ...]]:
        """Return what a layout keeps; markets with nothing on them are left out."""
        return {
            fqsn: tuple(map(_layout_of, drawings))
            for fqsn, drawings in self._drawings.items()
            if drawings
        }

    def load(self, kept: Mapping[str, Sequence[DrawingLayout]]) -> None:
        """Begin with what a layout has kept; what is no drawing in it is left out."""
        self._drawings = {fqsn: _drawings_of(drawings) for fqsn, drawings in kept.items()}
        for fqsn, chart in self._charts:
            chart.drawing_hand.drawings.load(self._drawings.get(fqsn, ()))

    def take(self, kept: Mapping[str, Sequence[DrawingLayout]]) -> None:
        """Show what a layout has for its markets, in a step that can be undone."""
        for fqsn, layouts in kept.items():
            drawings = self._drawings[fqsn] = _drawings_of(layouts)
            for market, chart in self._charts:
                if market == fqsn:
                    chart.drawing_hand.drawings.put_all(drawings)

    def _follow(self, fqsn: str, source: Chart) -> None:
        drawings = source.drawing_hand.drawings.all
        self._drawings[fqsn] = drawings
        for market, chart in self._charts:
            if market == fqsn and chart is not source:
                chart.drawing_hand.drawings.load(drawings)


def _layout_of(drawing: Drawing) -> DrawingLayout:
    return DrawingLayout(
        kind=_NAMES[drawing.kind], anchors=tuple((a.time_ns, a.price) for a in drawing.anchors)
    )


def _drawings_of(kept: Sequence[DrawingLayout]) -> tuple[Drawing, ...]:
    made = []
    for one in kept:
        anchors = tuple(Anchor(time_ns, price) for time_ns, price in one.anchors)
        if len(anchors) == (1 if one.kind == "level" else 2):
            made.append(Drawing(DrawingKind[one.kind.upper()], anchors))
    return tuple(made)
