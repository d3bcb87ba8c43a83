"""The words for whose time is shown: the exchange's, this computer's, or that of a place."""

from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

EXCHANGE: Final = "exchange"
COMPUTER: Final = "computer"


def check_zone(choice: str) -> None:
    """Raise ValueError, with a sentence, if it is neither of the two words nor an IANA name."""
    if choice in (EXCHANGE, COMPUTER):
        return
    try:
        ZoneInfo(choice)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(
            f"{choice!r} is no time zone; write exchange, computer, UTC, or a name such as "
            "Europe/Berlin"
        ) from error
