"""How a length of bars, or of time, is written: ``30s``, ``5m``, ``1d``, ``1M``, ``100t``."""

import re
from typing import Final

_TEXT: Final = re.compile(r"([1-9]\d{0,3})(s|m|h|d|D|w|W|M|t)")
_UNIT_NS: Final = {
    "s": 1_000_000_000,
    "m": 60_000_000_000,
    "h": 3_600_000_000_000,
    "d": 86_400_000_000_000,
    "w": 604_800_000_000_000,
}


def read_period(text: str) -> tuple[int, str]:
    """Return how many of which unit: ``s``, ``m``, ``h``, ``d``, ``w``, ``M`` months, ``t`` ticks.

    Raises
    ------
    ValueError
        If the text is no period of bars; says what is.
    """
    match = _TEXT.fullmatch(text)
    if match is None:
        raise ValueError(
            f"{text!r} is not a period; write a whole number and s, m, h, d, w, M (month) or "
            "t (ticks), as in 30s, 5m, 1d, 1M, 100t"
        )
    count, unit = int(match[1]), match[2]
    if unit == "M" and count != 1:
        raise ValueError(f"{text!r} is not a period; the longest bars are of one month, 1M")
    return count, unit if unit == "M" else unit.lower()


def read_length_ns(text: str) -> int:
    """Return a length of time, ``"30s"``, ``"5m"``, ``"1h"``, ``"1d"`` or ``"1w"``, in ns.

    Raises
    ------
    ValueError
        If the text is none; says what is allowed.
    """
    count, unit = read_period(text)
    if unit not in _UNIT_NS:
        raise ValueError(f"{text!r} is no length of time; write s, m, h, d or w, as in 30m, 1d")
    return count * _UNIT_NS[unit]
