"""The wheel in an environment of its own: it runs, and says what it lacks."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.install.base_environment import base_environment


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory, wheel: Path) -> Path:
    """The folder of programs of an environment without extras."""
    return base_environment(tmp_path_factory.mktemp("base"), wheel)


class Installed:
    """The installed command, run as by somebody new."""

    def __init__(self, programs: Path, environ: dict[str, str], folder: Path) -> None:
        self._programs = programs
        self._environ = environ
        self._folder = folder

    def run(self, program: str, *arguments: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(self._programs / program), *map(str, arguments)],
            env=self._environ,
            cwd=self._folder,  # not the checkout, whose packages would be found there
            capture_output=True,
            text=True,
            timeout=200,
            check=False,
        )


@pytest.fixture
def installed(programs: Path, clean_environ: dict[str, str], tmp_path: Path) -> Installed:
    return Installed(programs, clean_environ, tmp_path)


def test_it_is_the_wheel_that_runs(installed: Installed, programs: Path) -> None:
    where = installed.run("python", "-c", "import ems, ui; print(ems.__file__, ui.__file__)")
    assert where.stdout.count(str(programs.parent)) == 2, where.stdout + where.stderr


def test_the_version_is_told(installed: Installed) -> None:
    done = installed.run("ordermode", "--version")
    assert (done.returncode, done.stdout) == (0, "ordermode 0.1.0\n"), done.stderr


def test_the_scripted_session_needs_no_extra(installed: Installed, tmp_path: Path) -> None:
    done = installed.run("ordermode", "demo", "--headless", "--out", "out")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    session = json.loads((tmp_path / "out" / "session.json").read_text())
    assert session["as_asked"]
    assert (tmp_path / "out" / "chart.png").read_bytes().startswith(b"\x89PNG")


def test_who_trades_from_code_reads_the_same_sentence(installed: Installed) -> None:
    code = (
        "import asyncio, ordermode\n"
        "async def main():\n"
        "    async with ordermode.connect() as client:\n"
        "        print((await client.market('aapl.demo.replay')).fqsn)\n"
        "        await client.market('xbtusd.kraken')\n"
        "asyncio.run(main())\n"
    )
    done = installed.run("python", "-c", code)
    assert done.stdout == "aapl.demo.replay\n", done.stderr
    assert "MissingLibrary: Kraken needs the library aiohttp" in done.stderr
    assert "pip install 'ordermode[kraken]'" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "config", "words"),
    [
        (("chart", "xbtusd.kraken"), "", "Kraken needs the library aiohttp"),
        (("--account", "kraken.spot"), "", "Kraken needs the library aiohttp"),
        ((), "[brokers.kraken]\nbalances_in = 'EUR'\n", "'ordermode[kraken]'"),
        ((), "[brokers.ib]\nport = 7497\n", "'ordermode[ib]'"),
        (("replay", "day.csv"), "", "'ordermode[parquet]'"),
    ],
)
def test_what_an_extra_brings_is_said_in_a_sentence(
    arguments: tuple[str, ...], config: str, words: str, installed: Installed, tmp_path: Path
) -> None:
    (tmp_path / "config.toml").write_text(config)
    (tmp_path / "day.csv").write_text("time,price,size\n2024-01-02T10:00:00Z,1,1\n")
    done = installed.run("ordermode", "--config", "config.toml", *arguments)
    assert done.returncode == 2, done.stderr
    (line,) = done.stderr.splitlines()
    assert line.startswith("ordermode: ")
    assert words in line
