"""Layouts on the disk: the one that the program was left with, and named ones beside it.

They are JSON, for the user's eyes only, and written whole or not at all.
"""

import os
import re
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from ems.errors import EmsError
from ui.layout import Layout

_NAME: Final = re.compile(r"[\w][\w .+-]{0,59}")
_SUFFIX: Final = ".json"


class LayoutNotKept(EmsError):
    """A layout cannot be read or written; the text says which, why and what happens now."""


class LayoutFiles:
    """The layouts of one user.

    Parameters
    ----------
    file : Path
        Of the layout that the program was left with; need not exist.
    folder : Path
        Of the named ones; it is made when the first is saved.
    """

    def __init__(self, file: Path, folder: Path) -> None:
        self.file: Final = file
        self.folder: Final = folder

    def read(self) -> Layout:
        """Return the layout that the program was left with, or the usual one at first.

        Raises
        ------
        LayoutNotKept
            If the file is broken; it is set aside, so that nothing in it is lost.
        """
        if not self.file.exists():
            return Layout()
        try:
            return _read(self.file)
        except LayoutNotKept as error:
            aside = self.file.with_suffix(".broken" + _SUFFIX)
            with suppress(OSError):
                self.file.replace(aside)
            raise LayoutNotKept(f"{error}; the usual layout is shown ({aside} has it)") from error

    def write(self, layout: Layout) -> None:
        """Keep a layout for the next start.

        Raises
        ------
        LayoutNotKept
            If the disk refuses.
        """
        _write(self.file, layout)

    def names(self) -> list[str]:
        """Return the names of the layouts that were saved, in alphabetical order."""
        if not self.folder.is_dir():
            return []
        return sorted((file.stem for file in self.folder.glob(f"*{_SUFFIX}")), key=str.casefold)

    def read_named(self, name: str) -> Layout:
        """Return a named layout.

        Raises
        ------
        LayoutNotKept
            If there is none of this name, or its file is broken.
        """
        return _read(self._named(name))

    def write_named(self, name: str, layout: Layout) -> None:
        """Save a layout under a name; an earlier one of that name is replaced.

        Raises
        ------
        LayoutNotKept
            If the name cannot be that of a file, or the disk refuses.
        """
        _write(self._named(name), layout)

    def remove_named(self, name: str) -> None:
        """Forget a named layout.

        Raises
        ------
        LayoutNotKept
            If it cannot be deleted.
        """
        file = self._named(name)
        try:
            file.unlink()
        except OSError as error:
            raise LayoutNotKept(f"layout {file} was not deleted: {error.strerror}") from error

    def _named(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise LayoutNotKept(
                f"{name!r} is no name for a layout: begin with a letter or digit, then letters, "
                "digits, spaces and . + - _, 60 at most"
            )
        return self.folder / f"{name}{_SUFFIX}"


def _read(file: Path) -> Layout:
    try:
        return msgspec.json.decode(file.read_bytes(), type=Layout)
    except OSError as error:
        raise LayoutNotKept(f"layout {file} cannot be read: {error.strerror}") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise LayoutNotKept(f"layout {file} means nothing: {error}") from error


def _write(file: Path, layout: Layout) -> None:
    """Write a file beside it and put that in its place: there is never half a layout."""
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, made = tempfile.mkstemp(prefix=f"{file.name}.", dir=file.parent)  # mode 0600
        try:
            with os.fdopen(handle, "wb") as out:
                out.write(msgspec.json.format(msgspec.json.encode(layout)) + b"\n")
                out.flush()
                os.fsync(out.fileno())
            Path(made).replace(file)
        except OSError:
            Path(made).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise LayoutNotKept(f"layout {file} was not saved: {error.strerror}") from error
