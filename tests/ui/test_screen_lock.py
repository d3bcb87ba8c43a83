"""The lock of the screen, as a desktop tells of it on a bus of its own."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = """
import sys
from PyQt6.QtCore import QCoreApplication, QTimer
from PyQt6.QtDBus import QDBusConnection, QDBusMessage
from ui.screen_lock import ScreenLock

app = QCoreApplication([])
lock = ScreenLock()
assert lock.listening
heard = []
lock.locked.connect(lambda: heard.append(1))
saver = QDBusConnection.connectToBus(QDBusConnection.BusType.SessionBus, "saver")

def tell(active):
    message = QDBusMessage.createSignal("/org/saver", sys.argv[1], "ActiveChanged")
    message.setArguments([active])
    assert saver.send(message)

QTimer.singleShot(0, lambda: tell(False))
QTimer.singleShot(200, lambda: tell(True))
look = QTimer()
look.timeout.connect(lambda: app.quit() if heard else None)
look.start(20)
QTimer.singleShot(20_000, lambda: app.exit(3))
code = app.exec()
assert heard == [1], heard
sys.exit(code)
"""


@pytest.mark.skipif(shutil.which("dbus-run-session") is None, reason="there is no dbus-run-session")
@pytest.mark.parametrize("saver", ["org.freedesktop.ScreenSaver", "org.gnome.ScreenSaver"])
def test_a_screen_saver_that_locks_is_heard_and_one_that_ends_is_not(saver):
    done = subprocess.run(
        ["dbus-run-session", "--", sys.executable, "-c", SCRIPT, saver],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(Path.cwd())},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
