"""Opens the backends that are installed: ours, and anybody else's, found by entry point."""

import asyncio
import inspect
import logging
from collections.abc import Collection, Iterable, Iterator, Mapping
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Final

from ems.errors import MissingLibrary
from ems.ports import Backend, Closes, ClosesSlowly, NamesAccounts
from ui.broker_tables import BrokerTable, broker_tables, same_accounts
from ui.config import Config
from ui.config_faults import ConfigError
from ui.missing_feed import MissingFeed
from ui.state_folder import Paths

log = logging.getLogger(__name__)

GROUP: Final = "ordermode.brokers"


def open_backends(
    config: Config,
    paths: Paths,
    extra: Mapping[str, Mapping[str, Any]],
    asked_for: Collection[str] = (),
) -> dict[str, Backend]:
    """Return each installed backend by its name.

    One whose library is not installed has no account and no market, and says so to who asks for
    one.

    Parameters
    ----------
    config
        Its tables ``[brokers.<name>]`` are the options of the backends; see `ui.broker_tables`.
    paths
        Each backend keeps its state in a folder of its own there.
    extra
        Options by backend that win over the config: those of the command line.
    asked_for
        Names of backends that this run cannot do without, beside those that have options.

    Raises
    ------
    EmsError
        If the options of a backend are wrong, if the config names one that is not installed or
        one account of a venue twice, or if one that is asked for offers nothing without options.
    MissingLibrary
        If a backend that is asked for lacks its library; says what to install.
    """
    brokers = {
        name: {**config.brokers.get(name, {}), **extra.get(name, {})}
        for name in {**config.brokers, **extra}
    }
    tables = broker_tables(brokers, installed_backends())
    backends = {}
    for table in tables:
        name = table.name
        try:
            backends[name] = open_backend(table, paths)
        except MissingLibrary as error:
            if brokers.get(name) or name in asked_for:
                raise
            log.info("the backend %s has no market: %s", name, error)
            backends[name] = Backend(name=name, feed=MissingFeed(name, error))
        else:
            _check_use(backends[name], name in asked_for)
    for wrong in shared_accounts(tables, backends):
        raise ConfigError(wrong)
    return backends


def shared_accounts(
    tables: Iterable[BrokerTable], backends: Mapping[str, Backend]
) -> Iterator[str]:
    """Yield a sentence for each account of a venue that is named twice."""
    named: dict[str, tuple[str, Mapping[str, str]]] = {}
    for table in tables:
        opened = backends.get(table.name)
        if opened is not None and isinstance(opened.broker, NamesAccounts):
            named[table.name] = (table.kind, opened.broker.venue_accounts)
    return same_accounts(named)


def _check_use(backend: Backend, is_asked_for: bool) -> None:
    if is_asked_for and backend.feed is None and backend.broker is None:
        raise ConfigError(
            f"{backend.name} is not set up: the config has no table [brokers.{backend.name}]; "
            f"the documents of {backend.name} say what belongs there"
        )


async def close_backends(backends: Mapping[str, Backend]) -> None:
    """End what the feeds have open, once no EMS uses them."""
    for backend in backends.values():
        if isinstance(backend.feed, Closes):
            backend.feed.close()
        if isinstance(backend.feed, ClosesSlowly):
            await backend.feed.aclose()
    await asyncio.sleep(0)  # the feeds' tasks end in the loop's next turn


def installed_backends() -> dict[str, EntryPoint]:
    """Return the entry point of each backend that is installed, by name."""
    return {entry.name: entry for entry in entry_points(group=GROUP)}


def open_backend(table: BrokerTable, paths: Paths) -> Backend:
    """Return one backend, opened with its options, and with a folder of its own.

    Raises
    ------
    MissingLibrary
        If something that it imports is not installed.
    EmsError
        If an option is wrong, or if the backend knows no other name than its own.
    """
    try:
        factory = table.entry.load()
    except MissingLibrary:
        raise
    except ImportError as error:
        raise MissingLibrary(
            f"the backend {table.kind!r} cannot be loaded: {error}; install what it lacks"
        ) from error
    if table.name == table.kind:
        named: dict[str, str] = {}
    elif "name" in inspect.signature(factory).parameters:
        named = {"name": table.name}
    else:
        raise ConfigError(
            f"[brokers.{table.name}]: there can be one {table.kind} only; take the table out, or "
            f"write what is in it into [brokers.{table.kind}]"
        )
    backend: Backend = factory(table.options, paths.backend_dir(table.name), **named)
    return backend
