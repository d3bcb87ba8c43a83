"""The log: a file in the state folder that only its owner reads, and warnings on stderr."""

import logging
import logging.handlers
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import Final

from ems.secrets import redact
from ui.config_faults import ConfigError

_FILE_BYTES: Final = 4_000_000
_OLD_FILES: Final = 4
_FORMAT: Final = "%(asctime)s.%(msecs)03dZ %(levelname)-7s %(name)s: %(message)s"


@contextmanager
def log_to(file: Path, level: str = "info") -> Iterator[None]:
    """Log to ``file`` from ``level`` up, and to stderr from warnings up, while entered.

    The file is turned over at 4 MB, and four old ones are kept.

    Raises
    ------
    ConfigError
        If the file cannot be written to.
    """
    handlers = [_file_handler(file, level), *_stderr_handlers()]
    root = logging.getLogger()
    qasync = logging.getLogger("qasync")
    levels_before = root.level, qasync.level
    root.setLevel(min(handler.level for handler in handlers))
    qasync.setLevel(logging.INFO)  # at debug it tells of every timer
    for handler in handlers:
        root.addHandler(handler)
    try:
        yield
    finally:
        root.setLevel(levels_before[0])
        qasync.setLevel(levels_before[1])
        for handler in handlers:
            root.removeHandler(handler)
            handler.close()


class _PrivateRotatingFile(logging.handlers.RotatingFileHandler):
    """A rotating file that is made for its owner's eyes: it names accounts and orders."""

    def _open(self) -> TextIOWrapper:
        descriptor = os.open(self.baseFilename, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        return os.fdopen(descriptor, "a", encoding="utf-8", errors="backslashreplace")


class _NoSecrets(logging.Formatter):
    """Takes API keys out of every line, tracebacks included."""

    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))


def _file_handler(file: Path, level: str) -> logging.Handler:
    try:
        handler = _PrivateRotatingFile(
            file, maxBytes=_FILE_BYTES, backupCount=_OLD_FILES, encoding="utf-8"
        )
        file.chmod(0o600)
    except OSError as error:
        raise ConfigError(
            f"log file {file} cannot be written: {error.strerror}; "
            "name another folder with --state-dir"
        ) from error
    handler.setLevel(level.upper())
    handler.setFormatter(_formatter())
    return handler


def _stderr_handlers() -> list[logging.Handler]:
    if sys.stderr is None:  # a Windows program without a console has none
        return []
    handler = logging.StreamHandler(sys.stderr)
    handler.setLevel(logging.WARNING)
    # What this library says of the connection, brokers.ib says once and in our words.
    handler.addFilter(lambda record: not record.name.startswith("ib_async"))
    handler.setFormatter(_formatter())
    return [handler]


def _formatter() -> logging.Formatter:
    formatter = _NoSecrets(_FORMAT, "%Y-%m-%dT%H:%M:%S")
    formatter.converter = time.gmtime
    return formatter
