"""The log file: private, turned over, and gone from the root logger afterwards."""

import logging
import stat

import pytest

from ui.config_faults import ConfigError
from ui.log_file import log_to

log = logging.getLogger("somebody")


def test_the_file_gets_its_level_and_up_with_the_traceback(tmp_path):
    file = tmp_path / "o.log"
    with log_to(file, "info"):
        log.debug("unheard")
        log.info("heard")
        log.error("it broke", exc_info=RuntimeError("boom"))
    text = file.read_text()
    assert "unheard" not in text
    assert "INFO    somebody: heard" in text
    assert "RuntimeError: boom" in text


def test_stderr_gets_warnings_only(tmp_path, capsys):
    with log_to(tmp_path / "o.log", "debug"):
        log.info("quiet")
        log.warning("loud")
    err = capsys.readouterr().err
    assert "loud" in err
    assert "quiet" not in err


def test_a_library_that_says_what_we_say_is_only_in_the_file(tmp_path, capsys):
    with log_to(tmp_path / "o.log"):
        logging.getLogger("ib_async.client").error("API connection failed")
    assert capsys.readouterr().err == ""
    assert "API connection failed" in (tmp_path / "o.log").read_text()


def test_only_its_owner_can_read_it(tmp_path):
    file = tmp_path / "o.log"
    file.touch(mode=0o644)
    with log_to(file):
        log.error("x")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_it_is_turned_over_and_the_new_file_is_private_too(tmp_path, monkeypatch):
    monkeypatch.setattr("ui.log_file._FILE_BYTES", 200)
    file = tmp_path / "o.log"
    with log_to(file):
        for n in range(5):
            log.info("line %d %s", n, "x" * 80)
    assert (tmp_path / "o.log.1").exists()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_afterwards_the_root_logger_is_as_before(tmp_path):
    root = logging.getLogger()
    before = (list(root.handlers), root.level)
    with pytest.raises(RuntimeError), log_to(tmp_path / "o.log", "debug"):
        raise RuntimeError
    assert (list(root.handlers), root.level) == before


def test_qasync_does_not_tell_of_every_timer(tmp_path):
    file = tmp_path / "o.log"
    with log_to(file, "debug"):
        logging.getLogger("qasync._QEventLoop").debug("timer")
    assert "timer" not in file.read_text()


def test_a_log_that_cannot_be_written_is_an_error_for_the_user(tmp_path):
    with (
        pytest.raises(ConfigError, match="cannot be written: Is a directory; name another folder"),
        log_to(tmp_path),
    ):
        pass
