"""A hook of mkdocs: no page of docs/ is lost, and none that is not there is asked for."""

from pathlib import Path
from typing import Any

from mkdocs.structure.files import File

_ICON = Path(__file__).resolve().parents[1] / "ui" / "ordermode.svg"


def on_config(config: Any) -> Any:
    """Drop pages from the navigation that do not exist; put those at its end that it lacks."""
    docs = Path(config.docs_dir)
    there = {page.relative_to(docs).as_posix() for page in docs.rglob("*.md")}
    nav = [kept for entry in config.nav if (kept := _kept(entry, there)) is not None]
    config.nav = [*nav, *sorted(there - set(_pages(nav)))]
    return config


def on_files(files: Any, config: Any) -> Any:
    """Add the icon, which lies with the program."""
    files.append(File.generated(config, "pictures/ordermode.svg", content=_ICON.read_bytes()))
    return files


def _kept(entry: Any, there: set[str]) -> Any:
    if isinstance(entry, str):
        return entry if entry in there else None
    ((title, inside),) = entry.items()
    if isinstance(inside, str):
        return entry if inside in there else None
    pages = [kept for one in inside if (kept := _kept(one, there)) is not None]
    return {title: pages} if pages else None


def _pages(nav: Any) -> list[str]:
    if isinstance(nav, str):
        return [nav]
    if isinstance(nav, dict):
        nav = list(nav.values())
    return [page for entry in nav for page in _pages(entry)]
