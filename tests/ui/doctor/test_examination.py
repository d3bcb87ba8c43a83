"""The doctor as a command: a line each, JSON, the exit code, and no Qt in its own process."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ui.app import main


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("ORDERMODE_STATE_DIR", str(tmp_path / "state"))


def test_each_finding_is_a_line_and_a_way_to_mend_it(capsys) -> None:
    assert main(["doctor"]) == 0
    lines = capsys.readouterr().out.splitlines()
    subjects = [line.split()[1] for line in lines if not line.lstrip().startswith("->")]
    assert subjects[:4] == ["program", "Qt", "display", "config"]
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        if line.startswith(("WARN", "FAIL")):
            assert following.lstrip().startswith("-> "), line


def test_a_failure_ends_with_code_1(tmp_path: Path, capsys) -> None:
    (tmp_path / "broken.toml").write_text("[chart\n")
    assert main(["doctor", "--config", str(tmp_path / "broken.toml")]) == 1
    assert "FAIL  config" in capsys.readouterr().out


def test_json_is_for_programs(tmp_path: Path, capsys) -> None:
    (tmp_path / "broken.toml").write_text("[chart\n")
    assert main(["doctor", "--json", "--config", str(tmp_path / "broken.toml")]) == 1
    report = json.loads(capsys.readouterr().out)
    assert report["worst"] == "fail"
    by_subject = {finding["subject"]: finding for finding in report["findings"]}
    assert by_subject["config"]["level"] == "fail"
    assert by_subject["config"]["mend"]
    assert by_subject["Qt"]["level"] == "ok"


def test_it_changes_nothing(tmp_path: Path) -> None:
    main(["doctor", "--state-dir", str(tmp_path / "other")])
    assert list(tmp_path.iterdir()) == []


def test_it_imports_no_qt_and_works_where_qt_cannot_be_loaded(tmp_path: Path) -> None:
    broken = tmp_path / "PyQt6"
    broken.mkdir()
    (broken / "__init__.py").write_text("raise ImportError('libEGL.so.1: cannot open')")
    done = subprocess.run(
        [sys.executable, "-c", "import sys; from ui.app import main; sys.exit(main(['doctor']))"],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert "FAIL  display" in done.stdout
    assert "libEGL.so.1: cannot open" in done.stdout
    assert "Traceback" not in done.stdout
