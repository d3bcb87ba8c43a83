"""The command line: its arguments in, one typed command out."""

import argparse
import importlib.metadata
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn, get_args

from ui import help_text
from ui.argument_types import a_period, a_speed, a_time, an_fqsn
from ui.commands import (
    AnyCommand,
    ChartCommand,
    DemoCommand,
    KeysCommand,
    KillCommand,
    LogLevel,
    ReplayCommand,
    ReportCommand,
)
from ui.state_folder import STATE_DIR_VARIABLE
from ui.upkeep_commands import add_upkeep


def parse(argv: Sequence[str]) -> AnyCommand:
    """Return what the arguments, without the program's name, ask for.

    Raises
    ------
    SystemExit
        With code 2 after one sentence on stderr if they mean nothing; with code 0 after
        ``--help`` or ``--version``.
    """
    parser = make_parser()
    given = vars(parser.parse_args(argv))
    kind = given.pop("kind", ChartCommand)
    _refuse_unused(parser, kind, given)
    command: AnyCommand = kind(**given)
    return command


def _refuse_unused(parser: argparse.ArgumentParser, kind: type[Any], given: dict[str, Any]) -> None:
    """Refuse an option of every command that this one would not look at."""
    unused = given.keys() - set(kind.__struct_fields__)
    if unused:
        name = min(unused).removesuffix("_ns").replace("_", "-")
        parser.error(f"this command takes no --{name}")
    if kind is DemoCommand and (unused := {"config", "account", "state_dir"} & given.keys()):
        name = min(unused).replace("_", "-")
        parser.error(f"the scripted session has its own settings: it takes no --{name}")


class _Parser(argparse.ArgumentParser):
    """Argparse with no abbreviations, and one sentence instead of a page for a mistake."""

    def __init__(self, *, epilog: str, **options: object) -> None:
        super().__init__(
            epilog=epilog,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            argument_default=argparse.SUPPRESS,  # the structs have the defaults
            allow_abbrev=False,
            **options,  # type: ignore[arg-type]
        )

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"ordermode: {message}; see `{self.prog} --help`\n")


class _ShowVersion(argparse.Action):
    """Looks the version up only when it is asked for."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        try:
            version = importlib.metadata.version("ordermode")
        except importlib.metadata.PackageNotFoundError:
            version = "(a checkout that is not installed)"
        sys.stdout.write(f"ordermode {version}\n")
        parser.exit()


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line."""
    parser = _Parser(
        prog="ordermode",
        usage="ordermode [OPTIONS] [COMMAND ...]",
        description=help_text.DESCRIPTION,
        epilog=help_text.EXAMPLES,
    )
    parser.add_argument("--version", action=_ShowVersion, nargs=0, help="print it and leave")
    _add_common(parser)
    commands = parser.add_subparsers(
        title="commands", metavar="COMMAND", prog="ordermode", parser_class=_Parser
    )
    _add_chart(commands)
    _add_replay(commands)
    _add_demo(commands)
    _add_reports(commands)
    _add_kill(commands)
    _add_keys(commands)
    add_upkeep(commands)
    return parser


