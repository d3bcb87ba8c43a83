"""An asyncio loop for a Qt program that has none: it runs while Qt's own loop does.

The program keeps its ``app.exec()``, or IPython its ``%gui qt``. The loop counts as the running one
only while its own callbacks run, so that whatever else uses asyncio on this thread is left alone.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import Context
from typing import Any, Final

import qasync
from PyQt6.QtCore import QCoreApplication, QEventLoop, QTimer

_LONGEST_END_MS: Final = 5_000
"""The program's end waits so long for what has to be closed."""


class HostedLoop(qasync.QEventLoop):  # type: ignore[misc]
    """One a program; made by `loop_of_qt`, ended with the `QApplication`."""

    def __init__(self, app: QCoreApplication) -> None:
        self._ended = False
        self._endings: dict[int, Callable[[], Awaitable[None]]] = {}
        super().__init__(app)
        app.aboutToQuit.connect(self._end)

    def at_end(self, key: object, close: Callable[[], Awaitable[None]]) -> None:
        """Await this when the program quits, once for each ``key``."""
        self._endings[id(key)] = close

    def is_running(self) -> bool:
        """Return True until the program quits: Qt runs it."""
        return not self._ended

    def set_debug(self, enabled: bool) -> None:
        """Debug the loop, but not qasync's timer, which would then look for a running loop."""
        asyncio.BaseEventLoop.set_debug(self, enabled)

    def stop(self) -> None:
        """Do nothing: the loop ends with the program, and must not end it."""

    @contextmanager
    def current(self) -> Iterator[None]:
        """Be the running loop for a while, as in a callback of its own."""
        before, hooks = asyncio._get_running_loop(), sys.get_asyncgen_hooks()
        asyncio._set_running_loop(self)
        # else IPython's loop, which ends at each prompt, takes our generators and closes them
        sys.set_asyncgen_hooks(self._asyncgen_firstiter_hook, self._asyncgen_finalizer_hook)
        try:
            yield
        finally:
            sys.set_asyncgen_hooks(*hooks)
            asyncio._set_running_loop(before)

    def call_later(
        self,
        delay: float,
        callback: Callable[..., object],
        *args: Any,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        """Call back after so many seconds, as the running loop."""
        handle: asyncio.TimerHandle = super().call_later(
            delay, self._call, callback, *args, context=context
        )
        return handle

    def _call(self, callback: Callable[..., object], *args: Any) -> None:
        with self.current():
            callback(*args)

    def _end(self) -> None:
        """Close what has to be closed, in a Qt loop of its own: the program's has ended."""
        waiting = QEventLoop()

        async def close() -> None:
            others = asyncio.all_tasks() - {asyncio.current_task()}
            for ending in self._endings.values():
                await ending()
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)
            await self.shutdown_asyncgens()

        with self.current():
            closing = self.create_task(close())
        closing.add_done_callback(lambda _: waiting.quit())
        QTimer.singleShot(_LONGEST_END_MS, waiting.quit)
        waiting.exec()
        self._ended = True
        self.close()


_hosted: Final[list[HostedLoop]] = []


def loop_of_qt() -> asyncio.AbstractEventLoop:
    """Return the asyncio loop that runs on Qt's: the program's own, else one that is made here.

    A running loop that is not on Qt's, as IPython has one for itself, stands still while Qt runs,
    so it is of no use.

    Raises
    ------
    RuntimeError
        If there is no `QApplication` yet.
    """
    running: asyncio.AbstractEventLoop | None = asyncio._get_running_loop()
    if running is not None and isinstance(running, qasync.QEventLoop):
        return running
    if not _hosted or not _hosted[-1].is_running():
        app = QCoreApplication.instance()
        if app is None:
            raise RuntimeError("there is no QApplication yet: make one first")
        _hosted.append(HostedLoop(app))
    return _hosted[-1]
