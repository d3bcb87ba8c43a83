"""The tables of the config that keep an account safe: ``[risk]``, ``[arming]`` and what is near."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from ems.arming_rules import ArmingRule, ArmingRules, given_rule
from ems.disconnect_rules import LEAST_S
from ems.errors import EmsError
from ems.market import parse_fqsn
from ems.risk_limits import OFF, Given, Limits, RiskLimits, given_limits
from ui.config_faults import ConfigError, explain


class SafetyTables:
    """Reads the tables.

    Parameters
    ----------
    fail
        Makes the error of a sentence: it knows which file this is.
    """

    def __init__(self, fail: Callable[[str], ConfigError]) -> None:
        self._fail = fail

    def risk(self, value: object) -> RiskLimits:
        """Return the limits; raises `ConfigError`."""
        own = self._table(value, "risk")
        accounts: dict[str, Given] = {}
        markets: dict[tuple[str, str], Given] = {}
        for account, value in self._table(own.pop("accounts", {}), "risk.accounts").items():
            path = f'risk.accounts."{account}"'
            of_account = dict(self._table(value, path))
            of_markets = self._table(of_account.pop("markets", {}), f"{path}.markets")
            accounts[account] = self._limits(of_account, path)
            for fqsn, limits in of_markets.items():
                where = f'{path}.markets."{fqsn}"'
                try:
                    parse_fqsn(fqsn)
                except EmsError as error:
                    raise self._fail(f"{where}: {error}") from error
                markets[account, fqsn] = self._limits(self._table(limits, where), where)
        return RiskLimits(self._limits(own, "risk"), accounts, markets)

    def arming(self, value: object) -> ArmingRules:
        """Return what arms each live account; raises `ConfigError`."""
        own = self._table(value, "arming")
        accounts = {
            account: self._arming_rule(rule, f'arming.accounts."{account}"')
            for account, rule in self._table(own.pop("accounts", {}), "arming.accounts").items()
        }
        return ArmingRules(self._arming_rule(own, "arming"), accounts)

    def disconnect(self, value: object) -> dict[str, int]:
        """Return the seconds by account; raises `ConfigError`."""
        table = self._table(value, "cancel_on_disconnect")
        for account, seconds in table.items():
            if type(seconds) is not int or seconds < LEAST_S:
                raise self._fail(
                    f'cancel_on_disconnect."{account}" is {seconds!r}, and must be a whole number '
                    f"of seconds, {LEAST_S} or more"
                )
        return table

    def _limits(self, table: dict[str, Any], path: str) -> Given:
        try:
            return given_limits(table)
        except msgspec.ValidationError as error:
            text = explain(str(error), table, path, Limits)
            raise self._fail(f'{text} ("{OFF}" = no such limit)') from error

    def _arming_rule(self, value: object, path: str) -> Mapping[str, Any]:
        table = self._table(value, path)
        try:
            return given_rule(table)
        except msgspec.ValidationError as error:
            raise self._fail(explain(str(error), table, path, ArmingRule)) from error

    def _table(self, value: object, path: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise self._fail(f"{path} is {value!r}, and must be a table: write [{path}]")
        return dict(value)
