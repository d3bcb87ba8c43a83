"""What runs behind the scenes as long as something is open; what goes wrong there is told."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from functools import partial
from typing import Any

log = logging.getLogger(__name__)


def in_background(
    stack: AsyncExitStack,
    work: Coroutine[Any, Any, None],
    name: str,
    tell: Callable[[str], None],
) -> asyncio.Task[None]:
    """Start work in a task that is cancelled, and waited for, as the stack is closed.

    Parameters
    ----------
    name
        What does the work, in words.
    tell
        Tells whoever uses the program that it has failed.
    """
    task = asyncio.create_task(work, name=name)
    task.add_done_callback(partial(_look_at, tell))
    stack.push_async_callback(_cancelled, task)
    return task


def _look_at(tell: Callable[[str], None], task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        text = f"A part of the program has failed, {task.get_name()}: {error!r}. Start it again."
        log.error("%s", text, exc_info=error)
        tell(text)


async def _cancelled(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
