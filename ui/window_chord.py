"""A key chord that is heard wherever the focus in the program is, once a press."""

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QKeySequence, QShortcut
from PyQt6.QtWidgets import QWidget


def window_chord(keys: str, window: QWidget) -> QShortcut:
    """Return the chord, as in ``Ctrl+Shift+K``; it belongs to the window."""
    chord = QShortcut(QKeySequence(keys), window)
    chord.setContext(Qt.ShortcutContext.ApplicationShortcut)
    chord.setAutoRepeat(False)
    return chord
