"""Which backend each table ``[brokers.<name>]`` of the config sets up.

A table has the name of its backend, or any other name and ``kind``, which names the backend: so one
backend can be there several times, each with a name of its own for its markets and accounts.
"""

import re
from collections.abc import Iterator, Mapping
from importlib.metadata import EntryPoint
from typing import Any, Final

import msgspec

from ui.config_faults import ConfigError

KIND: Final = "kind"
_NAME: Final = re.compile(r"[a-z][a-z0-9_-]*")


class BrokerTable(msgspec.Struct, frozen=True):
    """One backend to be opened."""

    name: str
    """The last part of its markets, the first part of its accounts."""
    entry: EntryPoint
    options: Mapping[str, Any]
    """What the backend itself is given; empty = the config has nothing for it."""

    @property
    def kind(self) -> str:
        """The backend's own name: that of its entry point."""
        return self.entry.name


def broker_tables(
    brokers: Mapping[str, Mapping[str, Any]], installed: Mapping[str, EntryPoint]
) -> list[BrokerTable]:
    """Return what is to be opened, by name: each installed backend, and each table of a kind.

    Parameters
    ----------
    brokers
        The tables of the config, by name.
    installed
        The backends, by name.

    Raises
    ------
    ConfigError
        If a table names no backend, or has a name that nothing can have.
    """
    own = [BrokerTable(name, entry, {}) for name, entry in installed.items() if name not in brokers]
    given = [broker_table(name, brokers[name], installed) for name in brokers]
    return sorted([*own, *given], key=lambda table: table.name)


def broker_table(
    name: str, options: Mapping[str, Any], installed: Mapping[str, EntryPoint]
) -> BrokerTable:
    """Return what one table of the config sets up; raises `ConfigError` as `broker_tables`."""
    options = dict(options)
    kind = options.pop(KIND, name)
    there = ", ".join(sorted(installed)) or "none"
    if not isinstance(kind, str) or kind not in installed:
        way = "" if kind != name else f'; if it is another one of a kind, add {KIND} = "..." to it'
        what = f"[brokers.{name}]" if kind == name else f"[brokers.{name}] of the kind {kind!r}"
        raise ConfigError(
            f"the config has {what}, but no such backend is installed; there are {there}{way}"
        )
    if kind != name and name in installed:
        raise ConfigError(
            f"[brokers.{name}] has kind = {kind!r}, but {name} is a backend itself; give the table "
            f"another name, as in [brokers.{kind}2]"
        )
    if not _NAME.fullmatch(name):
        raise ConfigError(
            f"[brokers.{name}]: markets and accounts are named after the table, so its name is of "
            f"a-z, 0-9, - and _ and begins with a letter; write it as in [brokers.{kind}2]"
        )
    return BrokerTable(name, installed[kind], options)


def same_accounts(accounts: Mapping[str, tuple[str, Mapping[str, str]]]) -> Iterator[str]:
    """Yield a sentence for each account of a venue that two tables of one kind name.

    Its orders would be there twice, and what is sent to it would pass two limits.

    Parameters
    ----------
    accounts
        By table: its kind, and the venue's own name of each account by ours.
    """
    seen: dict[tuple[str, str], str] = {}
    for kind, named in accounts.values():
        for ours, theirs in named.items():
            first = seen.setdefault((kind, theirs), ours)
            if first != ours:
                yield (
                    f"{first} and {ours} are one account, {theirs}: name it in one table of the "
                    "config alone"
                )
