"""An EMS of this process for a script, a notebook or a plot: opened when it is first needed."""

import asyncio
import sys
from collections.abc import Callable, Coroutine, Generator, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import Any

from ems.embedded import Ems, open_ems
from ems.errors import EmsError, JournalLocked
from ems.trading_client import TradingClient
from ui.backends import close_backends, open_backends
from ui.config_reader import read_config
from ui.state_folder import open_paths


class OwnEms:
    """An EMS with the user's config, accounts and journal; see `connect`.

    ``async with`` it, or await it, for a `TradingClient`; or hand it to `attach_order_mode`. All
    that use the same one share the EMS. `aclose` closes it; orders at the venues live on.
    """

    def __init__(
        self,
        config: Path | None,
        state_dir: Path | None,
        options: Mapping[str, Mapping[str, Any]],
    ) -> None:
        self._config = config
        self._state_dir = state_dir
        self._options = options
        self._stack = AsyncExitStack()
        self._opening: asyncio.Task[Ems] | None = None

    async def ems(self) -> Ems:
        """Return the EMS; the first call opens it.

        Raises
        ------
        EmsError
            If something that the user can mend is in the way; the text says what to do.
        """
        if self._opening is None:
            self._opening = asyncio.get_running_loop().create_task(self._open())
        return await asyncio.shield(self._opening)

    async def client(self) -> TradingClient:
        """Return a new client of the EMS; it ends with the EMS, or by its own ``aclose``."""
        client = TradingClient(await self.ems())
        self._stack.push_async_callback(client.aclose)
        await client.ready()
        return client

    def __await__(self) -> Generator[Any, None, TradingClient]:
        return self.client().__await__()

    async def __aenter__(self) -> TradingClient:
        return await self.client()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the EMS and every client of it. Twice is once; used again it opens anew."""
        opening, self._opening = self._opening, None
        if opening is not None:
            await asyncio.wait({opening})
        stack, self._stack = self._stack, AsyncExitStack()
        await stack.aclose()

    async def _open(self) -> Ems:
        paths, config = open_paths(self._state_dir), read_config(self._config)
        backends = open_backends(config, paths, self._options)
        self._stack.push_async_callback(close_backends, backends)
        slippage = config.orders.slippage
        opening = open_ems(
            backends,
            paths.journal,
            limits=config.risk,
            arming=config.arming,
            cancel_after_s=config.cancel_on_disconnect,
            slippage=slippage,
        )
        try:
            return await self._stack.enter_async_context(opening)
        except JournalLocked as error:
            raise JournalLocked(
                f"{error}. To trade beside an open chart, run inside it: ordermode chart --run FILE"
            ) from error


def connect(
    *,
    config: Path | None = None,
    state_dir: Path | None = None,
    options: Mapping[str, Mapping[str, Any]] | None = None,
) -> OwnEms:
    """Return an EMS that opens when it is entered, awaited or attached to a plot.

    It has the accounts and the journal of the desktop program, so only one of the two can run at
    a time with the same ``state_dir``.

    Parameters
    ----------
    config
        A config file; None = the user's own.
    state_dir
        Where journal and paper accounts are kept; None = the user's own.
    options
        Options of backends by their names, which win over the config's ``[brokers.<name>]``.
    """
    return OwnEms(config, state_dir, options or {})


def run(
    main: Callable[[TradingClient], Coroutine[Any, Any, None]],
    *,
    config: Path | None = None,
    state_dir: Path | None = None,
) -> None:
    """Run a strategy in a program of its own, until it returns; ctrl-c ends it.

    Raises
    ------
    SystemExit
        With one sentence for what the user can mend.
    """

    async def connected() -> None:
        async with connect(config=config, state_dir=state_dir) as client:
            await main(client)

    try:
        asyncio.run(connected())
    except EmsError as error:
        sys.exit(f"ordermode: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
