"""The desktop program: reads what the user wants, wires the parts, runs until the window closes."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from ems.errors import EmsError
from ui.command_line import parse
from ui.commands import (
    ChartCommand,
    DemoCommand,
    KeysCommand,
    KillCommand,
    ReplayCommand,
    ReportCommand,
    UpkeepCommand,
)
from ui.config import Config
from ui.config_reader import default_config_file, read_config
from ui.left_pipe import HeardOrNot, until_the_reader_leaves
from ui.log_file import log_to
from ui.state_folder import Paths, open_paths, state_folder
from ui.upkeep_commands import CompletionCommand, DoctorCommand

if TYPE_CHECKING:  # what imports Qt is imported once it is known to be needed
    from ui.faults import Faults
    from ui.session import Session
    from ui.strategy import Strategy

EXIT_BAD_INPUT: Final = 2
DEMO_MARKET: Final = "aapl.demo.replay"
_ENDING_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


def main(argv: Sequence[str] | None = None) -> int:
    """Run ``ordermode`` with these arguments (None = those of the process).

    Returns
    -------
    int
        The exit code: 0, or 2 after one sentence on stderr for what the user can mend; 1 if the
        doctor found something, or the scripted session did not go as asked.
    """
    command = parse(sys.argv[1:] if argv is None else argv)
    try:
        if isinstance(command, KillCommand):
            return _kill(command)
        if not isinstance(command, ChartCommand | ReplayCommand | DemoCommand):
            return until_the_reader_leaves(lambda: _run_in_terminal(command))
        _check_display(command)
        _check_qt()
        paths = open_paths(command.state_dir)
        with log_to(paths.log, command.log_level):
            return _run(command, paths)
    except EmsError as error:
        sys.stderr.write(f"ordermode: {error}\n")
        return EXIT_BAD_INPUT


def _kill(command: KillCommand) -> int:
    from ui.kill_command import kill

    paths = open_paths(command.state_dir)
    return kill(command, paths, lambda: read_config(command.config), HeardOrNot())


def _run_in_terminal(command: ReportCommand | KeysCommand | UpkeepCommand) -> int:
    if isinstance(command, ReportCommand):
        from ui.journal_report import report

        journal = Paths(state_folder(command.state_dir)).journal  # who only reads makes no folder
        report(command, journal, sys.stdout)
        return 0
    if isinstance(command, UpkeepCommand):
        return _upkeep(command)
    from ui.keys_command import keys

    return keys(command, sys.stdout)


def _check_qt() -> None:
    """Load Qt, which is the first to miss what a bare system lacks."""
    try:
        import PyQt6.QtWidgets  # noqa: F401
    except ImportError as error:
        raise EmsError(
            f"Qt cannot be loaded: {error}; `ordermode doctor` says what to install"
        ) from error


def _upkeep(command: UpkeepCommand) -> int:
    if isinstance(command, DoctorCommand):
        from ui.doctor import examine

        return examine(command, sys.stdout)
    if isinstance(command, CompletionCommand):
        from ui.completion import script

        sys.stdout.write(script(command.shell))
        return 0
    from ui import desktop_entry

    if command.remove:
        removed = desktop_entry.remove()
        sys.stdout.writelines(f"removed {file}\n" for file in removed)
        if not removed:
            sys.stdout.write("there was nothing to remove\n")
    else:
        sys.stdout.writelines(f"wrote {file}\n" for file in desktop_entry.install())
    return 0


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
    if isinstance(command, DemoCommand):
        from ui.demo_session import play  # only it needs Qt's test events

        return play(command)
    config = read_config(command.config)
    if isinstance(command, ReplayCommand):
        from ui.recording_folder import recording_session

        with recording_session(paths, command.file, command.symbol, fresh=command.fresh) as own:
            options = {"replay": _replay_options(command)}
            return _open(command, config, own, options=options, layouts=paths)
    usual = config.chart.market or DEMO_MARKET
    return _open(command, config, paths, fqsn=command.fqsn, usual_fqsn=usual)


def _open(
    command: ChartCommand | ReplayCommand,
    config: Config,
    paths: Paths,
    *,
    fqsn: str | None = None,
    usual_fqsn: str | None = None,
    options: Mapping[str, Mapping[str, Any]] | None = None,
    layouts: Paths | None = None,
) -> int:
    """Open a session; ``layouts`` says where recordings have the layout that they share."""
    from ui.layout_file import LayoutFiles
    from ui.session import Session
    from ui.strategy import load_strategy

    strategy = None if command.run is None else load_strategy(command.run)
    config_file = (command.config or default_config_file()).absolute()
    session = Session(
        config=config,
        paths=paths,
        fqsn=fqsn,
        usual_fqsn=usual_fqsn,
        account=command.account or "paper",
        period=command.period,
        options=options or {},
        config_folder=config_file.parent,
        config_file=config_file,
        layouts=None
        if layouts is None
        else LayoutFiles(layouts.replay_layout, layouts.named_layouts),
    )
    return run_qt(lambda faults: _until_closed(session, faults, strategy))


def _replay_options(command: ReplayCommand) -> dict[str, Any]:
    given = {
        "file": str(command.file),
        "symbol": command.symbol,
        "start": command.start_ns,
        "speed": command.speed,
    }
    return {name: value for name, value in given.items() if value is not None}


async def _until_closed(
    session: "Session", faults: "Faults", strategy: "Strategy | None" = None
) -> int:
    from ui.program import open_program

    async with open_program(session, faults) as program:
        if strategy is not None:
            program.run(strategy)
        await program.closed
    return 0


def run_qt(work: Callable[["Faults"], Coroutine[Any, Any, int]]) -> int:
    """Run a coroutine function on a Qt application's loop; return what it returns.

    An `EmsError` that it raises goes to the caller. SIGINT and SIGTERM cancel it, so that it
    closes what it opened; the exit code is then 128 and the signal's number, as in a shell.
    """
    import qasync
    from PyQt6.QtGui import QIcon
    from PyQt6.QtWidgets import QApplication

    from ui import desktop_entry, theme
    from ui.faults import Faults

    app = QApplication.instance() or QApplication(["ordermode"])
    assert isinstance(app, QApplication)
    app.setApplicationName(desktop_entry.NAME)
    app.setDesktopFileName(desktop_entry.NAME)
    app.setWindowIcon(QIcon(str(desktop_entry.ICON)))
    app.setStyleSheet(theme.stylesheet())
    app.setQuitOnLastWindowClosed(False)  # the EMS closes first
    faults = Faults()
    faults.install()
    try:
        with qasync.QEventLoop(app) as loop:
            faults.watch_loop(loop)
            return _run_until_signalled(loop, loop.create_task(work(faults)))
    finally:
        faults.uninstall()


def _run_until_signalled(loop: asyncio.AbstractEventLoop, task: "asyncio.Task[int]") -> int:
    received: list[int] = []

    def on_signal(number: int, _: object) -> None:
        received.append(number)
        task.cancel()

    before = {number: signal.signal(number, on_signal) for number in _ENDING_SIGNALS}
    try:
        return loop.run_until_complete(task)
    except asyncio.CancelledError:
        if not received:
            raise
        return 128 + received[0]
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


if __name__ == "__main__":
    sys.exit(main())
