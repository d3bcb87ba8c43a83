"""Qt's keys and modifiers by the names that the keymap has for them."""

from typing import Final

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QInputEvent, QKeyEvent

_NAMES: Final[dict[int, str]] = {
    Qt.Key.Key_Escape: "escape",
    Qt.Key.Key_Tab: "tab",
    Qt.Key.Key_Menu: "menu",
    Qt.Key.Key_Space: "space",
    Qt.Key.Key_Return: "return",
    Qt.Key.Key_Enter: "return",
    Qt.Key.Key_Backspace: "backspace",
    Qt.Key.Key_Delete: "delete",
    Qt.Key.Key_Insert: "insert",
    Qt.Key.Key_Home: "home",
    Qt.Key.Key_End: "end",
    Qt.Key.Key_Control: "ctrl",
    Qt.Key.Key_Shift: "shift",
    Qt.Key.Key_Alt: "alt",
    Qt.Key.Key_Meta: "meta",
} | {Qt.Key.Key_F1 + number: f"f{number + 1}" for number in range(12)}

_MODIFIERS: Final = {
    "ctrl": Qt.KeyboardModifier.ControlModifier,
    "shift": Qt.KeyboardModifier.ShiftModifier,
    "alt": Qt.KeyboardModifier.AltModifier,
    "meta": Qt.KeyboardModifier.MetaModifier,
}


def key_name(event: QKeyEvent) -> str:
    """Return the key text of an event in lower case, empty for a key that has none."""
    key = event.key()
    if key in _NAMES:
        return _NAMES[key]
    return chr(key).lower() if 0x20 < key <= 0x10FFFF else ""  # Qt's codes of letters are Unicode


def modifier_names(event: QInputEvent) -> frozenset[str]:
    """Return the modifiers that are down, by name."""
    down = event.modifiers()
    return frozenset(name for name, flag in _MODIFIERS.items() if down & flag)
