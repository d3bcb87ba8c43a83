"""Pictures of a chart, as files and on the clipboard."""

from pathlib import Path

from PyQt6.QtGui import QGuiApplication
from PyQt6.QtWidgets import QWidget


class PictureNotSaved(Exception):
    """A picture could not be written; the text says where and what to do."""


def save_picture(widget: QWidget, path: Path) -> Path:
    """Write what a widget shows, in the pixels of the screen, as a PNG file.

    Parameters
    ----------
    path : Path
        Without a suffix it gets ``.png``.

    Returns
    -------
    Path
        Where it was written.

    Raises
    ------
    PictureNotSaved
        If the file cannot be written.
    """
    path = path if path.suffix else path.with_suffix(".png")
    if not widget.grab().save(str(path)):
        raise PictureNotSaved(
            f"the picture cannot be written to {path}: choose a folder that exists and that you "
            "may write to, and a name that ends in .png or .jpg"
        )
    return path


def copy_picture(widget: QWidget) -> None:
    """Put what a widget shows on the clipboard."""
    clipboard = QGuiApplication.clipboard()
    assert clipboard is not None
    clipboard.setPixmap(widget.grab())
