"""Tells when the screen is locked, where the desktop says so: by D-Bus, on Linux."""

import sys
from typing import Final

from PyQt6.QtCore import QObject, pyqtSignal, pyqtSlot

_SAVERS: Final = ("org.freedesktop.ScreenSaver", "org.gnome.ScreenSaver")
_LOGIN: Final = "org.freedesktop.login1"


class ScreenLock(QObject):
    """Listens to screen savers and to logind.

    Signals
    -------
    locked()
        The screen was locked.
    """

    locked = pyqtSignal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.listening = sys.platform.startswith("linux") and self._listen()
        """False where nobody tells of locks: on other systems, or without a bus."""

    def _listen(self) -> bool:
        from PyQt6.QtDBus import QDBusConnection  # not built for every platform

        session, system = QDBusConnection.sessionBus(), QDBusConnection.systemBus()
        heard = [
            session.connect("", "", name, "ActiveChanged", self._on_active) for name in _SAVERS
        ]
        heard.append(system.connect(_LOGIN, "", f"{_LOGIN}.Session", "Lock", self._on_lock))
        return any(heard)

    @pyqtSlot(bool)
    def _on_active(self, active: bool) -> None:
        if active:
            self.locked.emit()

    @pyqtSlot()
    def _on_lock(self) -> None:
        self.locked.emit()
