"""Timers of a chart: one frame for all that happened since the last, and the clock's beat."""

from collections.abc import Callable

from PyQt6.QtCore import QObject, QTimer


def made_timer(
    parent: QObject, interval_ms: int, slot: Callable[[], None], *, once: bool
) -> QTimer:
    """Return a timer that is not running yet, and calls ``slot`` once or again and again."""
    timer = QTimer(parent)
    timer.setSingleShot(once)
    timer.setInterval(interval_ms)
    timer.timeout.connect(slot)
    return timer
