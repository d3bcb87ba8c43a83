"""The program as a process: what bad input gets, and that the scripted session is as asked."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ems.journal import Journal


def ordermode(
    *arguments: object, state: Path | None, **environ: str
) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("ordermode"))]
    where = [] if state is None else ["--state-dir", str(state)]
    return subprocess.run(
        [*command, *where, *map(str, arguments)],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", **environ},
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )


def refusal(done: subprocess.CompletedProcess[str]) -> str:
    """The one sentence of a program that ended with code 2."""
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    lines = [line for line in done.stderr.splitlines() if line.startswith("ordermode: ")]
    assert len(lines) == 1, done.stderr
    return lines[0]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("chart", "moon.demo.replay"), "moon.demo.replay"),
        (("chart", "qqq.nasdaq.nobody"), "no backend 'nobody'"),
        (("chart", "AAPL"), "is not the name of a market"),
        (("--account", "ib.main"), "ib is not set up: the config has no table [brokers.ib]"),
        (("chart", "qqq.nasdaq.ib"), "ib is not set up: the config has no table [brokers.ib]"),
        (("--account", "kraken.spot"), "there is no account 'kraken.spot'; there are paper"),
        (("--period", "7x"), "is not a period"),
        (("replay", "/nowhere/file.parquet"), "/nowhere/file.parquet"),
        (("replay", "x.csv", "--speed", "0"), "is not a speed"),
        (("replay", "x.csv", "--start", "noon"), "is not an ISO time"),
        (("--config", "/nowhere/config.toml"), "/nowhere/config.toml"),
        (("trade",), "invalid choice"),
    ],
)
def test_what_cannot_be_opened_gets_one_sentence(arguments, words, tmp_path: Path) -> None:
    assert words in refusal(ordermode(*arguments, state=tmp_path / "state"))


def test_who_only_reads_makes_no_folder(tmp_path: Path) -> None:
    assert "there is no journal" in refusal(ordermode("orders", state=tmp_path / "state"))
    assert not (tmp_path / "state").exists()


@pytest.mark.parametrize("form", ["--json", "--csv", ""])
def test_a_reader_that_has_seen_enough_gets_no_traceback(form: str, tmp_path: Path) -> None:
    Journal(tmp_path / "journal.sqlite").close()
    command = [str(Path(sys.executable).with_name("ordermode")), "--state-dir", str(tmp_path)]
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [*command, "fills", *filter(None, [form])],
        stdout=write,
        stderr=subprocess.PIPE,
        text=True,
        timeout=200,
        check=False,
    )
    os.close(write)
    assert (done.returncode, done.stderr) == (128 + signal.SIGPIPE, "")


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("empty.csv", "", "empty"),
        ("wrong.csv", "name,age\nann,7\n", "wrong.csv"),
        ("text.parquet", "no parquet at all", "text.parquet"),
    ],
)
def test_a_file_that_is_no_recording(name, content, words, tmp_path: Path) -> None:
    (tmp_path / name).write_text(content)
    done = ordermode("replay", tmp_path / name, state=tmp_path / "state")
    assert words in refusal(done)
    assert (tmp_path / name).read_text() == content


@pytest.mark.parametrize(
    ("toml", "words"),
    [
        ("[chart\n", "is not TOML"),
        ("[chart]\nperiod = 5\n", "chart"),
        ("[colours]\n", "[colours] is unknown"),
        ("[brokers.nobody]\nhost = 'x'\n", "nobody"),
        ("[brokers.paper]\nfee_rate = 'lots'\n", "fee_rate"),
        ("[brokers.replay]\nspeed = 'fast'\n", "speed"),
        ("[keys]\nbuy = 'd'\n", "d"),
    ],
)
def test_a_broken_config(toml: str, words: str, tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text(toml)
    assert words in refusal(ordermode("--config", config, state=tmp_path / "state"))


def test_a_journal_in_use(tmp_path: Path) -> None:
    state = tmp_path / "state"
    journal = Journal(state / "journal.sqlite")
    try:
        said = refusal(ordermode(state=state))
    finally:
        journal.close()
    assert "in use by another running ordermode" in said


def test_a_damaged_journal_is_set_aside_and_the_next_start_works(tmp_path: Path) -> None:
    state = tmp_path / "state"
    Journal(state / "journal.sqlite").close()
    damaged = b"\0" * 5000
    (state / "journal.sqlite").write_bytes(damaged)
    said = refusal(ordermode(state=state))
    (aside,) = state.glob("journal.sqlite.damaged-*")
    assert aside.read_bytes() == damaged
    assert str(aside) in said
    Journal(state / "journal.sqlite").close()


def test_a_state_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert "cannot be made" in refusal(ordermode(state=tmp_path / "file" / "state"))


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="displays by variable: Linux")
def test_no_display_is_said_in_a_sentence(tmp_path: Path) -> None:
    done = ordermode(state=tmp_path / "state", QT_QPA_PLATFORM="", DISPLAY="", WAYLAND_DISPLAY="")
    assert "no display" in refusal(done)
    assert "demo --headless" in done.stderr


def test_qt_that_cannot_be_loaded_is_said_in_a_sentence(tmp_path: Path) -> None:
    broken = tmp_path / "PyQt6"
    broken.mkdir()
    why = "libEGL.so.1: cannot open shared object file"
    (broken / "__init__.py").write_text(f"raise ImportError('{why}', name='PyQt6.QtGui')")
    said = refusal(ordermode(state=tmp_path / "state", PYTHONPATH=str(tmp_path)))
    assert why in said
    assert "`ordermode doctor`" in said


def play_shortly(*arguments: object, state: Path) -> Path:
    """Open a recording, end it by a signal, and return the folder of its session."""
    command = [str(Path(sys.executable).with_name("ordermode")), "--state-dir", str(state)]
    process = subprocess.Popen(
        [*command, *map(str, arguments)],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        stderr=subprocess.PIPE,
        text=True,
    )
    before = time.time()
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and not (played := _played_since(state, before)):
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.05)
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 128 + signal.SIGTERM, said
    (place,) = played
    return place.parents[2]


def _played_since(state: Path, moment: float) -> list[Path]:
    """The places in recordings that were kept since."""
    places = state.glob("recordings/*/brokers/replay/*.json")
    return [place for place in places if place.stat().st_mtime >= moment]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_closes_what_is_open(number: signal.Signals, tmp_path: Path) -> None:
    state = tmp_path / "state"
    process = subprocess.Popen(
        [str(Path(sys.executable).with_name("ordermode")), "--state-dir", str(state)],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        stderr=subprocess.PIPE,
        text=True,
    )
    cursor = state / "brokers" / "replay"
    deadline = time.monotonic() + 60
    while not any(cursor.glob("*.json")) and time.monotonic() < deadline:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.05)
    process.send_signal(number)
    _, said = process.communicate(timeout=60)
    assert (process.returncode, said) == (128 + number, "")
    Journal(state / "journal.sqlite").close()


def test_the_scripted_session_happens_as_asked(tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = ordermode("demo", "--headless", "--out", out, state=None)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (out / "chart.png").read_bytes().startswith(b"\x89PNG")
    session = json.loads((out / "session.json").read_text())
    assert session["as_asked"]
    assert session["faults"] == []
    final = sorted(
        (dialog["order"]["action"], dialog["order"]["exec_mode"], dialog["final_state"])
        for dialog in session["dialogs"]
    )
    assert final == [
        ("alert", "dark", "dark_open"),
        ("buy", "live", "canceled"),
        ("buy", "live", "closed"),
        ("sell", "dark", "dark_open"),
        ("sell", "live", "open"),
    ]
    (filled,) = [dialog for dialog in session["dialogs"] if dialog["fills"]]
    assert [s["resp"] for s in filled["statuses"]][-2:] == ["fill", "closed"]
    (position,) = session["positions"]
    assert position["size"] == filled["order"]["size"]
    assert "position paper aapl.demo.replay" in done.stdout
    assert done.stderr == ""
    # The market stands until the session moves it: a machine that is slow to open a window sees
    # the same prices, and not a market that may take days to come to the order.
    # A pixel more or less of chart is a cent or two.
    assert float(filled["order"]["price"]) == pytest.approx(303.76, abs=0.03)


def test_fresh_sets_the_earlier_session_on_a_recording_aside(
    tmp_path: Path, market_data: Path
) -> None:
    state = tmp_path / "state"
    file = market_data / "bars_1m_YNDX_moex_2015_2016.parquet"
    folder = play_shortly("replay", file, state=state)
    journal = (folder / "journal.sqlite").read_bytes()
    assert play_shortly("replay", file, "--fresh", state=state) == folder
    (aside,) = set((state / "recordings").iterdir()) - {folder}
    assert aside.name.startswith(folder.name)
    assert (aside / "journal.sqlite").read_bytes() == journal


def test_fresh_leaves_the_session_where_it_was_if_it_cannot_begin_anew(
    tmp_path: Path, market_data: Path
) -> None:
    state = tmp_path / "state"
    file = market_data / "bars_1m_YNDX_moex_2015_2016.parquet"
    folder = play_shortly("replay", file, state=state)
    said = refusal(ordermode("replay", file, "--fresh", "--period", "7s", state=state))
    assert "7" in said
    journal = Journal(folder / "journal.sqlite")
    try:
        assert "in use" in refusal(ordermode("replay", file, "--fresh", state=state))
    finally:
        journal.close()
    assert list((state / "recordings").iterdir()) == [folder]


def test_two_files_of_one_name_are_two_sessions(tmp_path: Path) -> None:
    rows = "time,price,size\n2024-01-02T10:00:00Z,{0},1\n2024-01-02T11:00:00Z,{0},1\n"
    folders = set()
    for place, price in (("one", 100), ("two", 5)):
        (tmp_path / place).mkdir()
        (tmp_path / place / "day.csv").write_text(rows.format(price))
        folders.add(play_shortly("replay", tmp_path / place / "day.csv", state=tmp_path / "state"))
    assert len(folders) == 2


def test_a_refused_start_leaves_no_folder(tmp_path: Path) -> None:
    state = tmp_path / "state"
    refusal(ordermode("replay", tmp_path / "nope.csv", state=state))
    assert not list((state / "recordings").iterdir())
