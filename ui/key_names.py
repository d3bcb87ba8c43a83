"""Qt's keys and modifiers by the names that the keymap has for them."""

import sys
from typing import Final

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QInputEvent, QKeyEvent

from order_mode.keymap import Keymap

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


_ROWS: Final = ((16, "qwertyuiop"), (30, "asdfghjkl"), (44, "zxcvbnm"))
_LETTER_AT: Final = {
    first + place: letter for first, letters in _ROWS for place, letter in enumerate(letters)
}
"""The letter on a key of a Latin keyboard, by the key's scan code (set 1, as evdev has it)."""
_MAC_ROW: Final = "asdfhgzxcv.bqweryt"  # code 10 is no letter
_MAC_LETTERS: Final = {code: letter for code, letter in enumerate(_MAC_ROW) if letter != "."} | {
    31: "o", 32: "u", 34: "i", 35: "p", 37: "l", 38: "j", 40: "k", 45: "n", 46: "m"
}  # fmt: skip
"""The same by macOS's virtual key code."""
_X11_OFFSET: Final = 8


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


def latin_name(event: QKeyEvent) -> str:
    """Return the letter that the same key has on a Latin keyboard, empty for none.

    On a Cyrillic or Greek layout no key has a Latin text: there the keymap means the place.
    """
    if sys.platform == "darwin":
        return _MAC_LETTERS.get(event.nativeVirtualKey(), "")
    offset = 0 if sys.platform == "win32" else _X11_OFFSET
    return _LETTER_AT.get(event.nativeScanCode() - offset, "")


def keymap_name(event: QKeyEvent, keymap: Keymap) -> str:
    """Return the key text that the keymap knows an event by; its own text comes first."""
    name = key_name(event)
    if name.isascii() or keymap.name_of(name) is not None:
        return name
    return latin_name(event) or name
