"""How long the IB backend waits, and how its pauses grow."""

from collections.abc import Iterator

import msgspec


class Timing(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds, all of them."""

    connect_s: float = 10.0
    """From the socket to IB's greeting: a gateway can accept and then say nothing."""
    answer_s: float = 10.0
    """For one request: some versions of TWS never end the answer to some."""
    start_s: float = 4.0
    """The start of the program waits so long for what lives at IB; then it goes on without."""
    first_pause_s: float = 1.0
    longest_pause_s: float = 30.0
    poll_s: float = 5.0
    """IB tells nobody of changes to the orders of others, so they are asked for this often."""
    again_s: float = 5.0
    """The pause before IB is asked again for what it did not tell."""
    silence_s: float = 20.0
    """After so much silence TWS is asked for the time, to see whether it is there."""
    first_cancel_s: float = 2.0
    """The first pause before a cancel that met silence is sent again."""
    cancels: int = 5
    """So many cancels go out in all before the user is told."""

    def pauses(self, first_s: float | None = None) -> Iterator[float]:
        """Yield growing pauses, without end; the first is ``first_pause_s`` unless given."""
        pause = self.first_pause_s if first_s is None else first_s
        while True:
            yield pause
            pause = min(2 * pause, self.longest_pause_s)
