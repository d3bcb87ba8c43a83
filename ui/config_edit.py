"""Changes of single fields in the text of a config; everything else in it stays as it was."""

import copy
import tomllib
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, TypeAlias

import tomlkit
from tomlkit.container import Container
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import AbstractTable, InlineTable, Table

from ui.config_faults import ConfigError

Place: TypeAlias = tuple[str, ...]
"""A field: the names of the tables that it is in, then its own."""
Changes: TypeAlias = Mapping[Place, Any]
"""New values by place; `GONE` takes the field out."""

GONE: Final = object()


def with_changes(text: str, changes: Changes) -> str:
    """Return the text of a config with some fields changed; comments and other tables stay.

    A field that is taken out takes the comment on its own line along.

    Raises
    ------
    ConfigError
        If the text is written in a way that cannot be changed without harm.
    """
    for place, value in changes.items():
        text = _with_one(text, place, value)
    return text


def tables_with(tables: Mapping[str, Any], changes: Changes) -> dict[str, Any]:
    """Return the tables of a config with some fields changed; raises `ConfigError`."""
    changed: dict[str, Any] = copy.deepcopy(dict(tables))
    for place, value in changes.items():
        table = changed
        for step in place[:-1]:
            table = table.get(step, {}) if value is GONE else table.setdefault(step, {})
            if not isinstance(table, dict):
                raise ConfigError(f"{step} is {table!r}, and must be a table")
        if value is GONE:
            table.pop(place[-1], None)
        else:
            table[place[-1]] = value
    return changed


def _with_one(text: str, place: Place, value: object) -> str:
    wanted = _filled(tables_with(tomllib.loads(text), {place: value}))
    if text and not text.endswith("\n"):
        text += "\n"
    for way in _WAYS:  # no library changes every way to write TOML: what it wrote is read again
        try:
            written = way(text, place, value)
            if written is not None and _filled(tomllib.loads(written)) == wanted:
                return written
        except (TOMLKitError, tomllib.TOMLDecodeError, LookupError, TypeError, ValueError):
            continue
    raise ConfigError(
        f"{'.'.join(place)} cannot be written there without harm to the rest: write it by hand"
    )


def _where_it_stands(text: str, place: Place, value: object) -> str | None:
    """Change or take out a field that is there."""
    document = tomlkit.parse(text)
    for table in _tables_at(document, place[:-1]):
        if place[-1] in table:
            if value is GONE:
                del table[place[-1]]
            else:
                table[place[-1]] = value
            return tomlkit.dumps(document)
    return text if value is GONE else None


def _below_the_last(text: str, place: Place, value: object) -> str | None:
    """Add a line to a table, above the comments that lead to the next one."""
    document = tomlkit.parse(text)
    for table in _tables_at(document, place[:-1]):
        if isinstance(table, Table) and not table.is_super_table():
            body, item = table.value.body, tomlkit.item(value)
            at = 0
            for index, (key, own) in enumerate(body):
                if key is not None and not isinstance(own, AbstractTable):
                    at = index + 1
                    item.trivia.indent = own.trivia.indent
            body.insert(at, (tomlkit.key(place[-1]), item))
            return tomlkit.dumps(document)
    return None


def _as_new_table(text: str, place: Place, value: object) -> str:
    """Add a table at the end: TOML lets tables stand in any order."""
    header = tomlkit.key(list(place[:-1])).as_string()
    line = f"{tomlkit.key(place[-1]).as_string()} = {tomlkit.item(value).as_string()}"
    return f"{text}{chr(10) if text else ''}[{header}]\n{line}\n"


def _as_the_library_does(text: str, place: Place, value: object) -> str:
    """Add a field to what is written in line or with dotted names."""
    document = tomlkit.parse(text)
    table: Any = document
    for step in place[:-1]:
        if step not in table:
            table[step] = tomlkit.inline_table()
        table = table[step]
    table[place[-1]] = value
    return tomlkit.dumps(document)


_WAYS: Final[tuple[Callable[[str, Place, object], str | None], ...]] = (
    _where_it_stands,
    _below_the_last,
    _as_new_table,
    _as_the_library_does,
)


def _tables_at(container: Container, path: Place) -> Iterator[Table | InlineTable]:
    """Yield every piece of a table; one whose parts stand apart has several."""
    for key, item in container.body:
        if key is not None and key.key == path[0] and isinstance(item, Table | InlineTable):
            if len(path) == 1:
                yield item
            else:
                yield from _tables_at(item.value, path[1:])


def _filled(tables: Mapping[str, Any]) -> dict[str, Any]:
    """Return tables without the empty ones, which say nothing."""
    filled = {
        name: _filled(value) if isinstance(value, dict) else value for name, value in tables.items()
    }
    return {name: value for name, value in filled.items() if value != {}}
