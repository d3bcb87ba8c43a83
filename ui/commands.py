"""What the user asked for on the command line: one typed struct a command."""

from pathlib import Path
from typing import Literal, TypeAlias

import msgspec

from ui.upkeep_commands import CompletionCommand, DesktopCommand, DoctorCommand

LogLevel: TypeAlias = Literal["debug", "info", "warning", "error"]


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """The options that every command takes; None = as the config says."""

    config: Path | None = None
    state_dir: Path | None = None
    account: str | None = None
    period: str | None = None
    """Length of a bar, as in ``5m``."""
    log_level: LogLevel = "info"


class ChartCommand(Command, frozen=True, kw_only=True):
    """Open one market."""

    fqsn: str | None = None
    """None = the market that the config names, else the demo market."""
    run: Path | None = None
    """A strategy to run beside the chart."""


class ReplayCommand(Command, frozen=True, kw_only=True):
    """Open a recording."""

    file: Path
    speed: float | None = None
    """Recorded seconds a second, above zero; ``inf`` = as fast as the machine goes; None = as
    suits the recording."""
    start_ns: int | None = None
    """Where to begin, UTC nanoseconds; None = at its first row."""
    symbol: str | None = None
    """Which symbol of a file with several."""
    fresh: bool = False
    """Set the earlier session on this file aside and begin anew."""
    run: Path | None = None
    """A strategy to run beside the chart."""


class DemoCommand(Command, frozen=True, kw_only=True):
    """Play the scripted session."""

    headless: bool = False
    out: Path = Path("ordermode-demo")


class ReportCommand(Command, frozen=True, kw_only=True):
    """Print what the journal says; no window."""

    report: Literal["orders", "fills", "positions", "log"]
    oid: str = ""
    """Of ``log``: how the order's id begins."""
    market: str | None = None
    since_ns: int | None = None
    until_ns: int | None = None
    """UTC nanoseconds; what happened at ``since`` counts, at ``until`` no more."""
    form: Literal["table", "json", "csv"] = "table"


class KillCommand(Command, frozen=True, kw_only=True):
    """Put the kill switch on or release it; no window."""

    release: bool = False
    force: bool = False
    """End a program that does not answer."""


class KeysCommand(Command, frozen=True, kw_only=True):
    """Set, list or remove the API keys of a broker; no window."""

    what: Literal["set", "list", "remove"]
    broker: str | None = None
    """None = all, for ``list``."""


UpkeepCommand: TypeAlias = DoctorCommand | CompletionCommand | DesktopCommand
AnyCommand: TypeAlias = (
    ChartCommand
    | ReplayCommand
    | DemoCommand
    | ReportCommand
    | KillCommand
    | KeysCommand
    | UpkeepCommand
)
