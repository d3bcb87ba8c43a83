"""The keymap as data: what each key does, in words, and how the user's config changes it."""

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from ems.errors import EmsError

MODIFIERS: Final = frozenset({"ctrl", "shift", "alt", "meta"})
NAMED_KEYS: Final = frozenset(
    {"escape", "tab", "space", "menu", "return", "backspace", "delete", "insert", "home", "end"}
    | {f"f{number}" for number in range(1, 13)}
)
ORDER_KEYS: Final = ("buy", "sell", "alert")
"""The bindings that stage something while they are held."""
HELD_KEYS: Final = (*ORDER_KEYS, "live")
"""The bindings that mean something for as long as they are down."""

_SINGLE: Final = re.compile(r"[^\s\d]")


class BadKeymap(EmsError):
    """The keymap in the config cannot be used."""


@dataclass(frozen=True, slots=True)
class Binding:
    """What one or more keys do."""

    name: str
    """What the config calls it."""
    keys: tuple[str, ...]
    """Key texts in lower case: ``f``, ``?``, ``escape``, ``ctrl``; any one of them will do.

    Empty = no key has it until the config gives it one.
    """
    description: str
    """One line for the overlay and the README."""


DEFAULT_BINDINGS: Final = (
    Binding("buy", ("f",), "hold, then click a price: buy"),
    Binding("sell", ("d",), "hold, then click a price: sell"),
    Binding("alert", ("a",), "hold, then click a price: alert"),
    Binding(
        "live", ("ctrl", "s"), "hold too: live, to the venue at once; without it dark, held here"
    ),
    Binding(
        "half", ("h",), "while an order key is held: close half of the position; again: a slot"
    ),
    Binding("all", ("e",), "while an order key is held: close everything; again: a slot"),
    Binding(
        "type", ("t",), "while an order key is held: the next type of order that can lie there"
    ),
    Binding(
        "bracket",
        ("g",),
        "while an order key is held: the next bracket of exits, or none; over a line: its exits",
    ),
    Binding("cancel", ("c",), "cancel the order under the cursor; twice: cancel all on this chart"),
    Binding("tie", ("o",), "over an order, then over another: one cancels the other (OCO)"),
    Binding(
        "flatten", ("z",), "close the position at market; asks first, the key once more is a yes"
    ),
    Binding("reverse", (), "close the position and enter the other way; asks as flatten does"),
    Binding("half_out", (), "close half of the position at market; asks as flatten does"),
    Binding("slot_out", (), "close a slot of the position at market; asks as flatten does"),
    Binding("break_even", ("k",), "move the stop-loss of the position to where it breaks even"),
    Binding("next", ("tab",), "go to the next line, where several are under the cursor"),
    Binding("menu", ("m", "menu"), "open the menu of the line, or of the price, at the cursor"),
    Binding("fills", ("v",), "hide or show the fills"),
    Binding("unstage", ("escape",), "stage nothing; give a dragged line its price back"),
    Binding("help", ("?",), "show or hide these keys"),
)
NO_KEY: Final = "(no key)"
"""Stands in tables for the key of what has none."""
DIGITS_HELP: Final = "1 2 3 ... while an order key is held: number of slots the limit is cut into"

MOUSE_HELP: Final = (
    ("drag a line", "change the price of its order; one request goes out, when you let go"),
    ("shift + drag", "an entry with its exits, where it goes alone without (or the reverse)"),
    (
        "drag ↕ of a label",
        "a stop-loss or take-profit out of it; a click: brackets, sizes, a safety stop",
    ),
    ("right click", "the menu of the line, or of the price: everything that keys do"),
)
"""What the mouse does with lines."""

RESERVED: Final = (
    (("space", ".", "[", "]"), "pause a replay, step it, slower, faster"),
    (("arrows", "home", "end", "r"), "move and zoom the chart, reset it"),
    (("alt+l", "alt+p"), "the price axis logarithmic, in percent; again: as it was"),
    (("page up", "page down"), "longer bars, shorter bars"),
    (("ctrl+o", "ctrl+w", "ctrl+tab"), "open a market, close it, go to the next"),
    (("ctrl+,",), "the safety page: limits and arming"),
    (("ctrl+shift+l",), "disarm a live account; twice: arm it"),
    (("ctrl+shift+k",), "KILL: cancel every order, refuse all new risk until released"),
)
"""Keys of the chart, the replay and the window around it, which no binding can have."""


