"""What happened in the scripted session: a file for programs and a table for people."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, TextIO

from ems.messages import BrokerdFill, Order, Position, Status

_FINAL: Final = ("closed", "canceled", "error")


class Record:
    """Everything that the session saw."""

    def __init__(self) -> None:
        self.checks: list[tuple[str, bool]] = []
        self.statuses: list[Status] = []
        self.fills: dict[str, BrokerdFill] = {}
        self.positions: dict[tuple[str, str], Position] = {}
        self.faults: list[str] = []
        self.kept: set[str] = set()
        """Orders that have to be there after the restart."""

    @property
    def all_happened(self) -> bool:
        """True if every check was passed and nothing crashed."""
        return not self.faults and bool(self.checks) and all(ok for _, ok in self.checks)

    def check(self, what: str, *, happened: bool) -> None:
        """Note that something happened as asked, or did not."""
        self.checks.append((what, happened))

    def dialogs(self) -> list[dict[str, Any]]:
        """Return each order's story, in the order in which they were placed."""
        stories: dict[str, list[Status]] = {}
        for status in self.statuses:
            stories.setdefault(status.oid, []).append(status)
        return [self._dialog(oid, story) for oid, story in stories.items()]

    def _dialog(self, oid: str, story: list[Status]) -> dict[str, Any]:
        order = next(status.req for status in reversed(story) if status.req is not None)
        return {
            "oid": oid,
            "order": _order(order),
            "statuses": [_status(status) for status in story],
            "fills": [_fill(fill) for fill in self.fills.values() if fill.oid == oid],
            "final_state": _final_state(story),
        }


def write_files(record: Record, out: Path) -> None:
    """Write ``session.json`` into the folder, which exists."""
    session = {
        "as_asked": record.all_happened,
        "checks": [{"what": what, "happened": ok} for what, ok in record.checks],
        "dialogs": record.dialogs(),
        "positions": [_position(position) for position in record.positions.values()],
        "faults": record.faults,
    }
    (out / "session.json").write_text(json.dumps(session, indent=2) + "\n", encoding="utf-8")


def print_table(record: Record, stream: TextIO) -> None:
    """Write what happened, and each order's story, for a person to read."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    console = Console(file=stream, width=None if stream.isatty() else 110)
    for what, ok in record.checks:
        console.print(f"[green]ok[/]    {what}" if ok else f"[red]NOT[/]   {what}")
    for details in record.faults:
        console.print("CRASH", details, style="red", markup=False)
    table = Table(box=box.SIMPLE_HEAD)
    for column in ("order", "side", "size", "price", "filled at", "its life", "now"):
        table.add_column(column, overflow="fold")
    for dialog in record.dialogs():
        order = dialog["order"]
        table.add_row(
            dialog["oid"][:8],
            order["action"],
            "" if order["action"] == "alert" else order["size"],
            order["price"],
            ", ".join(f"{fill['size']} at {fill['price']}" for fill in dialog["fills"]),
            " ".join(_without_repeats(status["resp"] for status in dialog["statuses"])),
            dialog["final_state"],
        )
    console.print(table)
    for position in record.positions.values():
        average = "flat" if position.avg_price is None else f"at {_text(position.avg_price)}"
        console.print(
            f"position {position.account} {position.symbol}: {_text(position.size)} {average}, "
            f"realised {_text(position.realised)}, fees {_text(position.fees)}"
        )


def _final_state(story: list[Status]) -> str:
    """The last status key that is a state: a fill is an event."""
    states = [status.resp for status in story if status.resp != "fill"]
    ended = [resp for resp in states if resp in _FINAL]
    return ended[-1] if ended else states[-1]


def _without_repeats(words: Any) -> list[str]:
    kept: list[str] = []
    for word in words:
        if not kept or kept[-1] != word:
            kept.append(word)
    return kept


def _order(order: Order) -> dict[str, str]:
    return {
        "action": order.action,
        "exec_mode": order.exec_mode,
        "symbol": order.symbol,
        "account": order.account,
        "price": _text(order.price),
        "size": _text(order.size),
    }


def _status(status: Status) -> dict[str, Any]:
    return {
        "time": _iso(status.time_ns),
        "time_ns": status.time_ns,
        "resp": status.resp,
        "price": None if status.req is None else _text(status.req.price),
        "filled": _text(status.filled),
        "remaining": _text(status.remaining),
        "reason": status.reason,
    }


def _fill(fill: BrokerdFill) -> dict[str, Any]:
    return {
        "exec_id": fill.exec_id,
        "time": _iso(fill.broker_time_ns),
        "action": fill.action,
        "size": _text(fill.size),
        "price": _text(fill.price),
        "fee": _text(fill.fee),
    }


def _position(position: Position) -> dict[str, Any]:
    return {
        "account": position.account,
        "symbol": position.symbol,
        "size": _text(position.size),
        "avg_price": None if position.avg_price is None else _text(position.avg_price),
        "realised": _text(position.realised),
        "fees": _text(position.fees),
    }


def _text(number: Decimal) -> str:
    return f"{number.normalize():f}" if number == number.to_integral() else f"{number:f}"


def _iso(time_ns: int) -> str:
    return datetime.fromtimestamp(time_ns / 1e9, UTC).isoformat()
