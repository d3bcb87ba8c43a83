"""An X display of our own: an Xvfb server on a free number, whose picture can be read."""

from __future__ import annotations

import os
import select
import signal
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PyQt6.QtGui import QImage

if TYPE_CHECKING:
    from numpy.typing import NDArray

_START_TIMEOUT_S = 30.0
_STOP_TIMEOUT_S = 10.0

# Xvfb keeps the screen in a file of XWD format: a head of big-endian 32-bit words, the colour
# map, then the rows. The positions of the words that we need, from X11/XWDFile.h:
_HEADER_SIZE, _WIDTH, _HEIGHT, _BITS_PER_PIXEL, _BYTES_PER_LINE, _NCOLORS = 0, 4, 5, 11, 12, 19
_HEADER_WORDS = 25
_COLOR_BYTES = 12


class XDisplay:
    """An Xvfb server with one screen of 24-bit colour and no window manager.

    Parameters
    ----------
    folder : Path
        Where the server keeps its picture and its log.
    width, height : int
        Size of the screen in pixels.

    Raises
    ------
    RuntimeError
        If the server does not come up; with what it said.
    """

    def __init__(self, folder: Path, width: int = 1600, height: int = 1000) -> None:
        self._frame_buffer = folder / "Xvfb_screen0"
        self._log = folder / "xvfb.log"
        ready, announce = os.pipe()
        command = ["Xvfb", "-displayfd", str(announce), "-screen", "0", f"{width}x{height}x24"]
        command += ["-fbdir", str(folder), "-nolisten", "tcp", "-noreset"]
        with self._log.open("wb") as log:
            self._server = subprocess.Popen(
                command, stdout=log, stderr=log, pass_fds=[announce], start_new_session=True
            )
        os.close(announce)
        try:
            self.name = f":{self._read_number(ready)}"
        except BaseException:
            self.close()
            raise
        finally:
            os.close(ready)

    def _read_number(self, ready: int) -> int:
        said = b""
        while not said.endswith(b"\n"):
            readable, _, _ = select.select([ready], [], [], _START_TIMEOUT_S)
            chunk = os.read(ready, 64) if readable else b""
            if not chunk:
                raise RuntimeError(f"Xvfb did not start: {self._log.read_text()}")
            said += chunk
        return int(said)

    def screenshot(self) -> NDArray[np.uint8]:
        """Return the screen as it is now, shape (height, width, 3), red green blue."""
        content = self._frame_buffer.read_bytes()
        head = np.frombuffer(content, dtype=">u4", count=_HEADER_WORDS)
        width, height, row_bytes = (int(head[i]) for i in (_WIDTH, _HEIGHT, _BYTES_PER_LINE))
        if head[_BITS_PER_PIXEL] != 32:
            raise RuntimeError(f"Xvfb's screen has {head[_BITS_PER_PIXEL]} bits a pixel, not 32")
        start = int(head[_HEADER_SIZE]) + int(head[_NCOLORS]) * _COLOR_BYTES
        rows = np.frombuffer(content, dtype=np.uint8, count=height * row_bytes, offset=start)
        blue_green_red_unused = rows.reshape(height, row_bytes)[:, : width * 4]
        return blue_green_red_unused.reshape(height, width, 4)[:, :, 2::-1].copy()

    def save_screenshot(self, file: Path) -> None:
        """Write the screen as it is now to `file`, a PNG."""
        pixels = self.screenshot()
        height, width, _ = pixels.shape
        image = QImage(pixels.tobytes(), width, height, width * 3, QImage.Format.Format_RGB888)
        if not image.save(str(file)):
            raise OSError(f"could not write the picture {file}")

    def xdotool(self, *arguments: str | int) -> str:
        """Run one xdotool command on this display; return what it printed.

        Raises
        ------
        subprocess.CalledProcessError
            If it fails; a search that finds nothing is a failure too.
        """
        return subprocess.run(
            ["xdotool", *map(str, arguments)],
            env={**os.environ, "DISPLAY": self.name},
            check=True,
            capture_output=True,
            text=True,
            timeout=_START_TIMEOUT_S,
        ).stdout

    def close(self) -> None:
        """End the server, and with it whatever is still drawn on it."""
        if self._server.poll() is None:
            os.killpg(self._server.pid, signal.SIGTERM)
            try:
                self._server.wait(_STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                os.killpg(self._server.pid, signal.SIGKILL)
                self._server.wait()
