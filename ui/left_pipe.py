"""What is written into a pipe whose reader has left, as in ``ordermode fills | head``."""

import os
import signal
import sys
from collections.abc import Callable
from typing import Final, Protocol

LEFT: Final = 128 + int(getattr(signal, "SIGPIPE", 13))
"""The exit code that a shell gives a program which ends by this."""


def until_the_reader_leaves(work: Callable[[], int]) -> int:
    """Do what writes to stdout, and return its exit code; `LEFT` if nobody reads on.

    What is left in the buffer goes nowhere then: Python would complain of it at its end.
    """
    try:
        code = work()
        sys.stdout.flush()
    except BrokenPipeError:
        _write_nowhere()
        return LEFT
    return code


class Out(Protocol):
    """Takes words for the user."""

    def write(self, text: str, /) -> object:
        """Take some."""


class HeardOrNot:
    """Words on stdout of work that must be done whether anybody reads them or not."""

    def write(self, text: str, /) -> None:
        """Say it now; into nothing once the reader has left."""
        try:
            sys.stdout.write(text)
            sys.stdout.flush()
        except BrokenPipeError:
            _write_nowhere()


def _write_nowhere() -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
