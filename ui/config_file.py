"""The config file as a page changes it: nothing that was written meanwhile is ever lost."""

import os
import tempfile
import tomllib
from pathlib import Path
from typing import Any

from ui.config import Config
from ui.config_edit import Changes, with_changes
from ui.config_faults import ConfigError
from ui.config_reader import config_of


class ConfigFile:
    """The text of one file as it was when it was read last; a missing file is an empty one.

    Parameters
    ----------
    path
        The file; where it is a link, what that points to is changed.

    Raises
    ------
    ConfigError
        If it cannot be read, or says something that means nothing.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._text = ""
        self.config: Config
        """What it says."""
        self.read()

    @property
    def tables(self) -> dict[str, Any]:
        """What it says, as plain tables."""
        return tomllib.loads(self._text)

    def read(self) -> None:
        """Read it anew; raises `ConfigError`, and then what was read before stays."""
        text = self._on_disk()
        self.config = config_of(text, self.path)
        self._text = text

    def write(self, changes: Changes) -> None:
        """Change fields of it, in one step that others see whole or not at all; mode 0600.

        Raises
        ------
        ConfigError
            If it is not as it was read any more, cannot be written, or would mean nothing. Then
            it is as it was.
        """
        if self._on_disk() != self._text:
            raise self._error(
                "was changed on disk since it was read, and nothing was written: press Reload to "
                "see what it says now; what you have changed here stays"
            )
        text = with_changes(self._text, changes)
        config = config_of(text, self.path)
        try:
            if text != self._text:
                _put(self.path.resolve(), text)
        except OSError as error:
            raise self._error(f"cannot be written: {error.strerror}; it is as it was") from error
        self._text, self.config = text, config

    def _on_disk(self) -> str:
        try:
            return self.path.read_bytes().decode("utf-8")
        except FileNotFoundError:
            return ""
        except OSError as error:
            raise self._error(f"cannot be read: {error.strerror}") from error
        except UnicodeDecodeError as error:
            raise self._error(f"is not UTF-8 text: byte {error.start} is wrong") from error

    def _error(self, text: str) -> ConfigError:
        return ConfigError(f"config file {self.path} {text}")


def _put(file: Path, text: str) -> None:
    """Write a file beside it and put that in its place."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if file.exists() and not os.access(file, os.W_OK):
        raise PermissionError(13, "it is read-only")
    handle, made = tempfile.mkstemp(prefix=f"{file.name}.", dir=file.parent)  # mode 0600
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(text.encode())
            out.flush()
            os.fsync(out.fileno())
        Path(made).replace(file)
    except OSError:
        Path(made).unlink(missing_ok=True)
        raise
