"""The limits of an account, and of a market on it; what is not set has a sensible value."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Final, Literal, TypeAlias

import msgspec
from msgspec.structs import replace

from ems.market import is_paper

Given: TypeAlias = Mapping[str, Any]
"""Some fields of `Limits` by name, as `given_limits` returns them."""
Count: TypeAlias = Annotated[int, msgspec.Meta(ge=1)]

OFF: Final = "off"
"""What the config says for "no such limit"."""


class Limits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Hard and soft limits. None = no such limit; money is in the currency of the market.

    The largest order and position, the collar and the duplicate guard hold in each market. The
    counts (`requests_per_second`, `working_orders`, `daily_loss`) are of the whole account; given
    for a market, they hold there besides.
    """

    largest_order_units: Decimal | None = None
    largest_order_money: Decimal | None = None
    largest_position_units: Decimal | None = None
    """The position if every working and dark order of one side were filled."""
    largest_position_money: Decimal | None = None
    collar_percent: Decimal | None = None
    """How far above the ask a buy, or below the bid a sell, may be priced."""
    collar_ticks: Count | None = None
    """The same in ticks; both hold if both are set."""
    quote_age_s: float | None = None
    """How old the quote may be that the collar looks at."""
    collar_from: Literal["quote", "trade", "any"] = "quote"
    """``trade``: the last trade will do where there is no fresh quote; ``any``: and where there was
    no price at all yet, everything passes."""
    duplicate_s: Annotated[float, msgspec.Meta(le=60)] | None = None
    """For so long, a minute at most, the same side, price and size is not taken again."""
    requests_per_second: Count | None = None
    """Orders, modifies and cancels; cancels count and are never stopped."""
    working_orders: Count | None = None
    """Working and dark orders together."""
    daily_loss: Decimal | None = None
    """What may be lost in a day, realised and unrealised, before new risk is refused."""
    ask_order_units: Decimal | None = None
    """Soft: a larger order is asked about and, with a yes, taken. So are the ones below."""
    ask_order_money: Decimal | None = None
    ask_position_units: Decimal | None = None
    ask_position_money: Decimal | None = None
    ask_collar_percent: Decimal | None = None
    """How far beyond the last quote a price may be before it is asked about."""

    def __post_init__(self) -> None:
        for name in self.__struct_fields__:
            value = getattr(self, name)
            if isinstance(value, Decimal | float) and not 0 < value < Decimal("Infinity"):
                raise ValueError(f"{name} is {value}, and must be a number above zero")


Source: TypeAlias = Literal["default", "everywhere", "account", "market"]
"""Where a value is from: the program's own, ``[risk]``, the account's table, the market's."""
Scopes: TypeAlias = tuple[tuple[str | None, Limits], ...]
"""Limits on counts, each with the market that it counts in, None = all."""

_COUNTS: Final = frozenset({"requests_per_second", "working_orders", "daily_loss"})

LIVE_DEFAULTS: Final = Limits(
    largest_order_money=Decimal(25_000),
    largest_position_money=Decimal(50_000),
    collar_percent=Decimal(5),
    quote_age_s=10.0,
    duplicate_s=1.0,
    requests_per_second=10,
    working_orders=100,
    daily_loss=Decimal(2_500),
    ask_order_money=Decimal(10_000),
    ask_position_money=Decimal(25_000),
    ask_collar_percent=Decimal(1),
)
PAPER_DEFAULTS: Final = Limits(
    largest_order_money=Decimal(1_000_000),
    largest_position_money=Decimal(2_000_000),
    collar_percent=Decimal(20),
    collar_from="any",
    duplicate_s=1.0,
    requests_per_second=100,
    working_orders=10_000,
    daily_loss=Decimal(100_000),
)
"""Paper trades on whatever its feed last said, so a quote of any age will do: a paused replay and
a closed market can be traded on, and a recording that has not begun to play."""


def given_limits(table: Mapping[str, object]) -> Given:
    """Return the limits that a table of the config names; ``"off"`` is None.

    Raises
    ------
    msgspec.ValidationError
        If a name is unknown or a value is no limit.
    """
    values = {name: None if value == OFF else value for name, value in table.items()}
    limits = msgspec.convert(values, Limits)
    return {name: getattr(limits, name) for name in values}


