"""The options of the IB backend, as they stand in the config under ``[brokers.ib]``."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

import msgspec

from ems.errors import EmsError

_NAME: Final = re.compile(r"[a-z0-9_\-]+")
_DATA_TYPES: Final = {"live": 1, "frozen": 2, "delayed": 3, "delayed_frozen": 4}


class IbOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where TWS or IB Gateway listens, and what is traded there."""

    host: str = "127.0.0.1"
    port: Annotated[int, msgspec.Meta(ge=1, le=65_535)] = 7497
    """TWS: 7496 live, 7497 paper. IB Gateway: 4001 live, 4002 paper."""
    client_id: Annotated[int, msgspec.Meta(ge=0, le=999_999)] = 1
    """Each program that is connected needs its own. Only 0 can change orders made in TWS."""
    accounts: dict[str, str] = {}
    """Our name of an account to IB's: ``{main = "DU123456"}`` is traded as ``ib.main``."""
    market_data_type: Literal["live", "frozen", "delayed", "delayed_frozen"] = "live"
    outside_regular_hours: bool = False
    """Orders made here may fill outside regular trading hours too."""

    @property
    def data_type_number(self) -> int:
        """The market data type as IB numbers it."""
        return _DATA_TYPES[self.market_data_type]

    @property
    def place(self) -> str:
        """Host and port, for messages."""
        return f"{self.host}:{self.port}"


def read_options(options: Mapping[str, Any]) -> IbOptions:
    """Return the options typed and checked.

    Raises
    ------
    EmsError
        If one is unknown or wrong; the text names it.
    """
    if "time_in_force" in options:
        raise _wrong("time_in_force is said with each order now; take the line out")
    try:
        read = msgspec.convert(dict(options), IbOptions)
    except msgspec.ValidationError as error:
        raise _wrong(f"{error}; known are {', '.join(IbOptions.__struct_fields__)}") from error
    if not read.host.strip():
        raise _wrong("host is empty; 127.0.0.1 is this computer")
    for name, account in read.accounts.items():
        if not _NAME.fullmatch(name):
            raise _wrong(f"account name {name!r} must be of a-z, 0-9, - and _")
        if not account.strip():
            raise _wrong(f"account {name} has no IB account; write it as in main = 'DU123456'")
    if len(set(read.accounts.values())) < len(read.accounts):
        raise _wrong("two names stand for the same IB account")
    return read


def _wrong(what: str) -> EmsError:
    return EmsError(f"in the config, [brokers.ib]: {what}")
