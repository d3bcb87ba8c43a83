"""Writes the tables of keys in README.md and docs/keys.md out of the keymap: `make reference`."""

import re
import sys
from pathlib import Path
from typing import Final

from order_mode.keymap import DEFAULT_BINDINGS, DIGITS_HELP, MOUSE_HELP, RESERVED

_ROOT: Final = Path(__file__).resolve().parents[1]
_MARKED: Final = "<!-- made by `make reference`: {name} -->\n\n{table}\n<!-- end: {name} -->"


def keys_table() -> str:
    """Return what each key and the mouse does."""
    digits, _, words = DIGITS_HELP.partition(" while ")
    rows = []
    for binding in DEFAULT_BINDINGS:
        rows.append((" or ".join(f"`{key}`" for key in binding.keys), binding.description))
        if binding.name == "live":
            rows.append((f"`{digits}`", f"while {words}"))
        if binding.name == "cancel":
            rows += MOUSE_HELP
    rows += [(" ".join(f"`{key}`" for key in keys), words) for keys, words in RESERVED]
    return _table("key", "does", [(keys or "(no key)", words) for keys, words in rows])


def bindings_table() -> str:
    """Return what the config calls each thing that a key can do."""
    return _table("name", "does", [(f"`{one.name}`", one.description) for one in DEFAULT_BINDINGS])


def filled(text: str, name: str, table: str) -> str:
    """Return the text with the table between the marks of this name."""
    head, _, tail = _MARKED.format(name=name, table="{table}").partition("{table}")
    marked = re.escape(head.rstrip()) + ".*" + re.escape(tail.lstrip())
    new = _MARKED.format(name=name, table=table)
    changed, count = re.subn(marked, lambda _: new, text, flags=re.DOTALL)
    if count != 1:
        raise ValueError(f"there are {count} places marked for the table {name!r}, not one")
    return changed


PAGES: Final = (
    (_ROOT / "README.md", "keys", keys_table),
    (_ROOT / "docs" / "keys.md", "bindings", bindings_table),
)


def _table(first: str, second: str, rows: list[tuple[str, str]]) -> str:
    lines = [f"| {left} | {right} |" for left, right in rows]
    return "\n".join([f"| {first} | {second} |", "|---|---|", *lines, ""])


def main() -> int:
    """Write the tables; return 0."""
    for page, name, table in PAGES:
        text = page.read_text(encoding="utf-8")
        page.write_text(filled(text, name, table()), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
