"""Where the session on a recording lives: a folder of its own, so that orders never meet."""

import hashlib
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from ems.errors import EmsError, JournalDamaged
from ems.journal import Journal
from ui.config_faults import ConfigError
from ui.state_folder import Paths, open_paths

_FOLDER: Final = "recordings"


@contextmanager
def recording_session(
    paths: Paths, file: Path, symbol: str | None, *, fresh: bool
) -> Iterator[Paths]:
    """Enter with the paths of the session on a recording.

    The session belongs to the file at its place on the disk, and to one symbol of it. Should the
    program refuse to open it, with an `EmsError`, everything is as it was before.

    Parameters
    ----------
    fresh : bool
        Set the earlier session aside first; it is renamed, never deleted.

    Raises
    ------
    ConfigError
        If the folder cannot be made or renamed.
    JournalLocked
        If ``fresh`` is asked for while another program plays the recording.
    """
    folder = paths.state_dir / _FOLDER / _name(file, symbol)
    aside = _set_aside(folder) if fresh and folder.exists() else None
    new = not folder.exists()
    try:
        yield open_paths(folder)
    except EmsError:
        if new:
            shutil.rmtree(folder, ignore_errors=True)
        if aside is not None:
            aside.rename(folder)
        raise


def _name(file: Path, symbol: str | None) -> str:
    place = f"{file.expanduser().resolve()}\n{symbol or ''}"
    parts = (file.stem, symbol, hashlib.sha256(place.encode()).hexdigest()[:8])
    return re.sub(r"[^\w.-]", "_", "-".join(filter(None, parts)))


def _set_aside(folder: Path) -> Path:
    if (journal := folder / "journal.sqlite").exists():
        with suppress(JournalDamaged):  # to be set aside as it is
            Journal(journal).close()  # raises if another program has it
    aside = folder.with_name(f"{folder.name}.{time.strftime('%Y%m%dT%H%M%S')}")
    try:
        folder.rename(aside)
    except OSError as error:
        raise ConfigError(
            f"the session in {folder} cannot be set aside: {error.strerror}"
        ) from error
    return aside
