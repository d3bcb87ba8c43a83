"""Interactive Brokers, through TWS or IB Gateway: data, orders and positions."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from brokers.optional_library import require
from ems.ports import Backend

__all__ = ["open_backend"]


def open_backend(options: Mapping[str, Any], state_dir: Path, name: str = "ib") -> Backend:
    """Return the backend of one table of the config; with an empty one it offers nothing.

    Parameters
    ----------
    options : mapping
        As in `brokers.ib.options.IbOptions`.
    state_dir : Path
        Folder of its own; it keeps the contracts that it has met there.
    name : str
        That of the table, as in ``[brokers.ib2]``: several gateways can be connected at once.

    Raises
    ------
    EmsError
        If an option is unknown or wrong, or the library of the extra ``ib`` is not installed.
    """
    if not options:  # who does not use IB does not pay for loading its library
        return Backend(name=name)
    require("ib_async", extra="ib", needed_by="Interactive Brokers")
    from brokers.ib.backend import open_configured

    return open_configured(options, state_dir, name=name)
