"""The window to type a bracket into: its stop, its targets, and what lies behind them."""

from collections.abc import Callable, Mapping
from typing import Final

from PyQt6.QtWidgets import QWidget

from order_mode.bracket import Preset, StopType
from order_mode.typed_order import NotAnOrder
from ui.bracket_presets import BracketPreset
from ui.order_editor import Editor

_STOP_TYPES: Final[dict[str, StopType]] = {
    "stop": "stop",
    "trailing stop": "trailing_stop",
    "stop-limit": "stop_limit",
}
_WHERE: Final = {"at the venue": False, "held here (dark)": True}
_TITLE: Final = (
    "A bracket. Distances: 20 ticks, 1 %, 2 atr, or 150 money (of the whole order); of targets "
    "also 2 r, which is twice the stop. Several targets: 1 r x 50%, 3 r x 50%. A safety stop is a "
    "wide one at the venue behind exits that are held here."
)


def bracket_editor(then: Callable[[Preset], None], do_it: str, parent: QWidget) -> Editor:
    """Return an editor for a bracket, which ``then`` is called with.

    Parameters
    ----------
    do_it
        The text of the button.
    """

    def take(typed: Mapping[str, str]) -> None:
        then(typed_bracket(typed))

    texts: dict[str, str | tuple[str, ...]] = {
        "Stop": "",
        "Stop is a": tuple(_STOP_TYPES),
        "Targets": "",
        "Exits are": tuple(_WHERE),
        "Safety stop": "",
    }
    return Editor(_TITLE, do_it, texts, take, parent)


def typed_bracket(typed: Mapping[str, str]) -> Preset:
    """Return the bracket that was typed, named for what it is.

    Raises
    ------
    NotAnOrder
        If it is none; the text says why.
    """
    stop, safety = typed["Stop"].strip(), typed["Safety stop"].strip()
    targets = tuple(one.strip() for one in typed["Targets"].split(",") if one.strip())
    kind, held = typed["Stop is a"], _WHERE[typed["Exits are"]]
    words = [f"{kind} {stop}" if stop else "", " + ".join(targets), f"safety {safety}"]
    try:
        return BracketPreset(
            name=" · ".join(filter(None, words if safety else words[:2])) or "nothing",
            stop=stop,
            targets=targets,
            stop_type=_STOP_TYPES[kind],
            held_here=held,
            safety_stop=safety,
        ).preset
    except ValueError as error:
        text = str(error)
        raise NotAnOrder(f"{text[:1].upper()}{text[1:]}.") from None
