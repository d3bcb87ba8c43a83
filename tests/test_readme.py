"""The README says what is true: its keys are the keymap's, its links lead somewhere."""

import re
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from order_mode.keymap import Keymap
from scripts import keys_reference
from ui.config_reader import read_config

_ROOT = Path(__file__).resolve().parents[1]
_README = (_ROOT / "README.md").read_text(encoding="utf-8")


def _plain(text: str) -> str:
    return text.replace("`", "")


def test_every_key_is_in_its_table() -> None:
    rows = _plain(_README)
    for key, description in Keymap().table():
        assert f"| {key} | {description} |" in rows


@pytest.mark.parametrize(("page", "name", "table"), keys_reference.PAGES)
def test_the_tables_of_keys_are_those_of_the_keymap(
    page: Path, name: str, table: Callable[[], str]
) -> None:
    text = page.read_text(encoding="utf-8")
    assert keys_reference.filled(text, name, table()) == text, "stale; run: make reference"


def test_every_dependency_has_its_reason() -> None:
    project = tomllib.loads((_ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    optional = [text for extra in ("ib", "kraken", "parquet") for text in extras[extra]]
    for requirement in project["dependencies"] + optional:
        name = re.split(r"[=<>\[;]", requirement)[0].strip()
        if name != "PyQt6-Qt6":  # a part of PyQt6, named only to be pinned
            assert f"| {name} |" in _README, name


def test_the_table_of_modules_names_each_one_of_the_core_and_no_other() -> None:
    text = (_ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\|(.*)\|(.*)\|$", text, re.MULTILINE)
    first = {name for names, _ in rows for name in re.findall(r"`(\w+)`", names)}
    beside = {name for _, words in rows for name in re.findall(r"`(\w+)`", words)}
    modules = {file.stem for file in (_ROOT / "ems").glob("[!_]*.py")}
    assert modules - first - beside == set()
    assert first - modules == set()


def test_links_and_pictures_of_the_documents_exist() -> None:
    for document in (*_ROOT.glob("*.md"), *(_ROOT / "docs").rglob("*.md")):
        for target in re.findall(r"\]\(([^)#]+)", document.read_text(encoding="utf-8")):
            if "://" not in target:
                assert (document.parent / target).exists(), f"{document}: {target}"


def test_the_config_in_it_can_be_read(tmp_path: Path) -> None:
    block = re.search(
        r"\n((?:    .*\n|\n)*    \[chart\](?:    .*\n|\n|.*\n)*?)\nThe journal", _README
    )
    assert block is not None
    lines = [line[4:] for line in block[1].splitlines()]
    file = tmp_path / "config.toml"
    file.write_text("\n".join(lines), encoding="utf-8")
    config = read_config(file)
    assert config.chart.period == "5m"
    assert config.keys.name_of("b") == "buy"


def test_the_modules_that_the_architecture_names_exist() -> None:
    text = (_ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    for path in re.findall(r"`?((?:ems|ui|order_mode|brokers)/[a-z_/]+\.py)`?", text):
        assert (_ROOT / path).exists(), path
    table = text.split("## The modules of `ems/`")[1].split("## The way")[0]
    for name in re.findall(r"`([a-z_]+)`", table):
        if name not in ("client_broadcast",):
            assert (_ROOT / "ems" / f"{name}.py").exists(), name
