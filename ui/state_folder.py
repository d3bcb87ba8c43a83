"""Where the program keeps what must survive it: a folder of the user's own, and what lies in it."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec
import platformdirs

from ui.config_faults import ConfigError

STATE_DIR_VARIABLE: Final = "ORDERMODE_STATE_DIR"


class Paths(msgspec.Struct, frozen=True):
    """The places in the state folder."""

    state_dir: Path

    @property
    def journal(self) -> Path:
        """The file of the EMS's journal."""
        return self.state_dir / "journal.sqlite"

    @property
    def log(self) -> Path:
        """The log file."""
        return self.state_dir / "ordermode.log"

    @property
    def layout(self) -> Path:
        """The file of the layout that the program was left with."""
        return self.state_dir / "layout.json"

    @property
    def replay_layout(self) -> Path:
        """The same for recordings: one for all, because it is the user who arranges."""
        return self.state_dir / "replay-layout.json"

    @property
    def named_layouts(self) -> Path:
        """The folder of the layouts that the user has named."""
        return self.state_dir / "layouts"

    def backend_dir(self, name: str) -> Path:
        """Return the folder of one backend; it exists and nobody else can read it."""
        return _private_folder(self.state_dir / "brokers" / name)


def open_paths(state_dir: Path | None = None, environ: Mapping[str, str] = os.environ) -> Paths:
    """Return the paths under a state folder that exists and can be written to.

    The folder is ``state_dir``, else the one that `STATE_DIR_VARIABLE` names, else the
    user's own of this platform. If it is made here, nobody else can read it.

    Raises
    ------
    ConfigError
        If there can be no such folder.
    """
    return Paths(_private_folder(state_folder(state_dir, environ)))


def state_folder(state_dir: Path | None = None, environ: Mapping[str, str] = os.environ) -> Path:
    """Return the state folder that `open_paths` would make; nothing is made."""
    named = environ.get(STATE_DIR_VARIABLE)
    folder = state_dir or (Path(named) if named else Path(platformdirs.user_state_dir("ordermode")))
    return folder.expanduser().absolute()


def _private_folder(folder: Path) -> Path:
    try:
        for missing in (*reversed(folder.parents), folder):  # mkdir's mode is not for parents
            if not missing.is_dir():
                missing.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise ConfigError(
            f"state folder {folder} cannot be made: {error.strerror}; "
            f"name another one with --state-dir or {STATE_DIR_VARIABLE}"
        ) from error
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        raise ConfigError(
            f"state folder {folder} cannot be written to; "
            f"name another one with --state-dir or {STATE_DIR_VARIABLE}"
        )
    return folder
