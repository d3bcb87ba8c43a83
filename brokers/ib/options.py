"""The options of one IB gateway, as they stand in the config: ``[brokers.ib]`` and its like."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

import msgspec

from ems.errors import EmsError

_NAME: Final = re.compile(r"[a-z0-9_\-]+")
_DATA_TYPES: Final = {"live": 1, "frozen": 2, "delayed": 3, "delayed_frozen": 4}


class _Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One gateway as the config names it."""

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
    oca_groups: bool = True
    """Exits and peers go out in groups of IB's; else this program alone keeps them in step."""


class IbOptions(_Table, frozen=True):
    """Where one TWS or IB Gateway listens, and what is traded there."""

    broker: str = "ib"
    """The name of its table: the last part of its markets, the first part of its accounts."""

    @property
    def data_type_number(self) -> int:
        """The market data type as IB numbers it."""
        return _DATA_TYPES[self.market_data_type]

    @property
    def place(self) -> str:
        """Host and port, for messages."""
        return f"{self.host}:{self.port}"


def read_options(options: Mapping[str, Any], broker: str = "ib") -> IbOptions:
    """Return the options of ``[brokers.<broker>]``, typed and checked.

    Raises
    ------
    EmsError
        If one is unknown or wrong; the text names it.
    """
    try:
        table = _table(options)
        _check_accounts(table.accounts)
    except ValueError as error:
        raise EmsError(f"in the config, [brokers.{broker}]: {error}") from error
    return IbOptions(**msgspec.structs.asdict(table), broker=broker)


def _table(options: Mapping[str, Any]) -> _Table:
    if "time_in_force" in options:
        raise ValueError("time_in_force is said with each order now; take the line out")
    try:
        table = msgspec.convert(dict(options), _Table)
    except msgspec.ValidationError as error:
        known = ", ".join(_Table.__struct_fields__)
        raise ValueError(f"{error}; known are {known}") from error
    if not table.host.strip():
        raise ValueError("host is empty; 127.0.0.1 is this computer")
    return table


def _check_accounts(accounts: Mapping[str, str]) -> None:
    for name, account in accounts.items():
        if not _NAME.fullmatch(name):
            raise ValueError(f"account name {name!r} must be of a-z, 0-9, - and _")
        if not account.strip():
            raise ValueError(f"account {name} has no IB account; write it as in main = 'DU123456'")
    if len(set(accounts.values())) < len(accounts):
        raise ValueError("two names stand for the same IB account")
