"""A new indicator: of a formula or of a Python function, in colours of its own."""

from collections.abc import Callable, Sequence
from typing import Any

from ui import theme
from ui.chart.formula import Formula
from ui.chart.function_formula import function_formula
from ui.chart.indicator import Indicator
from ui.chart.pane_look import Look


def new_indicator(
    what: Formula | Callable[..., Any],
    others: Sequence[Indicator],
    name: str = "",
    *,
    pane: bool = False,
    colors: Sequence[str] = (),
) -> Indicator:
    """Return an indicator; parameters as for `Chart.add_indicator`, which tells what it raises."""
    formula = function_formula(what, name, pane=pane) if callable(what) else what
    if not colors:
        colors = free_colors(formula, others)
    if len(colors) != formula.shown or not all(map(theme.is_color, colors)):
        raise ValueError(
            f"{', '.join(colors)}: {formula.label} needs {formula.shown} names of colours"
        )
    return Indicator(formula, tuple(colors))


def free_colors(formula: Formula, others: Sequence[Indicator]) -> tuple[str, ...]:
    """Return a colour for each value of a formula.

    Over the bars all its lines have one, which no other indicator there has while there are
    enough; in a pane of its own each line has another one.
    """
    if formula.pane is not None:
        lines = iter(theme.INDICATORS * formula.shown)
        looks = formula.pane.looks
        return tuple(next(lines) if one is Look.LINE else theme.TEXT_MUTED for one in looks)
    used = {color for one in others if one.formula.pane is None for color in one.colors}
    free = [color for color in theme.INDICATORS if color not in used] or theme.INDICATORS
    return (free[0],) * formula.shown
