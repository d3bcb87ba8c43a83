"""How one chart is arranged, read from the chart and put back on it."""

from ui.chart import Chart, Indicator
from ui.indicator_kinds import Kinds, made, remembered
from ui.layout import ChartLayout


def chart_layout(chart: Chart, market: str, known: Kinds) -> ChartLayout:
    """Return what a layout keeps of a chart.

    Parameters
    ----------
    chart : Chart
        As the user has left it.
    market : str
        Its fqsn.
    known : mapping
        The indicators that there are.
    """
    return ChartLayout(
        market=market,
        period_ns=chart.period_ns,
        style=chart.bar_style,
        in_percent=chart.in_percent,
        log_scale=chart.log_scale,
        indicators=tuple(remembered(one, known) for one in chart.indicators),
        panes=chart.panes.heights if chart.panes.panes else (),
    )


def arrange(chart: Chart, layout: ChartLayout, known: Kinds) -> list[str]:
    """Put a layout on a chart, all but its market and its period, which need other bars.

    Returns
    -------
    list of str
        A sentence for each thing that cannot be: the rest is there nevertheless.
    """
    indicators: list[Indicator] = []
    troubles: list[str] = []
    for kept in layout.indicators:
        try:
            indicators.append(made(kept, known))
        except ValueError as error:
            troubles.append(f"The layout has an indicator that was left out: {error}")
    chart.set_bar_style(layout.style)
    chart.set_in_percent(layout.in_percent)
    chart.set_log_scale(layout.log_scale)
    chart.set_indicators(indicators)
    chart.panes.set_heights(layout.panes)
    return troubles