@dataclass(frozen=True, slots=True)
class Keymap:
    """Which key does what; make one from a config with `parse_keymap`."""

    bindings: tuple[Binding, ...] = DEFAULT_BINDINGS

    def name_of(self, key: str) -> str | None:
        """Return the name of the binding that has the key, None if none has."""
        for binding in self.bindings:
            if key in binding.keys:
                return binding.name
        return None

    def keys_of(self, name: str) -> tuple[str, ...]:
        """Return the keys of a binding; raises KeyError if there is no such binding."""
        for binding in self.bindings:
            if binding.name == name:
                return binding.keys
        raise KeyError(name)

    def table(self, *, around: bool = True) -> list[tuple[str, str]]:
        """Return (keys, description) rows for the overlay and the README.

        Parameters
        ----------
        around
            Whether there are the chart and the window that have the `RESERVED` keys.
        """
        rows = [
            (" or ".join(binding.keys) or NO_KEY, binding.description) for binding in self.bindings
        ]
        digits, _, description = DIGITS_HELP.partition(" while ")
        others = [(" ".join(keys), words) for keys, words in RESERVED] if around else []
        return [*rows, (digits, f"while {description}"), *MOUSE_HELP, *others]


def parse_keymap(config: Mapping[str, object]) -> Keymap:
    """Return the default keymap with the changes of a config, as ``{"buy": "b"}``.

    Parameters
    ----------
    config
        Binding name to key text, or to a list of them; bindings not named keep their keys. An
        empty list takes the keys away.

    Raises
    ------
    BadKeymap
        If a name or a key is unknown, or two bindings share a key; the text names them.
    """
    changed = {_known(name): _parse_keys(name, keys) for name, keys in config.items()}
    bindings = tuple(
        replace(binding, keys=changed.get(binding.name, binding.keys))
        for binding in DEFAULT_BINDINGS
    )
    _refuse_conflicts(bindings)
    return Keymap(bindings)


def _known(name: str) -> str:
    names = [binding.name for binding in DEFAULT_BINDINGS]
    if name in names:
        return name
    near = difflib.get_close_matches(name, names, n=1)
    hint = f'did you mean "{near[0]}"?' if near else f"the bindings are {', '.join(names)}"
    raise BadKeymap(f'there is no binding "{name}"; {hint}')


def _parse_keys(name: str, keys: object) -> tuple[str, ...]:
    texts = [keys] if isinstance(keys, str) else keys
    if not isinstance(texts, list | tuple) or (not texts and name in HELD_KEYS):
        raise BadKeymap(f'"{name}" is {keys!r}; write a key like "f", or a list of keys')
    return tuple(dict.fromkeys(_parse_key(name, text) for text in texts))


def _parse_key(name: str, text: object) -> str:
    key = text.strip().lower() if isinstance(text, str) else ""
    if key in MODIFIERS and name != "live":
        raise BadKeymap(
            f'"{name}" is the modifier key "{key}", which only "live" can be; '
            f'give "{name}" a letter'
        )
    if key in MODIFIERS or key in NAMED_KEYS or _SINGLE.fullmatch(key):
        return key
    if key.isdigit():
        raise BadKeymap(f'"{name}" is {text!r}, but digits set the slots; choose a letter')
    raise BadKeymap(
        f'"{name}" is {text!r}, which is no key; write one character, '
        f"or one of {', '.join(sorted(MODIFIERS | NAMED_KEYS))}"
    )


def _refuse_conflicts(bindings: tuple[Binding, ...]) -> None:
    reserved = {key: words for keys, words in RESERVED for key in keys}
    owner: dict[str, str] = {}
    for binding in bindings:
        for key in binding.keys:
            if key in reserved:
                raise BadKeymap(
                    f'"{binding.name}" cannot have the key "{key}", which is there to '
                    f"{reserved[key]}; give it another"
                )
            if key in owner:
                raise BadKeymap(
                    f'"{owner[key]}" and "{binding.name}" both have the key "{key}"; '
                    "give one of them another"
                )
            owner[key] = binding.name
