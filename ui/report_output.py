"""A report on the terminal or for another program: a table, JSON or CSV."""

import csv
import json
import shutil
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final, Literal, NamedTuple, TextIO

Form = Literal["table", "json", "csv"]

_SHORT_ID: Final = 8
"""Characters of an id that a table shows; `ordermode log` takes them."""
_NARROWEST: Final = 200
"""Columns of a table that goes to a file."""


class Column(NamedTuple):
    """One column: its name for programs, its title for people, and how to write it."""

    name: str
    title: str
    kind: Literal["text", "id", "number", "time"] = "text"
    shown: bool = True
    """False = for programs alone."""


class Report(NamedTuple):
    """Rows under columns; times are UTC nanoseconds, numbers `Decimal`, None = not known."""

    columns: tuple[Column, ...]
    rows: list[tuple[Any, ...]]
    title: str = ""


def write(report: Report, form: Form, out: TextIO) -> None:
    """Write the report in this form."""
    match form:
        case "json":
            _write_json(report, out)
        case "csv":
            _write_csv(report, out)
        case "table":
            _write_table(report, out)


def time_text(time_ns: int) -> str:
    """Return a time in UTC, to the microsecond, as ISO has it."""
    moment = datetime.fromtimestamp(time_ns // 10**9, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{moment}.{time_ns % 10**9 // 1000:06d}Z"


def _plain(column: Column, value: Any) -> Any:
    """For programs: exact numbers as text, times as ISO."""
    if column.kind == "time" and value is not None:
        return time_text(value)
    return f"{value:f}" if isinstance(value, Decimal) else value


def _write_json(report: Report, out: TextIO) -> None:
    names = [column.name for column in report.columns]
    rows = [dict(zip(names, map(_plain, report.columns, row), strict=True)) for row in report.rows]
    json.dump(rows, out, indent=1)
    out.write("\n")


def _write_csv(report: Report, out: TextIO) -> None:
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(column.name for column in report.columns)
    for row in report.rows:
        cells = map(_plain, report.columns, row)
        writer.writerow(json.dumps(cell) if isinstance(cell, dict) else cell for cell in cells)


def _write_table(report: Report, out: TextIO) -> None:
    if not report.rows:
        out.write("Nothing in the journal is like that.\n")
        return
    from rich.console import Console  # reports for programs do without
    from rich.table import Table
    from rich.text import Text

    table = Table(title=report.title or None, title_justify="left")
    for column in report.columns:
        if column.shown:
            right = column.kind == "number"
            table.add_column(
                column.title,
                justify="right" if right else "left",
                no_wrap=column.kind != "text",
            )
    for row in report.rows:
        # As plain text, so that nothing a venue says is taken for markup.
        table.add_row(*map(Text, _cells(report.columns, row)))
    width = shutil.get_terminal_size().columns if out.isatty() else _NARROWEST
    Console(file=out, width=width, highlight=False).print(table)


def _cells(columns: tuple[Column, ...], row: tuple[Any, ...]) -> list[str]:
    """For people."""
    cells = []
    for column, value in zip(columns, row, strict=True):
        if not column.shown:
            continue
        text = "" if value is None else str(_plain(column, value))
        if column.kind == "time":
            text = text.replace("T", " ").removesuffix("Z")
        cells.append(text[:_SHORT_ID] if column.kind == "id" else text)
    return cells
