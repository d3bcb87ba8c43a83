"""What the shells complete, asked of the shells themselves."""

import shutil
import subprocess
from pathlib import Path

import pytest

from ui.app import main
from ui.upkeep_commands import SHELLS


def completed(script: Path, *words: str) -> list[str]:
    """Ask bash for what it would offer for the last of the words."""
    array = " ".join(f"'{word}'" for word in words)
    ask = (
        f"source '{script}'; COMP_WORDS=({array}); COMP_CWORD={len(words) - 1};"
        " _shtab_ordermode 2>/dev/null; printf '%s\\n' \"${COMPREPLY[@]}\""
    )
    done = subprocess.run(
        ["bash", "-c", ask], capture_output=True, text=True, check=True, cwd=script.parent
    )
    return done.stdout.split()


@pytest.fixture
def bash_script(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    assert main(["completion", "bash"]) == 0
    file = tmp_path / "ordermode.bash"
    file.write_text(capsys.readouterr().out)
    return file


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (("ordermode", "do"), ["doctor"]),
        (("ordermode", "ins"), ["install-desktop"]),
        (("ordermode", "replay", "--sp"), ["--speed"]),
        (("ordermode", "replay", "orderm"), ["ordermode.bash"]),
        (("ordermode", "--log-level", "w"), ["warning"]),
        (("ordermode", "completion", "z"), ["zsh"]),
    ],
)
def test_bash_offers_what_can_come_next(
    words: tuple[str, ...], offered: list[str], bash_script: Path
) -> None:
    assert completed(bash_script, *words) == offered


@pytest.mark.parametrize("shell", SHELLS)
def test_each_shell_takes_its_script(shell: str, tmp_path: Path, capsys) -> None:
    assert main(["completion", shell]) == 0
    text = capsys.readouterr().out
    assert "install-desktop" in text
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"there is no {shell} to read it")
    file = tmp_path / "script"
    file.write_text(text)
    subprocess.run([program, "-n", file], check=True)
