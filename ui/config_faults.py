"""What is wrong in a config, in one sentence."""

import re
from typing import Any, Final

import msgspec

from ems.errors import EmsError

_STEP: Final = re.compile(r"[^.\[\]]+")
_EXPECTED: Final = re.compile(
    r"Expected `(?P<kind>\w+)`(?: >= (?P<least>\S+?))?(?: <= (?P<most>\S+?))?(?:,|$)"
)
_KINDS: Final = {
    "int": "a whole number",
    "float": "a number",
    "decimal": "a number",
    "str": "text in quotes",
    "bool": "true or false",
    "array": "a list in square brackets",
    "object": "a table",
}
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
    place = f"{path}.{field}"
    steps = _STEP.findall(field)
    try:
        found = _at(table, steps)
    except (KeyError, IndexError, TypeError):
        return f"{place}: {wanted}"
    if wanted.startswith("Invalid enum value"):
        choices = _choices_of(kind, steps)
        return f"{place} is {found!r}: allowed are {' and '.join(_listed(choices))}"
    must = _must_be(wanted)
    if must:
        return f"{place} is {found!r}, and must be {must}"
    return f"{place} is {found!r}: {wanted[0].lower()}{wanted[1:]}"


def _at(table: Any, steps: list[str]) -> Any:
    """Return what stands at a place; raises LookupError or TypeError if there is none."""
    for step in steps:
        table = table[int(step)] if isinstance(table, list) else table[step]
    return table


def _must_be(wanted: str) -> str:
    """Return what msgspec wants, in words; empty if these are none that are known."""
    if wanted == "Invalid decimal string":
        return "a number"
    kind = _EXPECTED.match(wanted)
    if kind is None or kind["kind"] not in _KINDS:
        return ""
    least, most = kind["least"], kind["most"]
    bound = f", {least} or more" if least else f", {most} or less" if most else ""
    return f"{_KINDS[kind['kind']]}{bound}"


def _choices_of(kind: type[msgspec.Struct], steps: list[str]) -> list[str]:
    """Return the words that are allowed at a place."""
    from msgspec import inspect  # only a mistake needs it

    def at(info: inspect.Type, steps: list[str]) -> list[str]:
        match info:
            case inspect.LiteralType(values=values):
                return [f'"{value}"' for value in values]
            case inspect.UnionType(types=types):
                return [word for one in types for word in at(one, steps)]
            case inspect.StructType(fields=fields):
                own = [one for one in fields if steps and one.encode_name == steps[0]]
                return [word for one in own for word in at(one.type, steps[1:])]
            case inspect.CollectionType(item_type=item):
                return at(item, steps[1:])
        return []

    return at(inspect.type_info(kind), steps)


def _listed(words: list[str]) -> list[str]:
    """Return the words as two parts, to be joined by an "and"."""
    return [", ".join(words[:-1]), words[-1]] if len(words) > 1 else words
