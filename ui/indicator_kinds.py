"""The indicators that a user can choose, by name, and how a layout remembers them."""

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from typing import TypeAlias

from ui import theme
from ui.chart import Indicator
from ui.chart.formula import Formula
from ui.chart.formulas import Bollinger, Ema, Sma, Vwap
from ui.chart.function_formula import FunctionFormula
from ui.chart.new_indicator import free_colors
from ui.chart.oscillators import Atr, Macd, Rsi, Volume
from ui.layout import IndicatorLayout

Kinds: TypeAlias = Mapping[str, Formula]
"""Each with its usual settings, by the name that a user reads."""


def kinds(zone: str, functions: Sequence[FunctionFormula] = (), early_s: int = 0) -> Kinds:
    """Return the indicators that there are.

    Parameters
    ----------
    zone : str
        IANA name of the time zone whose days the VWAP begins with.
    functions
        The user's own, after all others.
    early_s : int
        So many seconds before midnight such a day begins.
    """
    return {
        "SMA": Sma(20),
        "EMA": Ema(50),
        "VWAP": Vwap(zone, early_s),
        "Bollinger": Bollinger(20, 2.0),
        "Volume": Volume(20),
        "RSI": Rsi(14),
        "MACD": Macd(12, 26, 9),
        "ATR": Atr(14),
        **{one.name: one for one in functions},
    }


def kind_of(formula: Formula, known: Kinds) -> str:
    """Return the name of an indicator's kind; one that is not known has that of its class."""
    if isinstance(formula, FunctionFormula):
        return formula.name
    names = (name for name, one in known.items() if type(one) is type(formula))
    return next(names, type(formula).__name__)


def settings_of(formula: Formula) -> dict[str, int | float]:
    """Return what of a formula is for the user to set: its numbers, by their names."""
    if isinstance(formula, FunctionFormula):
        return dict(formula.settings)
    values = {field.name: getattr(formula, field.name) for field in fields(formula)}  # type: ignore[arg-type]
    fixed = getattr(formula, "fixed", ())
    return {
        name: value
        for name, value in values.items()
        if isinstance(value, int | float) and name not in fixed
    }


def with_settings(formula: Formula, settings: Mapping[str, int | float]) -> Formula:
    """Return the formula with other settings; names that it does not have are left out.

    Raises
    ------
    ValueError
        If a setting cannot be; says what can.
    """
    own = settings_of(formula)
    given = {name: type(own[name])(value) for name, value in settings.items() if name in own}
    if isinstance(formula, FunctionFormula):
        return replace(formula, settings=tuple((own | given).items()))
    return replace(formula, **given)  # type: ignore[type-var]


def remembered(indicator: Indicator, known: Kinds) -> IndicatorLayout:
    """Return what a layout keeps of an indicator."""
    return IndicatorLayout(
        kind=kind_of(indicator.formula, known),
        settings=settings_of(indicator.formula),
        colors=indicator.colors,
    )


def made(layout: IndicatorLayout, known: Kinds) -> Indicator:
    """Return the indicator that a layout has kept.

    Raises
    ------
    ValueError
        If there is no such indicator, or not with these settings; the text says so.
    """
    if layout.kind not in known:
        raise ValueError(f"there is no indicator {layout.kind!r}; there are {', '.join(known)}")
    formula = with_settings(known[layout.kind], layout.settings)
    colors = layout.colors
    if len(colors) != formula.shown or not all(map(theme.is_color, colors)):
        colors = free_colors(formula, ())
    return Indicator(formula, colors)
