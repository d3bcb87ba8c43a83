"""Held keys in, intent out: what is staged, and what a key asks for. Knows no window and no clock.

Only a key that was pressed while the chart had the focus counts as held, so an auto-repeat, a
release that comes from elsewhere, or a key that was held when the focus came back stage nothing.
"""

from dataclasses import dataclass
from enum import Enum, auto
from typing import Final, cast

from ems.messages import Action, ExecMode, OrderType
from order_mode.keymap import MODIFIERS, ORDER_KEYS, Keymap
from order_mode.sizing import ExitShare

CANCEL_TWICE_NS: Final = 500_000_000
"""The second cancel key comes within this time to mean all orders."""

_MAX_SLOTS_DIGITS: Final = 2
_COMMANDS: Final = frozenset(
    {"next", "menu", "fills", "help", "bracket", "tie"}
    | {"flatten", "reverse", "half_out", "slot_out", "break_even"}
)
"""Bindings that ask for the command of their name."""
_BARE: Final = frozenset({"cancel"} | _COMMANDS - {"bracket"})
"""Bindings whose keys mean nothing with a modifier: ctrl+c is the program's copy."""
_WHILE_STAGED: Final = frozenset({"half", "all", "type"})
"""Bindings that mean something only while an order key is held."""


class Command(Enum):
    """What a key press asks for."""

    HOLD = auto()  # what is staged may have changed
    SLOTS = auto()  # a digit was typed: `Intent.slots` is new
    CANCEL = auto()
    CANCEL_ALL = auto()
    NEXT = auto()
    MENU = auto()
    FILLS = auto()
    BRACKET = auto()  # the next one for what is staged
    EXITS = auto()  # of the line under the cursor
    FLATTEN = auto()
    REVERSE = auto()
    HALF_OUT = auto()
    SLOT_OUT = auto()
    BREAK_EVEN = auto()
    TIE = auto()
    UNSTAGE = auto()
    HELP = auto()
    KEEP = auto()  # the key is ours, and nothing changes


@dataclass(frozen=True, slots=True)
class Intent:
    """What a click would place."""

    action: Action
    exec_mode: ExecMode
    slots: int | None = None
    """As typed while the key is held; None = none typed."""
    share: ExitShare | None = None
    """Of the position, for an exit; None = a slot."""
    turns: int = 0
    """How often the type key was pressed: 0 = the type that the price says by itself."""
    type: OrderType | None = None
    """As chosen in a menu; None = by the rule and the turns."""


class Gesture:
    """The state of the hands of one trader on one chart.

    Parameters
    ----------
    keymap
        Which key does what.
    """

    def __init__(self, keymap: Keymap) -> None:
        self._keymap = keymap
        self._held: set[str] = set()
        self._digits = ""
        self._share: ExitShare | None = None
        self._turns = 0
        self._canceled_ns: int | None = None
        self._live_modifiers = MODIFIERS.intersection(keymap.keys_of("live"))

    @property
    def intent(self) -> Intent | None:
        """What is staged; None unless exactly one order key is held."""
        actions = self._held_actions()
        if len(actions) != 1:
            return None
        live = any(self._keymap.name_of(key) == "live" for key in self._held)
        slots = int(self._digits) if self._digits else None
        share = None if actions[0] == "alert" else self._share
        turns = 0 if actions[0] == "alert" else self._turns
        return Intent(cast(Action, actions[0]), "live" if live else "dark", slots, share, turns)

    @property
    def conflict(self) -> str:
        """Why nothing is staged though order keys are held, as a sentence; else empty."""
        actions = self._held_actions()
        if len(actions) < 2:
            return ""
        return f"The keys for {' and '.join(actions)} are both held: nothing is staged."

    def wants(self, key: str, modifiers: frozenset[str] | None = None) -> bool:
        """Tell whether `press` would take this key; nothing changes."""
        name = self._keymap.name_of(key)
        if self._foreign(name, modifiers):
            return False
        if name in _WHILE_STAGED or name is None:
            return (name is not None or _is_digit(key)) and self.intent is not None
        return True

    def press(
        self,
        key: str,
        *,
        time_ns: int,
        auto_repeat: bool = False,
        modifiers: frozenset[str] | None = None,
    ) -> Command | None:
        """Take a key press and return what it asks for, None if the key is not ours.

        Parameters
        ----------
        key
            Key text in lower case, as in the keymap.
        time_ns
            Any steady clock in nanoseconds; tells one cancel key from two.
        auto_repeat
            True for a press that the keyboard repeats: it never changes anything.
        modifiers
            The modifiers down during the press, by name; None = not known.
        """
        name = self._keymap.name_of(key)
        if not self.wants(key, modifiers):
            return None
        if auto_repeat:
            return Command.KEEP
        self._follow(modifiers)
        canceled_ns, self._canceled_ns = self._canceled_ns, None
        match name:
            case "buy" | "sell" | "alert" | "live":
                self._held.add(key)
                return Command.HOLD
            case "cancel":
                return self._cancel(time_ns, canceled_ns)
            case "half" | "all":
                self._share = None if self._share == name else name
                return Command.HOLD
            case "type":
                self._turns += 1
                return Command.HOLD
            case "unstage":
                self.unstage()
                return Command.UNSTAGE
            case "bracket" if self.intent is None:
                return Command.EXITS
            case str() if name in _COMMANDS:
                return Command[name.upper()]
        return self._digit(key)

    def release(self, key: str, *, auto_repeat: bool = False) -> bool:
        """Take a key release; return whether the key counted as held."""
        if auto_repeat or key not in self._held:
            return False
        self._held.discard(key)
        if not self._held_actions():
            self._forget_typed()
        return True

    def unstage(self) -> None:
        """Stage nothing until an order key is pressed anew."""
        self._held = {key for key in self._held if self._keymap.name_of(key) not in ORDER_KEYS}
        self._forget_typed()

    def disarm(self) -> None:
        """Forget every key: the focus went elsewhere."""
        self._held.clear()
        self._forget_typed()
        self._canceled_ns = None

    def _forget_typed(self) -> None:
        self._digits = ""
        self._share = None
        self._turns = 0

    def _held_actions(self) -> list[str]:
        names = {self._keymap.name_of(key) for key in self._held}
        return [name for name in ORDER_KEYS if name in names]

    def _foreign(self, name: str | None, modifiers: frozenset[str] | None) -> bool:
        """Tell whether the modifiers make it another program's shortcut: alt+f, ctrl+c."""
        ours = frozenset() if name in _BARE else self._live_modifiers
        return bool((modifiers or frozenset()) - ours - {"shift"})

    def _follow(self, modifiers: frozenset[str] | None) -> None:
        """Believe an event about the modifiers: one may have changed while the focus was away."""
        if modifiers is not None:
            self._held -= self._live_modifiers - modifiers
            self._held |= self._live_modifiers & modifiers

    def _cancel(self, time_ns: int, before_ns: int | None) -> Command:
        if before_ns is not None and 0 <= time_ns - before_ns <= CANCEL_TWICE_NS:
            return Command.CANCEL_ALL
        self._canceled_ns = time_ns
        return Command.CANCEL

    def _digit(self, key: str) -> Command:
        typed = self._digits if len(self._digits) < _MAX_SLOTS_DIGITS else ""
        if not typed and key == "0":
            return Command.KEEP
        self._digits = typed + key
        return Command.SLOTS


def _is_digit(key: str) -> bool:
    return len(key) == 1 and key in "0123456789"
