"""How long it is until a bar closes."""

from typing import Final

_SECOND: Final = 1_000_000_000
_MINUTE_S: Final = 60
_HOUR_S: Final = 3600
_DAY_S: Final = 86_400


def time_left(start_ns: int, end_ns: int, now_ns: int) -> str:
    """Return the time until a bar closes: ``0:42``, ``1:05:00``, ``3d 04h``.

    Empty if ``now_ns`` is not inside the bar, or bars are shorter than two seconds.

    Parameters
    ----------
    start_ns, end_ns : int
        When the bar begins and when it is over, UTC ns.
    now_ns : int
        UTC ns.
    """
    left_ns, whole_ns = end_ns - now_ns, end_ns - start_ns
    if not 0 < left_ns <= whole_ns or whole_ns < 2 * _SECOND:
        return ""
    seconds = -(-left_ns // _SECOND)
    if seconds > _DAY_S:
        return f"{seconds // _DAY_S}d {seconds % _DAY_S // _HOUR_S:02}h"
    minutes, rest = divmod(seconds, _MINUTE_S)
    if seconds < _HOUR_S:
        return f"{minutes}:{rest:02}"
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}"
