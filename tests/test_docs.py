"""Every code block of the documents works: what can be run is run, in a home folder of its own."""

import sys
from pathlib import Path

import pytest

from tests.doc_blocks import Block, blocks_of
from tests.doc_session import Session

_ROOT = Path(__file__).resolve().parents[1]
_PAGES = [*sorted((_ROOT / "docs").glob("*.md")), *_ROOT.glob("*.md"), _ROOT / "bench/README.md"]
_LANGUAGES = {"sh", "toml", "python", "text", "excerpt"}
"""``text`` is a drawing or what a program prints: nothing to run. An ``excerpt`` is from a program
that a test of its own runs."""

_NOT_TYPED = {"text", "excerpt"}

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="the commands are those of Linux"
)


@pytest.mark.parametrize("page", _PAGES, ids=lambda page: page.stem)
def test_every_block_says_what_it_is(page: Path) -> None:
    unknown = [block.place for block in blocks_of(page) if block.language not in _LANGUAGES]
    assert not unknown, f"name one of {sorted(_LANGUAGES)} at the fence"


@pytest.mark.parametrize(
    "page",
    [page for page in _PAGES if any(b.language not in _NOT_TYPED for b in blocks_of(page))],
    ids=lambda page: page.stem,
)
def test_what_a_page_says_to_type_works(page: Path, tmp_path: Path) -> None:
    session = Session(tmp_path, _ROOT)
    blocks = blocks_of(page)
    for block in blocks:
        session.do(block)
    session.python([block for block in blocks if block.language == "python"])


@pytest.mark.parametrize(
    "block",
    [block for page in _PAGES for block in blocks_of(page) if block.language == "excerpt"],
    ids=lambda block: block.place,
)
def test_an_excerpt_is_what_its_program_says_and_that_is_run(block: Block) -> None:
    source, wanted = _said((_ROOT / block.source).read_text(encoding="utf-8")), _said(block.text)
    begins = [at for at, line in enumerate(source) if line == wanted[0]]
    assert any(source[at : at + len(wanted)] == wanted for at in begins), block.source
    program = Path(block.source).parts[1].removesuffix(".py")
    tests = [*_ROOT.glob("tests/examples/test_*.py"), _ROOT / "tests/gui/test_strategy.py"]
    assert any(f'"{program}' in test.read_text(encoding="utf-8") for test in tests), program


def _said(text: str) -> list[str]:
    """Return the lines that say something: how a formatter spaces them does not matter."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def test_the_python_of_a_page_is_one_program(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("```python\nx = 1\n```\nand\n```python\nassert x == 2\n```\n")
    with pytest.raises(AssertionError, match=r"page.md:1: .*"):
        Session(tmp_path, _ROOT).python(blocks_of(page))


def test_a_page_is_read_as_markdown_reads_it(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "Text\n\n    ordermode orders\n\n- item\n\n    goes on\n\n        [chart]\n\n"
        "1. first\n\n    ```sh\n    make run\n    ```\n\nEnd\n\n    a -> b\n"
    )
    found = [(block.line, block.language, block.text) for block in blocks_of(page)]
    assert found == [
        (3, "sh", "ordermode orders"),
        (9, "toml", "[chart]"),
        (13, "sh", "make run"),
        (19, "text", "a -> b"),
    ]


def test_a_block_that_does_not_work_is_noticed(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("```sh\nordermode orders --state-dir nowhere\n```\n```toml\n[colours]\n```\n")
    command, config = blocks_of(page)
    session = Session(tmp_path, _ROOT)
    with pytest.raises(AssertionError, match=r"page.md:1: .*orders"):
        session.do(command)
    with pytest.raises(Exception, match="colours"):
        session.do(config)
