"""Sees from a thread of its own when the EMS has stopped answering, and what it was doing then."""

import logging
import sys
import threading
import traceback
from typing import Final

from PyQt6.QtCore import QObject, pyqtSignal

from ems.pulse import Pulse

log = logging.getLogger(__name__)

STILL_S: Final = 5.0
"""A heart that has not beaten for so long stands still."""
_LOOK_S: Final = 0.5


class Watchdog(QObject):
    """Looks at the pulse of an EMS.

    While the loop stands still nothing can be shown, for the window lives on the same thread: what
    it was doing is written to the log at once, and told in the window when it goes on.

    Parameters
    ----------
    pulse
        Of the EMS.
    thread_id
        The thread that the EMS runs on.

    Signals
    -------
    stood_still(str, str)
        It goes on: a sentence, and where it stood.
    """

    stood_still = pyqtSignal(str, str)

    def __init__(self, pulse: Pulse, thread_id: int, still_s: float = STILL_S) -> None:
        super().__init__()
        self._pulse = pulse
        self._thread_id = thread_id
        self._still_s = still_s
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread."""
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        longest_s, stack = 0.0, ""
        while not self._ended.wait(_LOOK_S):
            age_s = self._pulse.age_s
            if age_s >= self._still_s:
                longest_s = age_s
                stack = stack or self._noted()
            elif stack:
                self.stood_still.emit(_words(longest_s), stack)
                longest_s, stack = 0.0, ""

    def _noted(self) -> str:
        frame = sys._current_frames().get(self._thread_id)
        stack = "".join(traceback.format_stack(frame)) if frame else "the thread has ended"
        log.error("the EMS does not answer; it is here:\n%s", stack)
        return stack


def _words(seconds: float) -> str:
    return (
        f"The program stood still for {seconds:.0f} s: meanwhile no dark order could go out and no "
        "cancel. Look whether your orders are as you want them."
    )
