"""One moment in all charts: where the crosshair of one is, the others show its time."""

from functools import partial

from ui.chart import Chart


class CrosshairLink:
    """Hands the time that is pointed at from one chart to the others, while it is on."""

    def __init__(self) -> None:
        self.on = False
        self._charts: list[Chart] = []

    def add(self, chart: Chart) -> None:
        """Tie a chart to the others."""
        self._charts.append(chart)
        chart.pointed.connect(partial(self._hand_on, chart))

    def remove(self, chart: Chart) -> None:
        """Let a chart go."""
        self._charts.remove(chart)

    def set_on(self, on: bool) -> None:
        """Link the charts, or take the lines of others away."""
        self.on = on
        if not on:
            for chart in self._charts:
                chart.point_at(None)

    def _hand_on(self, source: Chart, time_ns: int | None) -> None:
        if self.on and source in self._charts:
            for chart in self._charts:
                if chart is not source:
                    chart.point_at(time_ns)
