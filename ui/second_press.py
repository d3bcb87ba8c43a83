"""A deed that takes two presses: the second has to follow the first within seconds."""

import time
from typing import Final

SURE_S: Final = 4.0


class SecondPress:
    """Tells a second press within `SURE_S` from a first one."""

    def __init__(self) -> None:
        self._first_s = -SURE_S

    def press(self) -> bool:
        """Take a press; return whether it is the second. If not, the next one can be."""
        now_s = time.monotonic()
        if now_s - self._first_s < SURE_S:
            return True
        self._first_s = now_s
        return False

    def forget(self) -> None:
        """Take the next press as a first one."""
        self._first_s = -SURE_S
