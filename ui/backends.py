"""Opens the backends that are installed: ours, and anybody else's, found by entry point."""

import asyncio
import logging
from collections.abc import Collection, Mapping
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Final

from ems.errors import MissingLibrary
from ems.ports import Backend, Closes, ClosesSlowly
from ui.config import Config, ConfigError, Paths
from ui.missing_feed import MissingFeed

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
        Its tables ``[brokers.<name>]`` are the options of the backends.
    paths
        Each backend keeps its state in a folder of its own there.
    extra
        Options by backend that win over the config: those of the command line.
    asked_for
        Names of backends that this run cannot do without, beside those that have options.

    Raises
    ------
    EmsError
        If the options of a backend are wrong, if the config names one that is not installed, or
        if one that is asked for offers nothing without options.
    MissingLibrary
        If a backend that is asked for lacks its library; says what to install.
    """
    installed = installed_backends()
    for name in config.brokers:
        if name not in installed:
            raise ConfigError(
                f"the config has [brokers.{name}], but no such backend is installed; "
                f"there are {', '.join(sorted(installed)) or 'none'}"
            )
    backends = {}
    for name, entry in sorted(installed.items()):
        options = {**config.brokers.get(name, {}), **extra.get(name, {})}
        try:
            backends[name] = open_backend(entry, options, paths)
        except MissingLibrary as error:
            if options or name in asked_for:
                raise
            log.info("the backend %s has no market: %s", name, error)
            backends[name] = Backend(name=name, feed=MissingFeed(name, error))
        else:
            _check_use(backends[name], name in asked_for)
    return backends


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


def open_backend(entry: EntryPoint, options: Mapping[str, Any], paths: Paths) -> Backend:
    """Return one backend, opened with its options.

    Raises
    ------
    MissingLibrary
        If something that it imports is not installed.
    EmsError
        If an option is wrong.
    """
    try:
        factory = entry.load()
    except MissingLibrary:
        raise
    except ImportError as error:
        raise MissingLibrary(
            f"the backend {entry.name!r} cannot be loaded: {error}; install what it lacks"
        ) from error
    backend: Backend = factory(options, paths.backend_dir(entry.name))
    return backend
