"""The backend ``pier``: market data and trading at the Pier."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from ems.errors import EmsError
from ems.ports import Backend
from ordermode_pier.broker import PierBroker
from ordermode_pier.feed import PierFeed


class PierOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The options of ``[brokers.pier]``."""

    host: str = "127.0.0.1"
    port: int = 7780


def open_backend(options: Mapping[str, Any], state_dir: Path) -> Backend:
    """Return the backend; it connects when a market or the trades dialogue is asked for."""
    try:
        read = msgspec.convert(dict(options), PierOptions)
    except msgspec.ValidationError as error:
        raise EmsError(f"in the config, [brokers.pier]: {error}") from error
    return Backend(
        name="pier",
        feed=PierFeed(read.host, read.port),
        broker=PierBroker(read.host, read.port),
    )
