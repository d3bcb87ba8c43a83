"""A small program for the harness's own test: writes each key and click that reaches its window.

Its one argument is a SQLite file; the table `event` has the columns what and detail, in order.
Ctrl+Q ends it with exit code 7.
"""

from __future__ import annotations

import sqlite3
import sys

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QColor, QFocusEvent, QKeyEvent, QMouseEvent, QPalette
from PyQt6.QtWidgets import QApplication, QWidget

COLOR = (18, 52, 86)
WIDTH, HEIGHT = 400, 300
CLOSE_CODE = 7


class KeyAndClickWindow(QWidget):
    """A window of one colour that writes down what reaches it."""

    def __init__(self, database: str) -> None:
        super().__init__()
        self._database = sqlite3.connect(database, isolation_level=None)
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.execute("CREATE TABLE IF NOT EXISTS event (what TEXT, detail TEXT)")
        self._write("start")
        self.setWindowTitle("keys and clicks")
        self.resize(WIDTH, HEIGHT)
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.Window, QColor(*COLOR))
        self.setPalette(palette)

    def _write(self, what: str, detail: str = "") -> None:
        self._database.execute("INSERT INTO event VALUES (?, ?)", (what, detail))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.isAutoRepeat():
            return
        control = event.modifiers() & Qt.KeyboardModifier.ControlModifier
        if control and event.key() == Qt.Key.Key_Q:
            QApplication.exit(CLOSE_CODE)
        self._write("key down", event.text())

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if not event.isAutoRepeat():
            self._write("key up", event.text())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        place = event.position().toPoint()
        self._write("click", f"{place.x()} {place.y()}")

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        place = event.position().toPoint()
        self._write("let go", f"{place.x()} {place.y()}")

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._write("focus lost")


if __name__ == "__main__":
    application = QApplication(sys.argv)
    window = KeyAndClickWindow(sys.argv[1])
    window.show()
    sys.exit(application.exec())
