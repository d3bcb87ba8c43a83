"""The desktop program: reads what the user wants, wires the parts, runs until the window closes."""

import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from ems.errors import EmsError
from ui.command_line import (
    ChartCommand,
    DemoCommand,
    ReplayCommand,
    ReportCommand,
    parse,
)
from ui.config import Config, Paths, open_paths, read_config
from ui.log_file import log_to

EXIT_BAD_INPUT: Final = 2


def main(argv: Sequence[str] | None = None) -> int:
    """Run ``ordermode`` with these arguments (None = those of the process).

    Returns
    -------
    int
        The exit code: 0, or 2 after one sentence on stderr for what the user can mend.
    """
    command = parse(sys.argv[1:] if argv is None else argv)
    try:
        if isinstance(command, ReportCommand):
            from ui.journal_report import report

            report(command, open_paths(command.state_dir).journal, sys.stdout)
            return 0
        _check_display(command)
        paths = open_paths(command.state_dir)
        with log_to(paths.log, command.log_level):
            return _run(command, paths)
    except EmsError as error:
        sys.stderr.write(f"ordermode: {error}\n")
        return EXIT_BAD_INPUT


def _check_display(command: ChartCommand | ReplayCommand | DemoCommand) -> None:
    if isinstance(command, DemoCommand) and command.headless:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
        return
    has_display = any(
        os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    )
    if sys.platform.startswith("linux") and not has_display:
        raise EmsError(
            "there is no display here (neither DISPLAY nor WAYLAND_DISPLAY is set); start it on a "
            "desktop, or run `ordermode demo --headless --out DIR`"
        )


def _run(command: ChartCommand | ReplayCommand | DemoCommand, paths: Paths) -> int:
    config = read_config(command.config)
    if isinstance(command, DemoCommand):
        from ui.demo_session import play  # the scripted session needs Qt's test events

        return play(command, config)
    session = _session(command, config, paths)
    return run_qt(lambda faults: _until_closed(session, faults))


def _session(command: ChartCommand | ReplayCommand, config: Config, paths: Paths) -> Any:
    from ui.program import DEMO_MARKET, Session

    period_ns = command.period_ns or config.chart.period_ns
    account = command.account or "paper"
    if isinstance(command, ChartCommand):
        fqsn = command.fqsn or config.chart.market or DEMO_MARKET
        return Session(config=config, paths=paths, fqsn=fqsn, account=account, period_ns=period_ns)
    return Session(
        config=config,
        paths=_replay_paths(paths, command.file, fresh=command.fresh),
        account=account,
        period_ns=period_ns,
        options={"replay": _replay_options(command)},
    )


def _replay_options(command: ReplayCommand) -> dict[str, Any]:
    given = {
        "file": str(command.file),
        "symbol": command.symbol,
        "start": command.start_ns,
        "speed": command.speed,
    }
    return {name: value for name, value in given.items() if value is not None}


def _replay_paths(paths: Paths, file: Path, *, fresh: bool) -> Paths:
    """Return paths of its own for a recording: its orders are those of no other market."""
    folder = paths.state_dir / "recordings" / file.stem
    if fresh and folder.exists():
        folder.rename(folder.with_name(f"{folder.name}.{time.strftime('%Y%m%dT%H%M%S')}"))
    return open_paths(folder)


async def _until_closed(session: Any, faults: Any) -> int:
    from ui.program import open_program

    async with open_program(session, faults) as program:
        await program.closed
    return 0


def run_qt(work: Callable[[Any], Any]) -> int:
    """Run a coroutine function of one argument, the `Faults`, on a Qt application's loop.

    Returns what it returns; an `EmsError` that it raises goes to the caller.
    """
    import qasync
    from PyQt6.QtWidgets import QApplication

    from ui import theme
    from ui.faults import Faults

    app = QApplication.instance() or QApplication(["ordermode"])
    assert isinstance(app, QApplication)
    app.setApplicationName("ordermode")
    app.setStyleSheet(theme.stylesheet())
    app.setQuitOnLastWindowClosed(False)  # the EMS closes first
    faults = Faults()
    faults.install()
    try:
        with qasync.QEventLoop(app) as loop:
            faults.watch_loop(loop)
            task = loop.create_task(work(faults))
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, lambda *_: task.cancel())
            result: int = loop.run_until_complete(task)
            return result
    finally:
        faults.uninstall()


if __name__ == "__main__":
    sys.exit(main())
