"""How one chart is arranged, read from the chart and put back on it."""

from ui.chart import Chart, Indicator
from ui.chart.period import FixedPeriod, Period, parse_period, period_of_ns
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
    period = chart.period
    return ChartLayout(
        market=market,
        period_ns=period.ns if isinstance(period, FixedPeriod) else None,
        period=None if isinstance(period, FixedPeriod) else period.text,
        style=chart.bar_style,
        in_percent=chart.axes.in_percent,
        log_scale=chart.axes.log_scale,
        timezone=chart.axes.timezone,
        indicators=tuple(remembered(one, known) for one in chart.indicators),
        panes=chart.panes.heights if chart.panes.panes else (),
    )


def kept_period(layout: ChartLayout) -> Period | None:
    """Return the period of the bars that a layout has kept; None = as the config says."""
    if layout.period_ns is not None:
        return period_of_ns(layout.period_ns)
    try:
        return None if layout.period is None else parse_period(layout.period)
    except ValueError:
        return None


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
    if layout.timezone is not None:
        try:
            chart.set_timezone(layout.timezone)
        except ValueError as error:
            troubles.append(f"The layout has a time zone that was left out: {error}")
    chart.set_indicators(indicators)
    chart.panes.set_heights(layout.panes)
    return troubles
