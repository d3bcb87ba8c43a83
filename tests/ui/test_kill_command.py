"""``ordermode kill`` from a terminal: beside a program that runs, one that hangs, and none."""

import io
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from brokers.ib.timing import Timing
from ems.journal import Journal
from ems.kill_file import KillFile
from ui.commands import KillCommand
from ui.config import Config
from ui.kill_command import EXIT_LEFT
from ui.kill_command import kill as kill_here
from ui.state_folder import open_paths

_PROGRAM = Path(__file__).with_name("running_ems.py")
FOR_EVER_S = 600.0


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[str], subprocess.Popen[str]]]:
    started = []

    def start_program(how: str) -> subprocess.Popen[str]:
        environ = {**os.environ, "PYTHONPATH": str(_PROGRAM.parents[2])}
        command = [sys.executable, str(_PROGRAM), str(tmp_path), how]
        program = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environ)
        started.append(program)
        assert program.stdout is not None
        assert program.stdout.readline() == "ready\n"
        return program

    yield start_program
    for program in started:
        program.kill()
        program.wait()
        assert program.stdout is not None
        program.stdout.close()


def kill(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("ordermode")), "--state-dir", str(folder)]
    environ = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "QT_QPA_PLATFORM")}
    return subprocess.run(
        [*command, "kill", *options],
        capture_output=True,
        text=True,
        env=environ,
        timeout=120,
        check=False,
    )


def active(folder: Path) -> int:
    journal = Journal(open_paths(folder).journal)
    try:
        return len(list(journal.active_dialogs()))
    finally:
        journal.close()


def test_a_program_that_runs_cancels_everything_and_says_so(start, tmp_path):
    program = start("run")
    done = kill(tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "No order works or waits any more." in done.stdout
    assert program.poll() is None, "the program itself goes on"
    program.kill()
    program.wait()
    assert active(tmp_path) == 0


def test_one_that_hangs_is_told_and_force_ends_it_and_does_the_rest(start, tmp_path):
    program = start("hang")
    done = kill(tmp_path)
    assert done.returncode == 3
    assert f"(process {program.pid}) does not answer" in done.stdout
    assert program.poll() is None
    done = kill(tmp_path, "--force")
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"Process {program.pid} was ended." in done.stdout
    program.wait()
    assert active(tmp_path) == 0


def test_with_no_program_it_does_all_itself_and_stays_until_released(start, tmp_path):
    start("leave").wait()
    assert active(tmp_path) == 2
    file = KillFile(open_paths(tmp_path).journal)
    done = kill(tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert active(tmp_path) == 0
    assert file.read() is not None
    assert "Released" in kill(tmp_path, "--release").stdout
    assert file.read() is None


def test_a_bad_config_is_no_hindrance_while_a_program_runs(start, tmp_path):
    start("run")
    bad = tmp_path / "bad.toml"
    bad.write_text("[nonsense")
    assert kill(tmp_path, "--config", str(bad)).returncode == 0


def test_a_gateway_that_says_nothing_holds_up_no_cancel_and_is_named(start, tmp_path, monkeypatch):
    start("leave").wait()
    patient = partial(Timing, start_s=FOR_EVER_S, connect_s=FOR_EVER_S)
    monkeypatch.setattr("brokers.ib.backend.Timing", patient)
    monkeypatch.setattr("ui.kill_command._DONE_S", 2.0)
    out = io.StringIO()
    with socket.create_server(("127.0.0.1", 0)) as server:  # nobody accepts: that is silence
        port = server.getsockname()[1]
        gateway = {"port": port, "client_id": 7, "accounts": {"main": "DU123456"}}
        config = Config(brokers={"ib": gateway})
        code = kill_here(KillCommand(), open_paths(tmp_path), lambda: config, out)
    assert active(tmp_path) == 0
    assert "ib could not be reached" in out.getvalue()
    assert "No order works or waits any more." not in out.getvalue()
    assert code == EXIT_LEFT
