"""Where the program keeps its state."""

import os
import stat

import pytest

from ui.config_faults import ConfigError
from ui.state_folder import open_paths


def test_the_state_folder_is_made_and_is_private(tmp_path):
    paths = open_paths(tmp_path / "a" / "b")
    assert stat.S_IMODE(paths.state_dir.stat().st_mode) == 0o700
    assert paths.journal.parent == paths.log.parent == paths.state_dir
    folder = paths.backend_dir("paper")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert paths.state_dir in folder.parents


def test_the_state_folder_of_the_option_wins_over_the_variable(tmp_path):
    environ = {"ORDERMODE_STATE_DIR": str(tmp_path / "variable")}
    assert open_paths(None, environ).state_dir == tmp_path / "variable"
    assert open_paths(tmp_path / "option", environ).state_dir == tmp_path / "option"


def test_without_both_it_is_the_platforms_own(tmp_path, monkeypatch):
    monkeypatch.setattr("ui.state_folder.platformdirs.user_state_dir", lambda app: tmp_path / app)
    assert open_paths(None, {}).state_dir == tmp_path / "ordermode"


def test_a_state_folder_of_the_users_making_keeps_its_mode(tmp_path):
    tmp_path.chmod(0o755)
    open_paths(tmp_path)
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755


def test_a_state_folder_that_cannot_be_made_is_an_error_with_the_way_out(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match=r"cannot be made: .+; name another one"):
        open_paths(tmp_path / "file")


def test_a_state_folder_that_is_read_only_is_an_error(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda *_: False)  # root may write anywhere
    with pytest.raises(ConfigError, match="cannot be written to; name another one"):
        open_paths(tmp_path)
