"""The options of the paper venue, as they stand in the config under ``[brokers.paper]``."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Final

import msgspec

from ems.errors import EmsError
from ems.messages import ZERO

_ACCOUNT: Final = re.compile(r"paper(\.[a-z0-9_\-]+)?")


class PaperOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the paper venue behaves."""

    accounts: tuple[str, ...] = ("paper",)
    """``paper`` or ``paper.<name>``, any number."""
    latency_ms: Annotated[int, msgspec.Meta(ge=0, le=3_600_000)] = 0
    """How long a request takes to the venue, in the market's time."""
    fee_rate: Decimal = ZERO
    """Fraction of the notional of each fill."""
    fee_per_unit: Decimal = ZERO
    """Money for each unit of size filled, in the market's currency."""
    slippage_ticks: Annotated[int, msgspec.Meta(ge=0, le=10_000)] = 1
    """How many ticks worse a market order fills for each displayed size that it has used up; all
    of it, where the feed displays no size."""


def read_options(options: Mapping[str, Any]) -> PaperOptions:
    """Return the options typed and checked.

    Raises
    ------
    EmsError
        If one is unknown or wrong; the text names it.
    """
    try:
        read = msgspec.convert(dict(options), PaperOptions)
    except msgspec.ValidationError as error:
        raise _wrong(f"{error}; known are {', '.join(PaperOptions.__struct_fields__)}") from error
    if not read.accounts or len(set(read.accounts)) < len(read.accounts):
        raise _wrong(f"accounts {list(read.accounts)} must be one or more different names")
    for account in read.accounts:
        if not _ACCOUNT.fullmatch(account):
            raise _wrong(f"account {account!r} must be paper or paper.<name> in lower case")
    for name, number in (("fee_rate", read.fee_rate), ("fee_per_unit", read.fee_per_unit)):
        if not number.is_finite():
            raise _wrong(f"{name} {number} is not a number")
    return read


def _wrong(what: str) -> EmsError:
    return EmsError(f"in the config, [brokers.paper]: {what}")
