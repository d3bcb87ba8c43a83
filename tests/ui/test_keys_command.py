"""``ordermode keys``, and a search for keys in everything that the program writes."""

import io
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ems.errors import EmsError
from ems.secrets import Secrets
from tests.ems.test_secrets import KEY, SECRET, WHOLE, ring
from ui.app import main
from ui.commands import KeysCommand
from ui.faults import Faults
from ui.keys_command import keys
from ui.log_file import log_to

__all__ = ["ring"]  # a fixture


def run(what: str, broker: str | None, secrets: Secrets, *typed: str) -> str:
    out, lines = io.StringIO(), iter(typed)
    keys(KeysCommand(what=what, broker=broker), out, secrets, lambda _: next(lines))  # type: ignore[arg-type]
    return out.getvalue()


def test_set_list_remove(ring, tmp_path):
    secrets = Secrets(tmp_path, {})
    said = run("set", "kraken", secrets, f"{KEY}\n", f"{SECRET}\n")
    said += run("list", "kraken", secrets)
    assert "kraken: from the keyring" in said
    said += run("remove", "kraken", secrets) + run("list", "kraken", secrets)
    assert said.endswith("kraken: no keys\n")
    assert KEY not in said
    assert SECRET not in said
    assert ring.kept == {}


def test_list_names_backends_and_files_and_says_what_is_wrong(tmp_path):
    (tmp_path / "moon.toml").write_text(WHOLE)
    (tmp_path / "moon.toml").chmod(0o644)
    said = run("list", None, Secrets(tmp_path, {}))
    assert "paper: no keys" in said
    assert "moon: not usable: others may read" in said
    assert SECRET not in said


def test_set_needs_a_broker_and_both_halves(ring, tmp_path):
    with pytest.raises(EmsError, match="needs the name of a broker"):
        run("set", None, Secrets(tmp_path, {}))
    with pytest.raises(EmsError, match="nothing was kept"):
        run("set", "kraken", Secrets(tmp_path, {}), KEY, "")


def test_a_pipe_is_read_and_no_argument_takes_a_key(ring, monkeypatch, capsys):
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{KEY}\n{SECRET}\n"))
    assert main(["keys", "set", "kraken"]) == 0
    assert ring.kept["ordermode.kraken", "api_secret"] == SECRET
    with pytest.raises(SystemExit):
        main(["keys", "set", "kraken", KEY])
    assert SECRET not in "".join(capsys.readouterr())


def test_logs_and_reports_of_a_crash_show_no_keys(qtbot, tmp_path, capsys):
    found = Secrets(
        tmp_path, {"ORDERMODE_KRAKEN_API_KEY": KEY, "ORDERMODE_KRAKEN_API_SECRET": SECRET}
    ).read("kraken")
    assert found is not None
    shown: list[str] = []
    faults = Faults()
    faults.fault.connect(lambda line, details: shown.append(line + details))
    with log_to(tmp_path / "log", "debug"):
        logging.getLogger("venue").warning("sent %s with %s", found, found.secret)
        faults.install()
        try:
            int(f"{found.key} {found.secret}")
        except ValueError as error:
            sys.excepthook(type(error), error, error.__traceback__)
        finally:
            faults.uninstall()
    written = "".join([(tmp_path / "log").read_text(), *capsys.readouterr(), *shown])
    assert "'[secret] [secret]'" in written
    assert shown
    for secret in (KEY, SECRET):
        assert secret not in written


def test_nothing_that_the_program_writes_has_the_keys_in_it(tmp_path: Path):
    environ = {
        **os.environ,
        "HOME": str(tmp_path / "home"),
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
        "ORDERMODE_KRAKEN_API_KEY": KEY,
        "ORDERMODE_KRAKEN_API_SECRET": SECRET,
        "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
    }
    program = [str(Path(sys.executable).with_name("ordermode"))]
    state = ["--state-dir", str(tmp_path / "state"), "--log-level", "debug"]
    said = b""
    for arguments in (
        ["keys", "list", *state],
        ["demo", "--headless", "--out", str(tmp_path / "out")],
        ["kill", *state],
    ):
        done = subprocess.run(
            [*program, *arguments], env=environ, capture_output=True, timeout=200, check=False
        )
        may_end_with = (0, 1) if arguments[0] == "kill" else (0,)  # 1: Kraken cannot be reached
        assert done.returncode in may_end_with, done.stderr
        said += done.stdout + done.stderr
    assert b"kraken: from the environment" in said
    files = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert any(file.name.startswith("journal") for file in files)
    for secret in (KEY.encode(), SECRET.encode()):
        assert secret not in said
        assert [file for file in files if secret in file.read_bytes()] == []
