"""The config file on the disk: it is changed whole, for its owner alone, or not at all."""

import errno
import os
import stat
from pathlib import Path

import pytest

from ui.config_faults import ConfigError
from ui.config_file import ConfigFile
from ui.config_reader import read_config

TEXT = '# mine\n[chart]\nperiod = "5m"  # five\n'
CHANGE = {("risk", "accounts", "paper", "daily_loss"): 500}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "config.toml"
    made.write_text(TEXT)
    made.chmod(0o644)
    return made


def test_a_change_is_written_for_the_owner_alone_and_read_by_the_next_start(path):
    ConfigFile(path).write(CHANGE)
    assert path.read_text().startswith(TEXT)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(path.parent.iterdir()) == [path]
    assert read_config(path).risk.of_account("paper").daily_loss == 500
    assert read_config(path).chart.period == "5m"


def test_a_missing_file_is_made_in_a_folder_for_the_owner_alone(tmp_path):
    path = tmp_path / "new" / "config.toml"
    file = ConfigFile(path)
    assert not path.parent.exists()
    file.write(CHANGE)
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_what_was_changed_on_disk_meanwhile_is_not_lost(path):
    file = ConfigFile(path)
    other = TEXT + "[notify]\nsound = false\n"
    path.write_text(other)
    with pytest.raises(ConfigError, match=r"was changed on disk .* press Reload"):
        file.write(CHANGE)
    assert path.read_text() == other
    file.read()
    file.write(CHANGE)
    assert path.read_text().startswith(other)


def test_a_full_disk_leaves_it_as_it_was(path, monkeypatch):
    file = ConfigFile(path)

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ConfigError, match=r"cannot be written: No space left .* as it was"):
        file.write(CHANGE)
    assert path.read_text() == TEXT
    assert list(path.parent.iterdir()) == [path]


def test_a_read_only_file_is_not_put_aside(path, monkeypatch):
    file = ConfigFile(path)
    monkeypatch.setattr(os, "access", lambda *_: False)  # root may write everything
    with pytest.raises(ConfigError, match=r"cannot be written: it is read-only"):
        file.write(CHANGE)
    assert path.read_text() == TEXT


def test_a_link_stays_a_link(path, tmp_path):
    link = tmp_path / "link.toml"
    link.symlink_to(path)
    ConfigFile(link).write(CHANGE)
    assert link.is_symlink()
    assert read_config(path).risk.of_account("paper").daily_loss == 500


def test_what_means_nothing_is_refused_with_the_sentence_of_the_reader(path):
    with pytest.raises(ConfigError) as found:
        ConfigFile(path).write({("risk", "daily_loss"): -1})
    assert path.read_text() == TEXT
    path.write_text("[risk]\ndaily_loss = -1\n")
    with pytest.raises(ConfigError) as wanted:
        read_config(path)
    assert str(found.value) == str(wanted.value)
