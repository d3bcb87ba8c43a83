"""Keeps what TWS sends to a size: the library would wait for the end of a frame of any length."""

import logging
import struct
from typing import Final

from ib_async.connection import Connection

from brokers.ib.portions import Portions

log = logging.getLogger(__name__)

LARGEST_FRAME: Final = 16 << 20
"""Bytes; the largest answers, pages of history, have a few hundred thousand."""
_PREFIX: Final = struct.Struct(">I")


class GuardedConnection(Connection):
    """The connection of `ib_async.Client`, closed when a frame announces itself as too long.

    Parameters
    ----------
    plain
        The one that the client made; who listens to that one listens to this one from now on.
    """

    def __init__(self, plain: Connection) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.hasData, self.disconnected = plain.hasData, plain.disconnected
        self.fault = ""
        """Why it was closed from here; empty = it was not."""
        self._prefix = b""
        self._skip = 0
        self._portions = Portions(self.hasData.emit, self._hold)
        self.hasData.error_event.connect(self._on_error)

    def data_received(self, data: bytes) -> None:
        """Hand on what came, unless it begins a frame that is too long."""
        if self.fault:
            return
        if length := self._too_long(data):
            self._close(
                f"it sent a message of {length >> 20} MB, and none is longer than "
                f"{LARGEST_FRAME >> 20} MB; is that TWS?"
            )
            return
        self._portions.add(data)

    def disconnect(self) -> None:
        """Close it from here: what is not read yet is not wanted any more."""
        self._portions.clear()
        super().disconnect()  # type: ignore[no-untyped-call]

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell why it ended, also where that was decided here, once all that came is read."""
        self._portions.flush()
        why = ConnectionError(self.fault) if self.fault else exc
        super().connection_lost(why)  # type: ignore[no-untyped-call]

    def _hold(self, hold: bool) -> None:
        if self.transport is not None and not self.transport.is_closing():
            (self.transport.pause_reading if hold else self.transport.resume_reading)()

    def _on_error(self, _: object, error: Exception) -> None:
        """A greeting that is none; what is wrong in a later message, its decoder has caught."""
        log.error("the words of TWS at their beginning: %r", error)
        self._close(f"it sent what cannot be read ({error}); is that TWS?")

    def _close(self, fault: str) -> None:
        self.fault = fault
        self._portions.clear()
        if self.transport is not None:
            self.transport.abort()

    def _too_long(self, data: bytes) -> int:
        """Follow the frames; return the length of the first that is too long, or 0."""
        at = self._skip
        while at < len(data):
            prefix = self._prefix + data[at : at + _PREFIX.size - len(self._prefix)]
            at += len(prefix) - len(self._prefix)
            if len(prefix) < _PREFIX.size:
                self._prefix = prefix
                break
            self._prefix = b""
            (length,) = _PREFIX.unpack(prefix)
            if length > LARGEST_FRAME:
                return int(length)
            at += length
        self._skip = at - len(data)
        return 0
