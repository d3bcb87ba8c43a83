"""Puts the parts of the IB backend together."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from brokers.ib.broker import IbBroker
from brokers.ib.contracts import Contracts
from brokers.ib.feed import IbFeed
from brokers.ib.link import Link
from brokers.ib.options import read_options
from brokers.ib.timing import Timing
from ems.ports import Backend

CONTRACTS_FILE: Final = "contracts.json"


def open_configured(
    options: Mapping[str, Any], state_dir: Path, timing: Timing | None = None, *, name: str = "ib"
) -> Backend:
    """Return the backend with these options; it connects when its trades dialogue is opened.

    Parameters
    ----------
    options : mapping
        As in `brokers.ib.options.IbOptions`.
    state_dir : Path
        Folder of its own.
    timing : Timing or None
        None = as TWS needs it.
    name : str
        That of its table in the config.

    Raises
    ------
    EmsError
        If an option is unknown or wrong.
    """
    read = read_options(options, name)
    timing = timing or Timing()
    badge = (
        "" if read.market_data_type == "live" else read.market_data_type.upper().replace("_", " ")
    )
    link = Link(read, timing)
    contracts = Contracts(link, timing, state_dir / CONTRACTS_FILE, badge, name)
    feed = IbFeed(link, contracts, read)
    return Backend(name=name, feed=feed, broker=IbBroker(read, timing, link, contracts, feed))
