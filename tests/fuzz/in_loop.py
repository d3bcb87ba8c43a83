"""Runs a target in an event loop; a fault that the program would show is raised."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

Target = Callable[[bytes], None]


def in_loop(work: Callable[[bytes], Coroutine[Any, Any, None]]) -> Target:
    """Return a target that runs in an event loop; a fault that would be shown is raised."""
    loop: list[asyncio.AbstractEventLoop] = []

    def run(data: bytes) -> None:
        if not loop:
            loop.append(asyncio.new_event_loop())
        faults: list[dict[str, Any]] = []
        loop[0].set_exception_handler(lambda _, context: faults.append(context))
        loop[0].run_until_complete(work(data))
        for fault in faults:
            raise RuntimeError(fault["message"]) from fault.get("exception")

    return run