def _add_common(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("options of every command")
    group.add_argument("--config", type=Path, metavar="FILE", help="another config file")
    group.add_argument(
        "--state-dir",
        type=Path,
        metavar="DIR",
        help=f"where the journal and the log are kept (else ${STATE_DIR_VARIABLE})",
    )
    group.add_argument("--account", metavar="NAME", help="trade for it, as in paper or ib.main")
    group.add_argument(
        "--period",
        type=a_period,
        metavar="PERIOD",
        help="length of a bar, as in 100t (ticks), 30s, 5m, 1h, 1d, 1w, 1M (month)",
    )
    group.add_argument(
        "--log-level",
        choices=get_args(LogLevel),
        help="what goes to the log file (info)",
    )


def _add_chart(commands: "argparse._SubParsersAction[_Parser]") -> None:
    chart = commands.add_parser(
        "chart", help="open one market", description="Open one market.", epilog=help_text.CHART
    )
    chart.add_argument("fqsn", type=an_fqsn, metavar="FQSN", help="as in xbtusd.kraken")
    chart.set_defaults(kind=ChartCommand)
    _add_run(chart)
    _add_common(chart)


def _add_run(command: _Parser) -> None:
    command.add_argument(
        "--run",
        type=Path,
        metavar="FILE",
        help="a strategy to run on the same orders: Python with an `async def main(client)`",
    )


def _add_replay(commands: "argparse._SubParsersAction[_Parser]") -> None:
    replay = commands.add_parser(
        "replay", help="open a recording", description="Open a recording.", epilog=help_text.REPLAY
    )
    replay.add_argument("file", type=Path, metavar="FILE", help="Parquet or CSV")
    replay.add_argument(
        "--speed",
        type=a_speed,
        metavar="N|max",
        help="recorded seconds a second, above 0, or max: as fast as the machine goes "
        "(a bar in six seconds, ticks as they came)",
    )
    replay.add_argument(
        "--start",
        dest="start_ns",
        type=a_time,
        metavar="TIME",
        help="begin there: ISO time, UTC unless it names an offset, as in 2026-03-02T14:30",
    )
    replay.add_argument("--symbol", metavar="S", help="which symbol of a file with several")
    replay.add_argument(
        "--fresh",
        action="store_true",
        help="set the earlier session on this file aside and begin anew",
    )
    replay.set_defaults(kind=ReplayCommand)
    _add_run(replay)
    _add_common(replay)


def _add_demo(commands: "argparse._SubParsersAction[_Parser]") -> None:
    demo = commands.add_parser(
        "demo",
        help="play a scripted session",
        description="Show it all once.",
        epilog=help_text.DEMO,
    )
    demo.add_argument("--headless", action="store_true", help="needs no display")
    demo.add_argument("--out", type=Path, metavar="DIR", help="for its files (ordermode-demo)")
    demo.set_defaults(kind=DemoCommand)
    _add_common(demo)


def _add_reports(commands: "argparse._SubParsersAction[_Parser]") -> None:
    for name, says in help_text.REPORTS.items():
        report = commands.add_parser(name, help=says, description=says, epilog=help_text.REPORT)
        if name == "log":
            report.add_argument("oid", metavar="OID", help="how the order's id begins")
        else:
            report.add_argument("--market", type=an_fqsn, metavar="FQSN", help="of this one alone")
            report.add_argument("--until", **_time_option("until_ns", "what happened before"))
        if name in ("orders", "fills"):
            report.add_argument("--since", **_time_option("since_ns", "what happened since"))
        form = report.add_mutually_exclusive_group()
        for kind in ("json", "csv"):
            form.add_argument(
                f"--{kind}", dest="form", action="store_const", const=kind, help="for programs"
            )
        report.set_defaults(kind=ReportCommand, report=name)
        _add_common(report)


def _add_kill(commands: "argparse._SubParsersAction[_Parser]") -> None:
    kill = commands.add_parser(
        "kill",
        help="cancel every order and refuse new risk",
        description="Put the kill switch on, or release it.",
        epilog=help_text.KILL,
    )
    kill.add_argument("--release", action="store_true", help="take orders again")
    kill.add_argument("--force", action="store_true", help="end a program that does not answer")
    kill.set_defaults(kind=KillCommand)
    _add_common(kill)


def _add_keys(commands: "argparse._SubParsersAction[_Parser]") -> None:
    keys = commands.add_parser(
        "keys",
        help="keep API keys in the system's keyring",
        description="Set, list or remove the API keys of a broker.",
        epilog=help_text.KEYS,
    )
    keys.add_argument("what", choices=["set", "list", "remove"])
    keys.add_argument("broker", nargs="?", metavar="BROKER", help="as in kraken")
    keys.set_defaults(kind=KeysCommand)
    _add_common(keys)


def _time_option(dest: str, says: str) -> dict[str, Any]:
    text = f"{says}; ISO, UTC unless it says otherwise"
    return {"dest": dest, "type": a_time, "metavar": "TIME", "help": text}
