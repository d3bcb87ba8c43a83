"""Tells a key that repeats by itself from a finger, where the window system does not say so."""


class KeyRepeats:
    """Knows the last release.

    On X11 a key that is held down is released and pressed again and again, each pair at one
    moment of the server's clock. Qt marks such pairs as auto-repeat, but only where it finds the
    press behind the release in its queue; the others look like a finger (seen with Qt 6.11 under
    load). No finger is up and down in the same millisecond.
    """

    def __init__(self) -> None:
        self._last: tuple[str, int] | None = None
        self._ended_hold = False

    def released(self, key: str, timestamp_ms: int, *, ended_hold: bool) -> None:
        """Note a release; ``ended_hold`` tells that it let go of something that was held."""
        self._last = (key, timestamp_ms)
        self._ended_hold = ended_hold

    def is_repeat(self, key: str, timestamp_ms: int) -> bool:
        """Tell whether a press is to be left out.

        The other half of a pair is, unless its release has just let go of what is still held
        down: then the press takes it up again.
        """
        paired = timestamp_ms != 0 and self._last == (key, timestamp_ms)
        return paired and not self._ended_hold
