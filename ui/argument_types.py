"""What the words on the command line mean; each raises argparse's own error with a sentence."""

import argparse
import math
from datetime import UTC, datetime

from ems.errors import EmsError
from ems.market import parse_fqsn
from ui.period_text import read_period


def a_period(text: str) -> str:
    """Return a length of bars as it stands."""
    try:
        read_period(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    return text


def an_fqsn(text: str) -> str:
    """Return the name of a market as it stands."""
    try:
        parse_fqsn(text)
    except EmsError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    return text


def a_speed(text: str) -> float:
    """Return how many times as fast; ``inf`` for ``max``."""
    if text == "max":
        return math.inf
    try:
        speed = float(text)
    except ValueError:
        speed = math.nan
    if not (math.isfinite(speed) and speed > 0):
        raise argparse.ArgumentTypeError(f"{text!r} is not a speed; give a number above 0, or max")
    return speed


def a_time(text: str) -> int:
    """Return an ISO time as UTC nanoseconds; UTC unless it says otherwise."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not an ISO time; write it as in 2026-03-02T14:30 or 2026-03-02T14:30Z"
        ) from error
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    since_epoch = moment - datetime(1970, 1, 1, tzinfo=UTC)
    seconds = since_epoch.days * 86_400 + since_epoch.seconds
    return seconds * 1_000_000_000 + since_epoch.microseconds * 1000
