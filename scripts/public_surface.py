"""Writes tests/public_surface.txt: what other programs may build on, as it stands in the source.

`make surface`. The source is read rather than the running objects, so that every Python writes the
same. Names that begin with an underscore are nobody's business.
"""

import ast
import importlib
import inspect
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Final

FILE: Final = Path(__file__).resolve().parents[1] / "tests" / "public_surface.txt"
MODULES: Final = (
    "ems.new_order",
    "ems.new_group",
    "ems.client",
    "ems.client_requests",
    "ems.embedded",
    "ems.errors",
    "ems.market",
    "ems.messages",
    "ems.ports",
    "ems.ticks",
    "order_mode.chart_port",
    "order_mode.order_mode",
    "ems.trading_client",
    "ordermode.testing",
    "ui",
    "ordermode",
)
"""A module with ``__all__`` is public by that list, another by what it defines."""


def surface() -> str:
    """Return one line for each public name, field and method, with its signature."""
    lines = []
    told: set[int] = set()
    for name in MODULES:
        module = importlib.import_module(name)
        lines += [f"{name}.{line}" for line in _lines(module, told)]
        offered = getattr(module, "__all__", vars(module))
        told |= {id(getattr(module, one)) for one in offered}
    return "\n".join(lines) + "\n"


def _lines(module: ModuleType, told: set[int]) -> Iterator[str]:
    """Yield the lines of a module; what another one offers too is told of once."""
    listed: list[str] | None = getattr(module, "__all__", None)
    if listed is None:
        for node in _source(module).body:
            yield from _node(node)
        return
    for name in sorted(listed):
        value = getattr(module, name)
        if id(value) in told:
            yield f"{name} = {value.__module__}.{name}"
            continue
        home = inspect.getmodule(value)
        found = [] if home is None else [n for n in _source(home).body if _name(n) == name]
        yield from _node(found[0]) if found else [name]


def _source(module: ModuleType) -> ast.Module:
    return ast.parse(inspect.getsource(module))


def _name(node: ast.stmt) -> str:
    if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        return node.name
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return node.target.id
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
        return node.targets[0].id
    return "_"


def _node(node: ast.stmt) -> Iterator[str]:
    name = _name(node)
    if name.startswith("_") or name == "log":
        return
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        yield _function(node)
    elif isinstance(node, ast.ClassDef):
        yield f"{name}({', '.join(map(ast.unparse, [*node.bases, *node.keywords]))})"
        for part in node.body:
            if isinstance(part, ast.FunctionDef) and part.name == "__init__":
                yield f"{name}.{_function(part)}"
            else:
                yield from (f"{name}.{line}" for line in _node(part))
    elif isinstance(node, ast.AnnAssign):
        value = "" if node.value is None else f" = {ast.unparse(node.value)}"
        yield f"{name}: {ast.unparse(node.annotation)}{value}"
    else:
        assert isinstance(node, ast.Assign)
        yield f"{name} = {ast.unparse(node.value)}"


def _function(node: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    kind = "async " if isinstance(node, ast.AsyncFunctionDef) else ""
    marks = "".join(f"@{ast.unparse(mark)} " for mark in node.decorator_list)
    returns = "" if node.returns is None else f" -> {ast.unparse(node.returns)}"
    return f"{node.name}({ast.unparse(node.args)}){returns} {marks}{kind}".rstrip()


def main() -> int:
    """Write the file; return 0."""
    FILE.write_text(surface(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.path.insert(0, str(FILE.parents[1]))
    sys.exit(main())
