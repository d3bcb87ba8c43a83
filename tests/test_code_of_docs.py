"""The code on the pages for programmers: excerpts are what the examples say, programs run."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

_ROOT = Path(__file__).resolve().parents[1]
_PAGES = ("embedding", "from-code", "backend")
_BLOCK = re.compile(
    r"(?:^<!-- from (?P<source>\S+) -->\n)?^```(?P<language>\w+)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)


class Block(NamedTuple):
    """One code block; of an excerpt, where it is from."""

    source: str | None
    language: str
    text: str


def blocks(page: str) -> list[Block]:
    text = (_ROOT / "docs" / f"{page}.md").read_text(encoding="utf-8")
    found = [Block(m["source"], m["language"], m["text"]) for m in _BLOCK.finditer(text)]
    assert found
    assert text.count("```") == 2 * len(found), "a block that is not looked at"
    return found


def lines(text: str) -> list[str]:
    """The lines that say something: how a formatter spaces them does not matter."""
    return [line.strip() for line in text.splitlines() if line.strip()]


@pytest.mark.parametrize("page", _PAGES)
def test_excerpts_are_what_the_examples_say(page: str) -> None:
    for block in blocks(page):
        if block.source is not None:
            source = lines((_ROOT / block.source).read_text(encoding="utf-8"))
            wanted = lines(block.text)
            begins = [at for at, line in enumerate(source) if line == wanted[0]]
            found = any(source[at : at + len(wanted)] == wanted for at in begins)
            assert found, f"{page}: not in {block.source}:\n{block.text}"


@pytest.mark.parametrize("page", _PAGES)
def test_every_source_of_an_excerpt_is_run_by_a_test(page: str) -> None:
    tests = "".join(
        file.read_text(encoding="utf-8")
        for folder in ("examples", "gui")
        for file in (_ROOT / "tests" / folder).glob("test_*.py")
    )
    for block in blocks(page):
        if block.source is not None and "example_backend" not in block.source:
            assert Path(block.source).stem in tests, block.source
    assert "example_backend" in tests


@pytest.mark.parametrize("page", _PAGES)
def test_the_programs_of_a_page_run(page: str, tmp_path: Path) -> None:
    programs = [b.text for b in blocks(page) if b.language == "python" and b.source is None]
    if not programs:
        return
    program = tmp_path / "program.py"
    program.write_text("\n".join(programs), encoding="utf-8")
    home = {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path), "PYTHONPATH": str(_ROOT)}
    environment = os.environ | home | {"ORDERMODE_STATE_DIR": str(tmp_path / "state")}
    done = subprocess.run(
        [sys.executable, "-W", "error", program],
        env=environment,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr, done.stderr
