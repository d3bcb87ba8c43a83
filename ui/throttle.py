"""Shows a change at once, and while they keep coming no more often than eyes can follow."""

from collections.abc import Callable

from PyQt6.QtCore import QObject, QTimer

USUAL_MS = 40


class Throttle(QObject):
    """Calls at the first time of asking; what is asked for within the pause after it comes once.

    Parameters
    ----------
    call
        Is called; the last change is never left out.
    parent
        The timer goes with it.
    every_ms : int
        The pause.
    """

    def __init__(self, call: Callable[[], None], parent: QObject, every_ms: int = USUAL_MS) -> None:
        super().__init__(parent)
        self._call = call
        self._asked = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(every_ms)
        self._timer.timeout.connect(self._after_pause)

    def ask(self) -> None:
        """Call now, or at the end of the pause."""
        if self._timer.isActive():
            self._asked = True
            return
        self._timer.start()
        self._call()

    def stop(self) -> None:
        """Call no more."""
        self._asked = False
        self._timer.stop()

    def _after_pause(self) -> None:
        if self._asked:
            self._asked = False
            self.ask()
