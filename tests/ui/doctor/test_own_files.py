"""What the doctor says of config, state and journal, and that it leaves them as they are."""

import os
import shutil
import sqlite3
from pathlib import Path

import pytest

from ems.journal import Journal
from ems.journal_schema import VERSION
from ems.kill_file import KillFile, KillRecord
from tests.ems.conftest import open_bench
from ui.doctor.finding import Finding
from ui.doctor.own_files import check_config, check_state

needs_modes = pytest.mark.skipif(os.name != "posix", reason="files have modes on POSIX")


def state(folder: Path) -> dict[str, Finding]:
    return {finding.subject: finding for finding in check_state(folder, {})}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "state"
    Journal(made / "journal.sqlite").close()
    return made


def test_a_first_start_has_nothing_to_complain_of_and_nothing_is_made(tmp_path: Path) -> None:
    found = state(tmp_path / "state")
    assert {finding.level for finding in found.values()} == {"ok"}
    assert not (tmp_path / "state").exists()


def test_a_sound_journal(folder: Path) -> None:
    found = state(folder)
    assert [finding.level for finding in found.values()] == ["ok"] * 3
    assert "sound; 0 orders" in found["journal"].text


async def test_what_the_journal_holds_is_counted(tmp_path: Path) -> None:
    async with open_bench(tmp_path / "state") as bench:
        bench.working()
        bench.submit(exec_mode="dark", price="90")
    (tmp_path / "state" / "journal.db").rename(tmp_path / "state" / "journal.sqlite")
    assert (
        "2 orders and alerts are active, 1 of them held here"
        in state(tmp_path / "state")["journal"].text
    )


def test_a_journal_that_is_in_use_can_be_looked_at(folder: Path) -> None:
    journal = Journal(folder / "journal.sqlite")
    try:
        assert state(folder)["journal"].level == "ok"
    finally:
        journal.close()


def test_a_damaged_journal_fails(folder: Path) -> None:
    (folder / "journal.sqlite").write_bytes(b"\0" * 5000)
    found = state(folder)["journal"]
    assert found.level == "fail"
    assert "damaged" in found.text
    assert "sets the file aside" in found.mend


def test_a_damaged_page_fails(folder: Path) -> None:
    file = folder / "journal.sqlite"
    with sqlite3.connect(file) as db:
        db.execute("CREATE TABLE filler (text)")
        db.executemany("INSERT INTO filler VALUES (?)", [("x" * 900,)] * 400)
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    data = bytearray(file.read_bytes())
    for page in range(len(data) - 40 * 4096, len(data), 4096):
        data[page : page + 4096] = b"\xa5" * 4096
    file.write_bytes(data)
    found = state(folder)["journal"]
    assert found.level == "fail", found
    assert "damaged" in found.text


def test_a_journal_of_a_newer_program_fails(folder: Path) -> None:
    with sqlite3.connect(folder / "journal.sqlite") as db:
        db.execute("UPDATE meta SET value = ? WHERE key = 'version'", (str(VERSION + 1),))
    db.close()
    found = state(folder)["journal"]
    assert found.level == "fail"
    assert "a newer ordermode wrote it" in found.text


@needs_modes
@pytest.mark.parametrize(
    ("name", "mode", "subject", "mend"),
    [
        ("journal.sqlite", 0o644, "journal", "chmod 600 "),
        (".", 0o755, "state", "chmod 700 "),
    ],
)
def test_what_others_can_read_is_a_warning(
    name: str, mode: int, subject: str, mend: str, folder: Path
) -> None:
    (folder / name).chmod(mode)
    found = state(folder)[subject]
    assert found.level == "warn"
    assert mend in found.mend


@needs_modes
def test_what_belongs_to_somebody_else_is_a_warning(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "getuid", lambda: 54_321)
    found = state(folder)["journal"]
    assert found.level == "warn"
    assert "chown 54321" in found.mend


def test_a_state_folder_that_is_a_file_fails(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("")
    found = state(tmp_path / "state")
    assert found["state"].level == "fail"


def test_a_kill_switch_that_is_on_is_a_warning(folder: Path) -> None:
    assert "kill" not in state(folder)
    KillFile(folder / "journal.sqlite").write(KillRecord(by="terminal"))
    found = state(folder)["kill"]
    assert found.level == "warn"
    assert "put on by the terminal" in found.text
    assert "--release" in found.mend


def test_a_full_disk_is_a_warning(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(folder)._replace(free=5 << 20)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    found = state(folder)["disk"]
    assert (found.level, found.text) == ("warn", "5 MB are free for the journal")


# ---- config


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))


@pytest.mark.usefixtures("home")
def test_no_config_is_well() -> None:
    found, config = check_config(None)
    assert found.level == "ok"
    assert config.brokers == {}


def test_a_config_that_can_be_read(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text("[brokers.paper]\nlatency_ms = 5\n")
    file.chmod(0o644)
    found, config = check_config(file)
    assert found.level == "ok", found
    assert config.brokers == {"paper": {"latency_ms": 5}}


@pytest.mark.parametrize(
    ("toml", "words"), [("[chart\n", "is not TOML"), ("[colours]\n", "[colours] is unknown")]
)
def test_a_config_that_means_nothing_fails(toml: str, words: str, tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text(toml)
    found, _ = check_config(file)
    assert found.level == "fail"
    assert words in found.text


def test_a_config_that_is_named_and_missing_fails(tmp_path: Path) -> None:
    found, _ = check_config(tmp_path / "none.toml")
    assert found.level == "fail"


@needs_modes
def test_a_config_that_others_can_change_is_a_warning(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text("")
    file.chmod(0o666)
    found, _ = check_config(file)
    assert found.level == "warn"
    assert "chmod go-w" in found.mend
