"""The documents as a site: it builds without a warning, and no link in it leads nowhere."""

import os
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag

import pytest

from scripts import messages_reference

_ROOT = Path(__file__).resolve().parents[1]


class Page(HTMLParser):
    """The links and the anchors of one page."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.anchors: set[str] = set()
        self.feed(file.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "id" and value:
                self.anchors.add(value)
            if name in ("href", "src") and value is not None:
                self.links.append(value)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    built = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "-d", folder],
        cwd=_ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    said = built.stdout + built.stderr
    assert built.returncode == 0, said
    assert "WARNING" not in said
    return folder


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, Page]:
    return {file: Page(file) for file in site.rglob("*.html") if file.name != "404.html"}


def test_every_document_is_a_page_of_the_site(pages: dict[Path, Page], site: Path) -> None:
    made = {file.relative_to(site).with_suffix("").as_posix() for file in pages}
    documents = _ROOT / "docs"
    written = {
        file.relative_to(documents).with_suffix("").as_posix() for file in documents.rglob("*.md")
    }
    assert made == written
    home = pages[site / "index.html"]
    assert {f"{name}.html" for name in written - {"index"}} <= set(home.links)


def test_no_link_leads_nowhere(pages: dict[Path, Page]) -> None:
    dead = []
    for file, page in pages.items():
        for link in page.links:
            if link.startswith(("https://", "data:", "mailto:")):
                continue
            address, anchor = urldefrag(link)
            there = (file.parent / unquote(address).partition("?")[0]) if address else file
            if there.is_dir():
                there /= "index.html"
            if not there.exists():
                dead.append(f"{file.name} -> {link}")
            elif anchor and there.suffix == ".html":
                target = pages.get(there.resolve()) or Page(there)
                if unquote(anchor) not in target.anchors:
                    dead.append(f"{file.name} -> {link}: no such anchor")
    assert dead == []


def test_no_page_fetches_anything_from_elsewhere(site: Path) -> None:
    for file in site.rglob("*.html"):
        text = file.read_text(encoding="utf-8")
        assert 'src="http' not in text, file
        assert "fonts.googleapis.com" not in text, file


def test_the_reference_of_the_messages_is_that_of_the_structs() -> None:
    source = messages_reference.SOURCE.read_text(encoding="utf-8")
    written = messages_reference.PAGE.read_text(encoding="utf-8")
    assert messages_reference.reference(source) == written, "stale; run: make reference"


def test_the_reference_tells_what_a_field_means() -> None:
    page = messages_reference.reference(
        '"""Doc."""\nSide: TypeAlias = Literal["buy", "sell"]\n'
        '# ---- EMS -> broker\nclass Go(Message, tag="go"):\n    """Goes."""\n'
        '    price: Decimal | None = None\n    """Where, or\n    None."""\n    size: Decimal\n'
    )
    assert "| `Side` | `buy`, `sell` |" in page
    assert "## EMS to broker" in page
    assert "| `price` | `Decimal \\| None` | `None` | Where, or None. |" in page
    assert "| `size` | `Decimal` | must be given |  |" in page
