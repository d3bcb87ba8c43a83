"""Runs a plain call as if it came from a callback of the EMS's loop.

A key, a click or a line at a prompt comes while no loop counts as running, or another one; and a
backend may start a task to send what it was asked.
"""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class OnLoop:
    """Remembers the loop and the thread that it is made on."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._thread = threading.get_ident()

    @contextmanager
    def current(self) -> Iterator[None]:
        """Be on the loop for a while.

        Raises
        ------
        RuntimeError
            On another thread, where nothing of the EMS may be called.
        """
        if threading.get_ident() != self._thread:
            raise RuntimeError(
                "the EMS lives on another thread: ask its loop to make the call there, "
                "by loop.call_soon_threadsafe(...)"
            )
        before = asyncio._get_running_loop()
        asyncio._set_running_loop(self._loop)
        try:
            yield
        finally:
            asyncio._set_running_loop(before)
