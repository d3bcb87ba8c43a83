"""What the keys of a chart ask for, done: each command of the gesture has its row in one table."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from order_mode.chart_port import ChartPort
from order_mode.gesture import Command, Gesture
from order_mode.position_hand import DEEDS, Deed

if TYPE_CHECKING:
    from order_mode.order_mode import OrderMode


class KeyCommands:
    """Does with order mode what its keys say, as any other caller could.

    Parameters
    ----------
    mode
        Does it; its hands must be there already.
    gesture
        Knows which keys are held, and what a press asks for.
    chart
        Knows what is under the cursor, and shows the keys.
    changed
        Called after anything has changed that `mode` does not know of.
    """

    def __init__(
        self,
        mode: "OrderMode",
        gesture: Gesture,
        chart: ChartPort,
        changed: Callable[[], object],
    ) -> None:
        self._mode = mode
        self._gesture = gesture
        self._chart = chart
        self._changed = changed
        self._doing: dict[Command, Callable[[], object]] = {
            Command.HOLD: self._tell_conflict,
            Command.SLOTS: self._take_slots,
            Command.CANCEL: mode.cancel_under_cursor,
            Command.CANCEL_ALL: mode.cancel_all,
            Command.NEXT: chart.mark_next_line,
            Command.MENU: chart.open_menu,
            Command.FILLS: chart.toggle_fills,
            Command.BRACKET: self._take_next_preset,
            Command.EXITS: self._open_exits,
            **{Command[deed.upper()]: partial(self._ask, deed) for deed in DEEDS},
            Command.TIE: self._tie_under_cursor,
            Command.HELP: self._turn_keys_shown,
            Command.KEEP: lambda: None,
        }

    def wants(self, key: str, modifiers: frozenset[str] | None) -> bool:
        """Tell whether `pressed` would use this key now; nothing changes."""
        match self._mode.keymap.name_of(key):
            case "unstage":
                return self._gives_up
            case "next":
                return self._chart.lines_under_cursor() > 1
            case "bracket" if self._gesture.intent is None:
                return not modifiers and self._chart.line_under_cursor() is not None
        return self._gesture.wants(key, modifiers)

    def pressed(
        self, key: str, *, time_ns: int, auto_repeat: bool, modifiers: frozenset[str] | None
    ) -> bool:
        """Do what a key press asks for, as `Gesture.press`; return whether it was used."""
        by_line = self._mode.keymap.name_of(key) in ("next", "bracket")
        if by_line and not self.wants(key, modifiers):
            return False
        gave_up = self._gives_up
        command = self._gesture.press(
            key, time_ns=time_ns, auto_repeat=auto_repeat, modifiers=modifiers
        )
        if command is None:
            return False
        if command is Command.UNSTAGE:
            return self._escape() or gave_up
        self._doing[command]()
        return True

    @property
    def _gives_up(self) -> bool:
        """True if there is something that the unstage key would give up."""
        hands, mode = self._gesture, self._mode
        in_hand = hands.intent is not None or bool(hands.conflict) or mode.dragging
        return in_hand or mode.oco.marked is not None

    def _escape(self) -> bool:
        """Give up all that is in hand; return False if the keys were not shown."""
        keys_shown = self._chart.hide_keys()
        self._mode.drag_aborted()
        self._mode.exits.put_back()
        self._mode.oco.unmark()
        return keys_shown

    def _tell_conflict(self) -> None:
        if self._gesture.conflict:
            self._chart.notify(self._gesture.conflict, "warning")

    def _take_slots(self) -> None:
        intent = self._gesture.intent
        if intent is not None and intent.slots is not None:
            self._mode.set_sizing(replace(self._mode.sizing, slots=intent.slots))

    def _take_next_preset(self) -> None:
        mode = self._mode
        choices = [None, *mode.presets]
        now = choices.index(mode.preset) if mode.preset in choices else 0
        mode.set_preset(choices[(now + 1) % len(choices)])

    def _ask(self, deed: Deed) -> None:
        self._mode.hand.ask(deed, self._mode.keymap.keys_of(deed))

    def _open_exits(self) -> None:
        key = self._chart.line_under_cursor()
        if key is not None:
            self._chart.open_exits(key)

    def _tie_under_cursor(self) -> None:
        key = self._chart.line_under_cursor()
        if key is not None:
            self._mode.oco.mark(key)
            self._changed()

    def _turn_keys_shown(self) -> None:
        if not self._chart.hide_keys():
            self._chart.show_keys(self._mode.keymap)
