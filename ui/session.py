"""What one run of the program opens."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from ui.config import Config
from ui.config_reader import default_config_file
from ui.layout_file import LayoutFiles
from ui.state_folder import Paths


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """What to open."""

    config: Config
    paths: Paths
    fqsn: str | None = None
    """None = that of the layout, else ``usual_fqsn``."""
    usual_fqsn: str | None = None
    """None = the first market of the replay feed, the file that it was given, whatever the
    layout says."""
    config_folder: Path = default_config_file().parent
    """Where modules of the user's are looked for first."""
    config_file: Path = default_config_file()
    """What the settings page changes."""
    layouts: LayoutFiles | None = None
    """Where layouts are kept; None = in the state folder."""
    account: str = "paper"
    period: str | None = None
    """Length of a bar, as in ``5m``; None = that of the layout, else of the config, or the
    shortest above it that there is."""
    options: Mapping[str, Mapping[str, Any]] = {}
    """Options of backends from the command line, by their names."""

    @property
    def keeps_markets(self) -> bool:
        """True if the markets of the layout are opened; a recording has only its own."""
        return self.usual_fqsn is not None


def layout_files(session: Session) -> LayoutFiles:
    """Return where the layouts of a session are kept."""
    paths = session.paths
    return session.layouts or LayoutFiles(paths.layout, paths.named_layouts)
