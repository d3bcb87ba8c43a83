"""Opens the brokers at once and holds them open: one that is silent holds up no other."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from functools import partial

from ems.ports import Broker, EventSink, TradesDialogue

log = logging.getLogger(__name__)


class OpenBrokers:
    """The trades dialogues of all brokers; each is entered and left in a task of its own."""

    def __init__(self) -> None:
        self._entered: dict[str, asyncio.Future[None]] = {}

    async def open(
        self,
        brokers: Mapping[str, Broker],
        sinks: Mapping[str, EventSink],
        opened: Callable[[str, TradesDialogue], None],
        failed: Callable[[str, Exception], None],
        stack: AsyncExitStack,
        wait_s: float | None,
    ) -> None:
        """Open them all; the stack closes them again, the last one first.

        Parameters
        ----------
        sinks
            By broker, what takes its events.
        opened
            Told of each dialogue as it opens.
        failed
            Told of a broker that cannot be opened, if this has returned by then.
        wait_s
            What is not open after so many seconds goes on opening; None = all are waited for.

        Raises
        ------
        Exception
            What the first of them, in their order, raised meanwhile.
        """
        loop = asyncio.get_running_loop()
        for name, broker in brokers.items():
            self._entered[name] = loop.create_future()
            leave = asyncio.Event()
            holding = self._hold(name, broker.open_trades(sinks[name]), opened, leave)
            task = asyncio.create_task(holding, name=name)
            stack.push_async_callback(self._close, name, task, leave)
        if self._entered:
            await asyncio.wait(
                self._entered.values(), timeout=wait_s, return_when=asyncio.FIRST_EXCEPTION
            )
        for error in filter(None, map(_error_of, self._entered.values())):
            raise error
        for name, entered in self._entered.items():
            if not entered.done():
                log.info("%s is slow to open; everything else goes on", name)
                entered.add_done_callback(partial(_late, name, failed))

    async def until_open(self, name: str) -> None:
        """Wait while this broker opens; return at once if it is open, in vain, or none."""
        entered = self._entered.get(name)
        if entered is not None and not entered.done():
            await asyncio.wait({entered})

    # ---- inside

    async def _hold(
        self,
        name: str,
        conversation: AbstractAsyncContextManager[TradesDialogue],
        opened: Callable[[str, TradesDialogue], None],
        leave: asyncio.Event,
    ) -> None:
        entered = self._entered[name]
        try:
            async with conversation as dialogue:
                opened(name, dialogue)
                entered.set_result(None)
                await leave.wait()
        except Exception as error:
            if entered.done():
                raise  # while it was left
            entered.set_exception(error)
        finally:
            entered.cancel()  # broken off before it was open

    async def _close(self, name: str, task: asyncio.Task[None], leave: asyncio.Event) -> None:
        leave.set()
        _error_of(self._entered[name])  # another one's was told, and this one is looked at too
        if not self._entered[name].done():
            task.cancel()
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError:
            task.cancel()
            raise
        if not task.cancelled():
            task.result()


def _late(
    name: str, failed: Callable[[str, Exception], None], entered: asyncio.Future[None]
) -> None:
    error = _error_of(entered)
    if isinstance(error, Exception):
        failed(name, error)


def _error_of(entered: asyncio.Future[None]) -> BaseException | None:
    return entered.exception() if entered.done() and not entered.cancelled() else None
