"""Opens the backends that are installed: ours, and anybody else's, found by entry point."""

import asyncio
from collections.abc import Mapping
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Final

from ems.errors import EmsError
from ems.ports import Backend, Closes, ClosesSlowly
from ui.config import Config, ConfigError, Paths

GROUP: Final = "ordermode.brokers"


def open_backends(
    config: Config, paths: Paths, extra: Mapping[str, Mapping[str, Any]]
) -> dict[str, Backend]:
    """Return each installed backend by its name.

    Parameters
    ----------
    config
        Its tables ``[brokers.<name>]`` are the options of the backends.
    paths
        Each backend keeps its state in a folder of its own there.
    extra
        Options by backend that win over the config: those of the command line.

    Raises
    ------
    EmsError
        If the options of a backend are wrong, or the config names one that is not installed.
    """
    installed = {entry.name: entry for entry in entry_points(group=GROUP)}
    for name in config.brokers:
        if name not in installed:
            raise ConfigError(
                f"the config has [brokers.{name}], but no such backend is installed; "
                f"there are {', '.join(sorted(installed)) or 'none'}"
            )
    return {
        name: _open(entry, {**config.brokers.get(name, {}), **extra.get(name, {})}, paths)
        for name, entry in sorted(installed.items())
    }


async def close_backends(backends: Mapping[str, Backend]) -> None:
    """End what the feeds have open, once no EMS uses them."""
    for backend in backends.values():
        if isinstance(backend.feed, Closes):
            backend.feed.close()
        if isinstance(backend.feed, ClosesSlowly):
            await backend.feed.aclose()
    await asyncio.sleep(0)  # the feeds' tasks end in the loop's next turn


def _open(entry: EntryPoint, options: dict[str, Any], paths: Paths) -> Backend:
    try:
        factory = entry.load()
    except ImportError as error:
        raise EmsError(
            f"the backend {entry.name!r} cannot be loaded: {error}; install what it lacks"
        ) from error
    backend: Backend = factory(options, paths.backend_dir(entry.name))
    return backend
