"""How long things may take, and how long to wait before trying again."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

_GROWTH: Final = 2.0
_LEAST_JITTER: Final = 0.5


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds. Kraken's heartbeat comes each second, so a few silent ones mean a dead line."""

    silence_s: float = 5.0
    """A connection that says nothing for so long is taken for dead."""
    sync_s: float = 10.0
    """So long may the answer to a subscription take."""
    steady_s: float = 30.0
    """A connection that held for so long ends the growth of the pauses."""
    first_pause_s: float = 1.0
    longest_pause_s: float = 60.0
    deadline_s: float = 5.0
    """The matching engine may not take an order that reaches it later than so long after it was
    sent: once this is over, an order that cannot be found will not turn up any more."""
    trades_pause_s: float = 1.0
    """Between one call for public trades and the next: Kraken takes about one a second and pair."""
    http_s: float = 10.0
    """The longest that one REST call may take."""
    again_s: float = 0.25
    """The first pause before a question over REST is asked again; each further one is twice it."""


class Pauses:
    """Growing, jittered pauses between tries, so that a thousand clients do not knock at once."""

    def __init__(self, timing: Timing, roll: Callable[[], float] = random.random) -> None:
        self._timing = timing
        self._roll = roll
        self._next_s = timing.first_pause_s

    def next(self, held_s: float = 0.0) -> float:
        """Return how long to wait now, after a connection that held for ``held_s``."""
        if held_s >= self._timing.steady_s:
            self._next_s = self._timing.first_pause_s
        pause = self._next_s
        self._next_s = min(pause * _GROWTH, self._timing.longest_pause_s)
        return pause * (_LEAST_JITTER + (1 - _LEAST_JITTER) * self._roll())
