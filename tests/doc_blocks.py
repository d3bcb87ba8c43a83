"""The code blocks of a Markdown page, and what kind each is."""

import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

_FENCE: Final = re.compile(r"(?P<indent> *)```(?P<language>[\w-]*)")
_FROM: Final = re.compile(r" *<!-- from (?P<file>\S+) -->")
_LIST_ITEM: Final = re.compile(r" *([-*]|\d+\.) ")
_PROGRAMS: Final = frozenset(
    ("ordermode", "make", "pip", "pipx", "uv", "chmod", "sudo", "git", "cd", "python", "pre-commit")
)


class Block(NamedTuple):
    """One code block."""

    page: Path
    line: int
    """Where it begins, the first line of the page is 1."""
    language: str
    """As its fence names it; of an indented block what it looks like: sh, toml or text. Below a
    comment ``<!-- from FILE -->`` it is an ``excerpt``."""
    text: str
    source: str = ""
    """Of an excerpt, the file that it is from, seen from the checkout."""

    @property
    def place(self) -> str:
        """Where to look when it fails."""
        return f"{self.page.name}:{self.line}"


def blocks_of(page: Path) -> list[Block]:
    """Return every code block of a page, fenced or indented, in order."""
    return list(_blocks(page, page.read_text(encoding="utf-8").splitlines()))


def _blocks(page: Path, lines: list[str]) -> Iterator[Block]:
    number, in_list = 0, False
    while number < len(lines):
        line = lines[number]
        if (fence := _FENCE.fullmatch(line.rstrip())) is not None:
            end = _end_of_fence(page, lines, number, fence["indent"])
            text = textwrap.dedent("\n".join(lines[number + 1 : end]))
            source = _FROM.fullmatch(lines[number - 1]) if number else None
            if source is None:
                yield Block(page, number + 1, fence["language"], text)
            else:
                yield Block(page, number + 1, "excerpt", text, source["file"])
            number = end + 1
            continue
        if _LIST_ITEM.match(line):
            in_list = True
        elif line and not line.startswith(" "):
            in_list = False
        indent = " " * (7 if in_list else 4)
        if line.startswith(indent) and (number == 0 or not lines[number - 1].strip()):
            end = number
            while end < len(lines) and (lines[end].startswith(indent) or not lines[end].strip()):
                end += 1
            text = textwrap.dedent("\n".join(lines[number:end])).strip("\n")
            yield Block(page, number + 1, _looks_like(text), text)
            number = end
            continue
        number += 1


def _end_of_fence(page: Path, lines: list[str], begin: int, indent: str) -> int:
    for number in range(begin + 1, len(lines)):
        if lines[number].rstrip() == f"{indent}```":
            return number
    raise ValueError(f"{page}:{begin + 1}: this code block has no end")


def _looks_like(text: str) -> str:
    first = text.lstrip().partition("\n")[0]
    if first.startswith("["):
        return "toml"
    program = first.split()[0].removeprefix(".venv/bin/")
    return "sh" if program in _PROGRAMS else "text"
