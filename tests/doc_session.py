"""Somebody who reads a page and does all that it says, in a home folder of their own.

They have opened the program before: there is a journal, and a key file that only they can read.
"""

import base64
import contextlib
import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

from ems.journal import Journal
from tests.doc_blocks import Block
from ui.command_line import parse
from ui.commands import AnyCommand, ChartCommand, DemoCommand, ReplayCommand
from ui.config_reader import read_config
from ui.doctor.backends import check_backends

_PROGRAMS: Final = Path(sys.executable).parent
_TIMEOUT_S: Final = 120.0

NOT_RUN: Final = {
    # They bring in a whole environment; tests/install/test_registry.py does so at night.
    "pip ": "the registry",
    "pipx ": "the registry",
    "uv ": "the registry",
    # Their recipes install, test or build for minutes; that the target exists is looked at.
    "make ": "a target of the Makefile",
    # It writes into the checkout; what it runs is run by `make lint`.
    "pre-commit ": "a checkout",
    # They speak to Kraken itself; tests/gui/test_kraken.py opens this chart on a simulator.
    "ordermode chart xbtusd.kraken": "the network",
}
"""How a command begins that is not run, and what it needs; its words are checked all the same."""


class Session:
    """The home folder of a reader, and what they have done so far."""

    def __init__(self, folder: Path, root: Path) -> None:
        self._home = folder / "home"
        self._work = folder / "work"
        self._root = root
        self._config = self._home / ".config" / "ordermode" / "config.toml"
        self._config.parent.mkdir(parents=True)
        self._work.mkdir()
        Journal(self._home / ".local" / "state" / "ordermode" / "journal.sqlite").close()
        key = self._config.with_name("kraken.key")
        key.write_text(f"key\n{base64.b64encode(b'secret').decode()}\n")
        rows = (f"2024-01-02T10:{n // 60:02}:{n % 60:02}Z,{100 + n % 7},1" for n in range(3000))
        (self._work / "trades.csv").write_text("\n".join(["time,price,size", *rows]))

    def do(self, block: Block) -> None:
        """Do what a block says; raises AssertionError if that does not work."""
        if block.language == "toml":
            self._configure(block)
        elif block.language == "sh":
            for command in block.text.splitlines():
                if command.strip() and not command.lstrip().startswith("#"):
                    self._command(command.strip().removeprefix(".venv/bin/"), block.place)

    def python(self, blocks: list[Block]) -> None:
        """Run the Python of a page, as one program; nothing if there is none."""
        if not blocks:
            return
        program = self._work / "program.py"
        program.write_text("\n".join(block.text for block in blocks))
        self._run([sys.executable, str(program)], blocks[0].place)

    @property
    def _environ(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("LANG", "LC_ALL") if name in os.environ}
        path = f"{_PROGRAMS}:{os.environ['PATH']}"
        return {**kept, "PATH": path, "HOME": str(self._home), "QT_QPA_PLATFORM": "offscreen"}

    def _configure(self, block: Block) -> None:
        text = block.text.replace("~/", f"{self._home}/")
        self._config.write_text(text, encoding="utf-8")
        self._config.with_name("kraken.key").chmod(0o600)
        config = read_config(self._config)
        bad = [found for found in check_backends(config, connect=False) if found.level == "fail"]
        assert not bad, f"{block.place}: {bad}"

    def _command(self, command: str, place: str) -> None:
        words = shlex.split(command, comments=True)
        kind = _asked_for(words)
        if any(f"{command} ".startswith(begin) for begin in NOT_RUN):
            if words[0] == "make":
                self._check_target(words)
            return
        if isinstance(kind, ChartCommand | ReplayCommand):
            self._open_window(words, place)
        else:
            assert not isinstance(kind, DemoCommand) or kind.headless, f"{place}: {command}"
            self._run(["bash", "-c", command], place)

    def _check_target(self, words: list[str]) -> None:
        """See that make knows what it is asked for; nothing is made."""
        done = subprocess.run(
            ["make", "-n", *words[1:]], cwd=self._root, stdout=subprocess.DEVNULL, check=False
        )
        assert done.returncode == 0, words

    def _run(self, words: list[str], place: str) -> None:
        done = subprocess.run(
            words,
            cwd=self._work,
            env=self._environ,
            capture_output=True,
            text=True,
            timeout=_TIMEOUT_S,
            check=False,
        )
        assert done.returncode == 0, f"{place}: {words}\n{done.stdout}\n{done.stderr}"

    def _open_window(self, words: list[str], place: str) -> None:
        """Start the program, wait until it plays, and end it."""
        began = time.time()
        process = subprocess.Popen(
            words, cwd=self._work, env=self._environ, stderr=subprocess.PIPE, text=True
        )
        deadline = time.monotonic() + _TIMEOUT_S
        while process.poll() is None and time.monotonic() < deadline and not self._plays(began):
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(0.05)
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=_TIMEOUT_S)
        assert process.returncode == 128 + signal.SIGTERM, f"{place}: {words}\n{said}"

    def _plays(self, since: float) -> bool:
        """Tell whether the place in a recording was kept since then."""
        state = self._home / ".local" / "state" / "ordermode"
        return any(file.stat().st_mtime >= since for file in state.rglob("brokers/replay/*.json"))


def _asked_for(words: list[str]) -> AnyCommand | None:
    """Return what a command line of ordermode means; None if it is of another program."""
    if words[0] != "ordermode" or {"--version", "--help"} & set(words):
        return None
    return parse(words[1 : words.index(">") if ">" in words else None])
