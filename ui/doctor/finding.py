"""What was looked at, and how it is."""

from typing import Literal, TypeAlias

import msgspec

Level: TypeAlias = Literal["ok", "warn", "fail"]


class Finding(msgspec.Struct, frozen=True):
    """One line of the doctor's report."""

    level: Level
    """``fail`` keeps the program from working, ``warn`` may surprise."""
    subject: str
    text: str
    """What was found."""
    mend: str = ""
    """What to do about it; empty = nothing has to be done."""


def ok(subject: str, text: str) -> Finding:
    """Return that all is well."""
    return Finding("ok", subject, text)


def warn(subject: str, text: str, mend: str) -> Finding:
    """Return what may surprise."""
    return Finding("warn", subject, text, mend)


def fail(subject: str, text: str, mend: str) -> Finding:
    """Return what keeps the program from working."""
    return Finding("fail", subject, text, mend)
