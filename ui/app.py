"""The desktop program: reads what the user wants, wires the parts, runs until the window closes."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ems.errors import EmsError
from ui.command_line import (
    ChartCommand,
    DemoCommand,
    KeysCommand,
    KillCommand,
    ReplayCommand,
    parse,
)
from ui.config import Config, Paths, open_paths, read_config
from ui.log_file import log_to

if TYPE_CHECKING:  # what imports Qt is imported once it is known to be needed
    from ui.faults import Faults
    from ui.program import Session

EXIT_BAD_INPUT: Final = 2
_ENDING_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


def main(argv: Sequence[str] | None = None) -> int:
    """Run ``ordermode`` with these arguments (None = those of the process).

    Returns
    -------
    int
        The exit code: 0, or 2 after one sentence on stderr for what the user can mend.
    """
    command = parse(sys.argv[1:] if argv is None else argv)
    try:
        if isinstance(command, KillCommand | KeysCommand):
            return _run_in_terminal(command)
        _check_display(command)
        paths = open_paths(command.state_dir)
        with log_to(paths.log, command.log_level):
            return _run(command, paths)
    except EmsError as error:
        sys.stderr.write(f"ordermode: {error}\n")
        return EXIT_BAD_INPUT


def _run_in_terminal(command: KillCommand | KeysCommand) -> int:
    if isinstance(command, KeysCommand):
        from ui.keys_command import keys

        return keys(command, sys.stdout)
    from ui.kill_command import kill

    paths = open_paths(command.state_dir)
    return kill(command, paths, lambda: read_config(command.config), sys.stdout)


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
        from ui.demo_session import play  # only it needs Qt's test events

        return play(command, config)
    session = _session(command, config, paths)
    return run_qt(lambda faults: _until_closed(session, faults))


def _session(command: ChartCommand | ReplayCommand, config: Config, paths: Paths) -> "Session":
    from ui.program import DEMO_MARKET, Session

    if isinstance(command, ReplayCommand):
        fqsn = None
        paths = _recording_paths(paths, command.file, fresh=command.fresh)
        options = {"replay": _replay_options(command)}
    else:
        fqsn = command.fqsn or config.chart.market or DEMO_MARKET
        options = {}
    return Session(
        config=config,
        paths=paths,
        fqsn=fqsn,
        account=command.account or "paper",
        period_ns=command.period_ns,
        options=options,
    )


def _replay_options(command: ReplayCommand) -> dict[str, Any]:
    given = {
        "file": str(command.file),
        "symbol": command.symbol,
        "start": command.start_ns,
        "speed": command.speed,
    }
    return {name: value for name, value in given.items() if value is not None}


def _recording_paths(paths: Paths, file: Path, *, fresh: bool) -> Paths:
    """Return paths of its own for a recording: its orders are those of no other market."""
    folder = paths.state_dir / "recordings" / file.stem
    if fresh and folder.exists():
        folder.rename(folder.with_name(f"{folder.name}.{time.strftime('%Y%m%dT%H%M%S')}"))
    return open_paths(folder)


async def _until_closed(session: "Session", faults: "Faults") -> int:
    from ui.program import open_program

    async with open_program(session, faults) as program:
        await program.closed
    return 0


def run_qt(work: Callable[["Faults"], Coroutine[Any, Any, int]]) -> int:
    """Run a coroutine function on a Qt application's loop; return what it returns.

    An `EmsError` that it raises goes to the caller. SIGINT and SIGTERM cancel it, so that it
    closes what it opened; the exit code is then 128 and the signal's number, as in a shell.
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
