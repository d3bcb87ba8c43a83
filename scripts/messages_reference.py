"""Writes docs/messages.md out of the structs in ems/messages.py: `make reference`.

It reads the source, because what a field means stands there as a string under it.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_ROOT: Final = Path(__file__).resolve().parents[1]
SOURCE: Final = _ROOT / "ems" / "messages.py"
PAGE: Final = _ROOT / "docs" / "messages.md"
_SECTION: Final = "# ---- "
_HEAD: Final = """\
# Messages

What clients, the EMS and the backends say to each other. Each is a frozen msgspec struct in
`ems/messages.py`; in JSON the field `name` tells which one it is, and a field that has its default
is left out. Times are integer nanoseconds UTC. Prices and sizes are decimal numbers written as
text; a size is positive and the side is in `action`, except in a position, whose size is signed.
`ems.messages.encode` and `decode` turn them into bytes and back.

This page is made from the structs by `make reference`.
"""


def reference(source: str) -> str:
    """Return the page about the structs in this source."""
    tree = ast.parse(source)
    parts = [_HEAD, _words(tree)]
    section = ""
    for struct in _structs(tree):
        title = _section_of(source, struct.lineno)
        if title != section:
            parts.append(f"## {title}\n")
            section = title
        parts.append(_struct(struct))
    return "\n".join(parts)


def _structs(tree: ast.Module) -> Iterator[ast.ClassDef]:
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and node.name != "Message":
            yield node


def _section_of(source: str, line: int) -> str:
    """Return the heading that stands above a line."""
    above = source.splitlines()[: line - 1]
    titles = [text.removeprefix(_SECTION) for text in above if text.startswith(_SECTION)]
    title = titles[-1].replace("->", "to")
    return title[0].upper() + title[1:]


def _words(tree: ast.Module) -> str:
    """Return a table of the words that several fields take."""
    rows = ["## Words\n", "| name | one of |", "|---|---|"]
    for node in tree.body:
        if not (isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)):
            continue
        value = node.value
        if isinstance(value, ast.Subscript) and ast.unparse(value.value) == "Literal":
            words = ", ".join(f"`{ast.literal_eval(word)}`" for word in _elements(value.slice))
            rows.append(f"| `{node.target.id}` | {words} |")
        elif isinstance(value, ast.BinOp) and {"int", "str"} <= set(ast.unparse(value).split()):
            rows.append(f"| `{node.target.id}` | `{_type(value)}` |")
    return "\n".join([*rows, ""])


def _elements(node: ast.expr) -> list[ast.expr]:
    return node.elts if isinstance(node, ast.Tuple) else [node]


def _struct(node: ast.ClassDef) -> str:
    lines = [f"### {node.name}\n"]
    if tag := _tag(node):
        lines.append(f"`name` is `{tag}`.\n")
    lines += [_prose(ast.get_docstring(node) or ""), "", "| field | type | if not given | |"]
    lines.append("|---|---|---|---|")
    body = node.body
    for field, following in zip(body, [*body[1:], None], strict=True):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
            default = "must be given" if field.value is None else f"`{ast.unparse(field.value)}`"
            lines.append(
                f"| `{field.target.id}` | `{_type(field.annotation)}` | {default} "
                f"| {_one_line(_text_under(following))} |"
            )
    return "\n".join([*lines, ""])


def _tag(node: ast.ClassDef) -> str:
    values = [word.value for word in node.keywords if word.arg == "tag"]
    return str(ast.literal_eval(values[0])) if values else ""


def _type(node: ast.expr) -> str:
    return ast.unparse(node).replace("'", '"').replace("|", "\\|")


def _text_under(node: ast.stmt | None) -> str:
    """Return the string that stands alone as a statement, which is about what is above it."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return str(node.value.value)
    return ""


def _prose(text: str) -> str:
    return text.replace("``", "`")


def _one_line(text: str) -> str:
    return " ".join(_prose(text).replace("|", "\\|").split())


def main() -> int:
    """Write the page; return 0."""
    PAGE.write_text(reference(SOURCE.read_text(encoding="utf-8")), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
