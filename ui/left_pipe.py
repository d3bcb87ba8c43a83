"""Reports into a pipe whose reader has seen enough, as in ``ordermode fills | head``."""

import os
import signal
import sys
from collections.abc import Callable
from typing import Final

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
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
        return LEFT
    return code
