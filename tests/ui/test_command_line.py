"""The command line: a typed struct for each command, one sentence for each mistake."""

import math
import subprocess
import sys
from pathlib import Path

import pytest

from ui.command_line import parse
from ui.commands import (
    AnyCommand,
    ChartCommand,
    DemoCommand,
    KeysCommand,
    KillCommand,
    ReplayCommand,
)


def parse_text(text: str) -> AnyCommand:
    return parse(text.split())


def test_no_argument_opens_the_default_market():
    assert parse([]) == ChartCommand()


def test_chart_opens_the_market_of_this_name():
    assert parse_text("chart aapl.demo.replay") == ChartCommand(fqsn="aapl.demo.replay")


def test_replay_takes_all_its_options():
    command = parse_text("replay t.csv --speed 2.5 --start 2026-03-02T14:30 --symbol a --fresh")
    assert command == ReplayCommand(
        file=Path("t.csv"), speed=2.5, start_ns=1_772_461_800 * 10**9, symbol="a", fresh=True
    )


def test_demo_takes_all_its_options():
    command = parse_text("demo --headless --out there")
    assert command == DemoCommand(headless=True, out=Path("there"))


def test_demo_takes_no_settings_of_the_user(capsys):
    with pytest.raises(SystemExit, match="2"):
        parse_text("--account ib.main demo")
    assert "takes no --account" in capsys.readouterr().err


def test_kill_and_keys_take_their_options():
    assert parse_text("kill") == KillCommand()
    assert parse_text("kill --force") == KillCommand(force=True)
    assert parse_text("kill --release") == KillCommand(release=True)
    assert parse_text("keys set kraken") == KeysCommand(what="set", broker="kraken")
    assert parse_text("keys list") == KeysCommand(what="list")


@pytest.mark.parametrize("command", ["chart a.b", "replay f", "kill", "keys list"])
def test_the_common_options_may_stand_before_and_after_the_command(command):
    options = "--config c.toml --state-dir s --account ib.main --period 5m --log-level debug"
    before = parse_text(f"{options} {command}")
    after = parse_text(f"{command} {options}")
    assert before == after
    assert before.config == Path("c.toml")
    assert before.state_dir == Path("s")
    assert before.account == "ib.main"
    assert before.period == "5m"
    assert before.log_level == "debug"


def test_speed_max_is_as_fast_as_the_machine_goes():
    command = parse_text("replay f --speed max")
    assert isinstance(command, ReplayCommand)
    assert command.speed == math.inf


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2026-03-02", 1_772_409_600),
        ("2026-03-02T14:30", 1_772_461_800),
        ("2026-03-02T14:30Z", 1_772_461_800),
        ("2026-03-02T09:30-05:00", 1_772_461_800),
    ],
)
def test_a_start_is_any_iso_time_and_utc_unless_it_says_otherwise(text, seconds):
    command = parse(["replay", "f", "--start", text])
    assert isinstance(command, ReplayCommand)
    assert command.start_ns == seconds * 10**9


def test_a_start_keeps_its_microseconds():
    command = parse_text("replay f --start 2026-03-02T14:30:00.123457Z")
    assert isinstance(command, ReplayCommand)
    assert command.start_ns == 1_772_461_800_123_457_000


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("cahrt", "argument COMMAND: invalid choice: 'cahrt'"),
        ("chart", "the following arguments are required: FQSN; see `ordermode chart --help`"),
        ("chart AAPL", "argument FQSN: 'AAPL' is not the name of a market; write"),
        ("replay", "the following arguments are required: FILE"),
        ("replay f --speed 0", "argument --speed: '0' is not a speed; give a number above 0"),
        ("replay f --speed=-2", "argument --speed: '-2' is not a speed"),
        ("replay f --speed nan", "argument --speed: 'nan' is not a speed"),
        ("replay f --speed inf", "argument --speed: 'inf' is not a speed"),
        ("replay f --speed fast", "argument --speed: 'fast' is not a speed"),
        ("replay f --start noon", "argument --start: 'noon' is not an ISO time; write it as in"),
        ("replay f --fre", "unrecognized arguments: --fre"),
        ("--period 5q", "argument --period: '5q' is not a period; write a whole number"),
        ("--log-level loud", "argument --log-level: invalid choice: 'loud'"),
        ("demo --speed 3", "unrecognized arguments: --speed 3"),
    ],
)
def test_a_mistake_ends_with_code_2_and_one_line(capsys, text, sentence):
    with pytest.raises(SystemExit) as ended:
        parse_text(text)
    assert ended.value.code == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"ordermode: {sentence}")
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    "text",
    [
        "--help",
        "chart --help",
        "replay --help",
        "demo --help",
        "orders --help",
        "log --help",
        "kill --help",
        "keys --help",
    ],
)
def test_help_has_examples_that_can_be_typed(capsys, monkeypatch, text):
    monkeypatch.setenv("COLUMNS", "80")
    with pytest.raises(SystemExit) as ended:
        parse_text(text)
    assert ended.value.code == 0
    page = capsys.readouterr().out
    assert max(map(len, page.splitlines())) <= 80
    examples = [
        line.split("   ")[0].split()[1:]
        for line in page.splitlines()
        if line.startswith("  ordermode")
    ]
    assert examples
    for example in examples:
        parse(example)


def test_the_main_help_shows_the_keys(capsys):
    with pytest.raises(SystemExit):
        parse(["--help"])
    page = capsys.readouterr().out
    for key in ("hold f, click", "hold d, click", "hold a, click", "+ ctrl or s", "Esc", "c c"):
        assert key in page


def test_version_is_printed(capsys):
    with pytest.raises(SystemExit) as ended:
        parse(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith("ordermode ")


def test_the_command_line_needs_no_qt():
    code = "import sys, ui.command_line; sys.exit(any(m.startswith('PyQt6') for m in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_strategy_runs_beside_a_chart_or_a_recording():
    assert parse_text("chart a.b --run s.py") == ChartCommand(fqsn="a.b", run=Path("s.py"))
    assert parse_text("replay f --run s.py") == ReplayCommand(file=Path("f"), run=Path("s.py"))
