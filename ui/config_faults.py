"""What is wrong in a config, in one sentence."""

import re
from typing import Any, Final

import msgspec

from ems.errors import EmsError

_UNKNOWN_FIELD: Final = re.compile(r"unknown field `(?P<field>.*)`")


class ConfigError(EmsError):
    """The config or the state folder cannot be used; the text says where and what is allowed."""


def explain(fault: str, table: dict[str, Any], path: str, kind: type[msgspec.Struct]) -> str:
    """Say what was found and what is allowed; msgspec says only the second."""
    wanted, _, where = fault.partition(" - at `$.")
    unknown = _UNKNOWN_FIELD.search(wanted)
    if unknown is not None:
        allowed = ", ".join(kind.__struct_fields__)
        return f"{path}.{unknown['field']} is unknown; allowed are {allowed}"
    if not where:
        return f"{path}: {wanted}"
    field = where.rstrip("`")
    if field not in table:  # of a list of tables, where msgspec says which one
        return f"{path}.{field}: {wanted}"
    if field == "unit":
        wanted = 'allowed are "units" and "money"'
    if field == "risk_unit":
        wanted = 'allowed are "money" and "percent"'
    if field == "mode":
        wanted = 'allowed are "confirm", "armed" and "one click"'
    return f"{path}.{field} is {table[field]!r}: {wanted[0].lower()}{wanted[1:]}"
