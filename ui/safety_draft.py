"""Limits and arming choices as the user is about to have them: the config file and some changes."""

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple, TypeAlias

from ems.arming_rules import ArmingRule, ArmingRules
from ems.market import is_paper
from ems.risk_limits import LIVE_DEFAULTS, PAPER_DEFAULTS, Limits, RiskLimits, Source
from ui.config_edit import GONE, Place, tables_with
from ui.config_faults import ConfigError
from ui.config_file import ConfigFile
from ui.safety_config import SafetyTables

Kind: TypeAlias = Literal["hard", "soft", "arming"]
Rules: TypeAlias = tuple[RiskLimits, ArmingRules]


class Scope(NamedTuple):
    """Whose settings are looked at: every account's, one's, or those of one market on it."""

    account: str | None
    """None = every account."""
    fqsn: str | None = None


class Setting(NamedTuple):
    """One limit or choice."""

    kind: Kind
    name: str


class SafetyDraft:
    """What the file says and what was changed since; `write` puts that into the file.

    Parameters
    ----------
    file
        The config.
    """

    def __init__(self, file: ConfigFile) -> None:
        self._file = file
        self._changes: dict[Place, Any] = {}
        self.rules = self._rules(self._changes)
        """What is to hold."""

    @property
    def file(self) -> ConfigFile:
        """The config."""
        return self._file

    @property
    def changed(self) -> bool:
        """True if there is something that the file does not have."""
        tables = self._file.tables
        return tables_with(tables, self._changes) != tables

    def settings(self, scope: Scope) -> list[Setting]:
        """Return what there is to settle in this scope."""
        soft = [name for name in Limits.__struct_fields__ if name.startswith("ask_")]
        hard = [name for name in Limits.__struct_fields__ if name not in soft]
        found = [Setting("hard", name) for name in hard]
        found += [Setting("soft", name) for name in soft]
        if scope.fqsn is None:
            on_paper = scope.account is not None and is_paper(scope.account)
            names = ("mode",) if on_paper else ArmingRule.__struct_fields__
            found += [Setting("arming", name) for name in names]
        return found

    def value(self, scope: Scope, setting: Setting) -> object:
        """Return what is to hold; None = off.

        For every account it is the default of live ones where nothing is given.
        """
        limits, arming = self.rules
        if scope.account is None:
            given = self._given(setting)
            default = ArmingRule() if setting.kind == "arming" else LIVE_DEFAULTS
            return given.get(setting.name, getattr(default, setting.name))
        if setting.kind == "arming":
            return getattr(arming.of(scope.account), setting.name)
        if scope.fqsn is None:
            return getattr(limits.of_account(scope.account), setting.name)
        return getattr(limits.of_market(scope.account, scope.fqsn), setting.name)

    def source(self, scope: Scope, setting: Setting) -> str:
        """Return where the value is from: ``default``, ``[risk]``, ``account``, ``market``.

        For every account ``live default`` says that a paper account has another.
        """
        limits, arming = self.rules
        if scope.account is None:
            name = setting.name
            if name in self._given(setting):
                return "[arming]" if setting.kind == "arming" else "[risk]"
            alike = setting.kind == "arming" or (
                getattr(LIVE_DEFAULTS, name) == getattr(PAPER_DEFAULTS, name)
            )
            return "default" if alike else "live default"
        if setting.kind == "arming":
            source: Source = arming.source(scope.account, setting.name)
            return "[arming]" if source == "everywhere" else source
        source = limits.source(scope.account, scope.fqsn, setting.name)
        return "[risk]" if source == "everywhere" else source

    def is_own(self, scope: Scope, setting: Setting) -> bool:
        """Tell whether the value is of this very scope."""
        if scope.account is None:
            return setting.name in self._given(setting)
        return self.source(scope, setting) == ("market" if scope.fqsn else "account")

    def _given(self, setting: Setting) -> Mapping[str, Any]:
        """Return the fields of the table for every account that a setting is in."""
        limits, arming = self.rules
        return arming.everywhere if setting.kind == "arming" else limits.everywhere

    def change(self, scope: Scope, setting: Setting, text: str) -> None:
        """Give the scope a value of its own as the config has it, or, if empty, none.

        Raises
        ------
        ConfigError
            If it is no value; nothing is changed.
        """
        place = _place(scope, setting)
        value = GONE if not text.strip() else _value(text.strip())
        if value is not GONE:  # alone: the sentence is about this one
            _read(tables_with({}, {place: value}))
        changes = {**self._changes, place: value}
        self.rules = self._rules(changes)
        self._changes = changes

    def reload(self) -> None:
        """Read the file anew under the changes; raises `ConfigError`."""
        self._file.read()
        self.rules = self._rules(self._changes)

    def write(self) -> None:
        """Write the changes; raises `ConfigError`, and then they are still here."""
        self._file.write(self._changes)
        self._changes = {}

    def _rules(self, changes: Mapping[Place, Any]) -> Rules:
        return _read(tables_with(self._file.tables, changes))


def _read(tables: Mapping[str, Any]) -> Rules:
    reader = SafetyTables(ConfigError)
    return reader.risk(tables.get("risk", {})), reader.arming(tables.get("arming", {}))


def _place(scope: Scope, setting: Setting) -> Place:
    if scope.account is None:
        return "arming" if setting.kind == "arming" else "risk", setting.name
    if setting.kind == "arming":
        return "arming", "accounts", scope.account, setting.name
    of_account = ("risk", "accounts", scope.account)
    if scope.fqsn is None:
        return *of_account, setting.name
    return *of_account, "markets", scope.fqsn, setting.name


def _value(text: str) -> object:
    """Return what a typed text is in TOML; what is neither number nor truth is a word."""
    if text in ("true", "false"):
        return text == "true"
    for number in (int, float):
        try:
            return number(text)
        except ValueError:
            continue
    return text
