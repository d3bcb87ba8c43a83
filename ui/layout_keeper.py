"""Keeps the layout while the program runs, so that not even a crash forgets much of it."""

from collections.abc import Callable
from typing import Final

from PyQt6.QtCore import QObject

from ui.chart.frame_timer import made_timer
from ui.layout import Layout
from ui.layout_file import LayoutFiles, LayoutNotKept

_EVERY_MS: Final = 5_000


class LayoutKeeper(QObject):
    """Writes the layout every few seconds, if it has changed; from `start` to `stop`.

    Parameters
    ----------
    files : LayoutFiles
        Where to.
    layout : callable
        Returns the layout as it is now.
    tell : callable
        Gets a sentence if the disk refuses; not again until it has obeyed.
    """

    def __init__(
        self, files: LayoutFiles, layout: Callable[[], Layout], tell: Callable[[str], None]
    ) -> None:
        super().__init__()
        self._files = files
        self._layout = layout
        self._tell = tell
        self._kept: Layout | None = None
        self._refused = False
        self._timer = made_timer(self, _EVERY_MS, self.keep, once=False)

    def start(self) -> None:
        """Keep the layout from now on."""
        self._timer.start()

    def keep(self) -> None:
        """Write the layout now, if it is another one than was written."""
        layout = self._layout()
        if layout == self._kept:
            return
        try:
            self._files.write(layout)
        except LayoutNotKept as error:
            if not self._refused:
                self._refused = True
                self._tell(f"{error}. It will be as before at the next start.")
            return
        self._kept, self._refused = layout, False

    def stop(self) -> None:
        """Write what has changed, and write no more."""
        if self._timer.isActive():
            self._timer.stop()
            self.keep()
