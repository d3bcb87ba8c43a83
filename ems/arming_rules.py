"""What arms a live account and what disarms it again, by account, as the user has chosen."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from ems.market import is_paper
from ems.messages import ArmMode
from ems.risk_limits import OFF, Source


class ArmingRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The choices of one account."""

    mode: ArmMode = "armed"
    """``confirm``: it has to be armed, and each order is asked about; ``armed``: it has to be
    armed; ``one click``: orders go out at once, from the start."""
    idle_min: float | None = 30.0
    """It is disarmed when hands and programs have rested for so many minutes; None = never."""
    on_lock: bool = True
    """It is disarmed when the screen is locked."""
    on_reconnect: bool = True
    """It is disarmed when the connection to its broker is lost."""
    on_account_change: bool = True
    """It is disarmed when the window turns to another account."""

    def __post_init__(self) -> None:
        if self.idle_min is not None and not 0 < self.idle_min < float("inf"):
            raise ValueError(f"idle_min is {self.idle_min}, and must be a number above zero")


_PAPER: Final = ArmingRule(mode="one click")


def given_rule(table: Mapping[str, object]) -> Mapping[str, Any]:
    """Return the choices that a table of the config names; ``"off"`` is None.

    Raises
    ------
    msgspec.ValidationError
        If a name is unknown or a value is none that there is.
    """
    values = {name: None if value == OFF else value for name, value in table.items()}
    rule = msgspec.convert(values, ArmingRule)
    return {name: getattr(rule, name) for name in values}


class ArmingRules:
    """The choices of each account; the narrower table wins, field by field.

    Parameters
    ----------
    everywhere
        Fields for every live account, over the defaults.
    accounts
        Fields by account. Of a paper account only ``mode = "confirm"`` means something: it is
        never armed.
    """

    def __init__(
        self,
        everywhere: Mapping[str, Any] | None = None,
        accounts: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> None:
        self._everywhere = everywhere or {}
        self._accounts = accounts or {}
        self._known: dict[str, ArmingRule] = {}

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ArmingRules):
            return NotImplemented
        return (self._everywhere, self._accounts) == (other._everywhere, other._accounts)

    __hash__ = None  # type: ignore[assignment]  # compared, never a key

    def of(self, account: str) -> ArmingRule:
        """Return the choices of the account."""
        rule = self._known.get(account)
        if rule is None:
            rule = self._known[account] = self._worked_out(account)
        return rule

    def _worked_out(self, account: str) -> ArmingRule:
        given = self._accounts.get(account, {})
        if is_paper(account):
            return replace(_PAPER, **given)
        return ArmingRule(**{**self._everywhere, **given})

    @property
    def everywhere(self) -> Mapping[str, Any]:
        """The fields that are for every live account."""
        return dict(self._everywhere)

    @property
    def named_accounts(self) -> tuple[str, ...]:
        """The accounts that have a table of their own, sorted."""
        return tuple(sorted(self._accounts))

    def source(self, account: str, name: str) -> Source:
        """Return which table settles a choice of the account."""
        if name in self._accounts.get(account, {}):
            return "account"
        given = not is_paper(account) and name in self._everywhere
        return "everywhere" if given else "default"

    def must_be_armed(self, account: str) -> bool:
        """Tell whether the account takes orders only while it is armed."""
        return not is_paper(account) and self.of(account).mode != "one click"


NO_ARMING: Final = ArmingRules({"mode": "one click"})
"""For programs that ask their user themselves, and for tests of other things."""