class RiskLimits:
    """The limits of each account and market; the narrower table wins, field by field.

    Parameters
    ----------
    everywhere
        Fields for every account, over the defaults.
    accounts
        Fields by account.
    markets
        Fields by (account, fqsn).
    base
        Used instead of the defaults for live and paper accounts.
    """

    def __init__(
        self,
        everywhere: Given | None = None,
        accounts: Mapping[str, Given] | None = None,
        markets: Mapping[tuple[str, str], Given] | None = None,
        *,
        base: Limits | None = None,
    ) -> None:
        self._everywhere = everywhere or {}
        self._accounts = accounts or {}
        self._markets = markets or {}
        self._base = base
        self.changes = 0
        """How often they became others."""
        self._of_account: dict[str, Limits] = {}
        self._of_market: dict[tuple[str, str], Limits] = {}
        self._counts: dict[tuple[str, str], Scopes] = {}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RiskLimits) and self._given() == other._given()

    __hash__ = None  # type: ignore[assignment]  # compared, never a key

    def of_account(self, account: str) -> Limits:
        """Return what holds for the whole account."""
        if account not in self._of_account:
            default = PAPER_DEFAULTS if is_paper(account) else LIVE_DEFAULTS
            fields = {**self._everywhere, **self._accounts.get(account, {})}
            self._of_account[account] = replace(self._base or default, **fields)
        return self._of_account[account]

    def of_market(self, account: str, fqsn: str) -> Limits:
        """Return what holds in one market of the account."""
        key = (account, fqsn)
        limits = self._of_market.get(key)
        if limits is None:
            limits = replace(self.of_account(account), **self._markets.get(key, {}))
            self._of_market[key] = limits
        return limits

    def source(self, account: str, fqsn: str | None, name: str) -> Source:
        """Return which table settles a limit of the account, or of one market of it."""
        if fqsn is not None and name in self._markets.get((account, fqsn), {}):
            return "market"
        if name in self._accounts.get(account, {}):
            return "account"
        return "everywhere" if name in self._everywhere else "default"

    @property
    def everywhere(self) -> Given:
        """The fields that are for every account."""
        return dict(self._everywhere)

    @property
    def named_accounts(self) -> tuple[str, ...]:
        """The accounts that have a table of their own, sorted."""
        return tuple(sorted({*self._accounts, *(account for account, _ in self._markets)}))

    def markets_of(self, account: str) -> frozenset[str]:
        """Return the markets for which the account has a table of its own."""
        return frozenset(fqsn for name, fqsn in self._markets if name == account)

    def copy(self) -> "RiskLimits":
        """Return the same limits, that can `become` others without these."""
        return RiskLimits(self._everywhere, self._accounts, self._markets, base=self._base)

    def become(self, other: "RiskLimits") -> None:
        """Say from now on what the others say, to everyone who reads these."""
        self._everywhere, self._accounts = other._everywhere, other._accounts
        self._markets, self._base = other._markets, other._base
        self.changes += 1
        for worked_out in (self._of_account, self._of_market, self._counts):
            worked_out.clear()

    def counts(self, account: str, fqsn: str) -> Scopes:
        """Return the limits on counts, each with the market that it counts in, None = all."""
        key = (account, fqsn)
        scopes = self._counts.get(key)
        if scopes is None:
            scopes = self._counts[key] = self._scopes(account, fqsn)
        return scopes

    def _scopes(self, account: str, fqsn: str) -> Scopes:
        whole = (None, self.of_account(account))
        given = self._markets.get((account, fqsn), {})
        own = {name: value for name, value in given.items() if name in _COUNTS}
        return (whole, (fqsn, Limits(**own))) if own else (whole,)

    def _given(self) -> tuple[object, ...]:
        return self._everywhere, self._accounts, self._markets, self._base


NO_LIMITS: Final = RiskLimits(base=Limits())
"""For programs that have a gate of their own in front, and for tests of other things."""
