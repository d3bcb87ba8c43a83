"""Real key events of a plot's view, handed to order mode by name."""

import time
from collections.abc import Callable
from typing import Final

from PyQt6.QtCore import QEvent
from PyQt6.QtGui import QGuiApplication, QKeyEvent
from PyQt6.QtWidgets import QGraphicsItem, QGraphicsView

from order_mode.keymap import HELD_KEYS
from order_mode.order_mode import OrderMode
from ui.key_names import keymap_name, modifier_names
from ui.key_repeats import KeyRepeats

_TAKES_TEXT: Final = QGraphicsItem.GraphicsItemFlag.ItemAcceptsInputMethod


class OrderModeKeys:
    """Uses up exactly the keys that order mode acted on.

    Parameters
    ----------
    mode
        Gets them.
    view
        Whose events they are.
    clock_ns
        Tells one cancel key from two where the platform gives events no time.
    """

    def __init__(
        self,
        mode: OrderMode,
        view: QGraphicsView,
        clock_ns: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        self._mode = mode
        self._view = view
        self._clock_ns = clock_ns
        self._repeats = KeyRepeats()

    def take(self, event: QKeyEvent, *, over: bool) -> bool:
        """Hand an event on; return whether it was used.

        Parameters
        ----------
        over
            The cursor is over the plot; the key of the menu works without.
        """
        name, modifiers = keymap_name(event, self._mode.keymap), modifier_names(event)
        if event.type() == QEvent.Type.KeyRelease:
            return self._release(name, event)
        away = not over and self._mode.keymap.name_of(name) != "menu"
        if not name or away or not self._view.hasFocus() or self._types_in_scene():
            return False
        if event.type() == QEvent.Type.ShortcutOverride:
            return self._mode.wants_key(name, modifiers)
        return self._mode.key_pressed(
            name,
            time_ns=event.timestamp() * 1_000_000 or self._clock_ns(),
            auto_repeat=event.isAutoRepeat() or self._repeats_unsaid(name, event),
            modifiers=modifiers,
        )

    def _release(self, name: str, event: QKeyEvent) -> bool:
        used = self._mode.key_released(name, auto_repeat=event.isAutoRepeat())
        held = used and self._mode.keymap.name_of(name) in HELD_KEYS
        self._repeats.released(name, event.timestamp(), ended_hold=held)
        return used

    def _repeats_unsaid(self, name: str, event: QKeyEvent) -> bool:
        on_x11 = QGuiApplication.platformName() == "xcb"
        return on_x11 and self._repeats.is_repeat(name, event.timestamp())

    def _types_in_scene(self) -> bool:
        """Tell whether text is being typed into an item of the plot."""
        scene = self._view.scene()
        item = None if scene is None else scene.focusItem()
        return item is not None and bool(item.flags() & _TAKES_TEXT)
