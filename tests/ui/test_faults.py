"""Faults: whatever nobody caught is logged with its traceback and announced once."""

import asyncio
import gc
import logging
import sys
import threading

import pytest
from PyQt6.QtCore import QObject, Qt, QThread, QTimer, qCritical, qWarning
from PyQt6.QtGui import QPaintEvent
from PyQt6.QtWidgets import QWidget

from ems.errors import UnknownMarket
from ui.faults import Faults


@pytest.fixture
def faults(qapp):
    faults = Faults()
    before = (sys.excepthook, threading.excepthook, sys.unraisablehook)
    faults.install()
    yield faults
    faults.uninstall()
    assert (sys.excepthook, threading.excepthook, sys.unraisablehook) == before


@pytest.fixture
def heard(faults):
    announced: list[tuple[str, str]] = []
    faults.fault.connect(lambda text, details: announced.append((text, details)))
    return announced


def test_an_exception_in_paint_does_not_abort_and_is_announced(faults, heard, qtbot, caplog):
    class Broken(QWidget):
        def paintEvent(self, _: QPaintEvent | None) -> None:
            raise ZeroDivisionError("in paint")

    broken = Broken()
    qtbot.addWidget(broken)
    broken.show()
    qtbot.waitUntil(lambda: bool(heard), timeout=5000)
    broken.hide()
    text, details = heard[0]
    assert text == "ZeroDivisionError: in paint"
    assert "Traceback" in details
    assert "paintEvent" in details
    assert "paintEvent" in caplog.text


def test_an_exception_in_a_slot_is_announced(heard, qtbot):
    def broken_slot() -> None:
        raise RuntimeError("in a slot")

    QTimer.singleShot(0, broken_slot)
    qtbot.waitUntil(lambda: bool(heard), timeout=5000)
    assert heard[0][0] == "RuntimeError: in a slot"


def test_an_error_for_the_user_is_shown_without_the_name_of_its_class(faults, heard):
    faults.report(UnknownMarket("no such\nmarket"))
    assert heard[0][0] == "no such market"


def test_a_long_text_is_cut_and_the_details_are_whole(faults, heard):
    faults.report(ValueError("x" * 1000))
    text, details = heard[0]
    assert len(text) == 240
    assert "x" * 1000 in details


def test_an_exception_in_a_thread_is_announced_in_the_thread_of_the_receiver(faults, qtbot):
    class Receiver(QObject):
        where: QThread | None = None

        def take(self, text: str, details: str) -> None:
            self.where, self.text, self.details = QThread.currentThread(), text, details

    def broken() -> None:
        raise LookupError("elsewhere")

    receiver = Receiver()
    faults.fault.connect(receiver.take, Qt.ConnectionType.AutoConnection)
    thread = threading.Thread(target=broken, name="worker")
    thread.start()
    thread.join()
    qtbot.waitUntil(lambda: receiver.where is not None, timeout=5000)
    assert receiver.where is QThread.currentThread()
    assert receiver.text == "LookupError: elsewhere"
    assert receiver.details.startswith("in thread worker\nTraceback")


def test_an_exception_that_cannot_be_raised_is_announced(heard):
    class Dying:
        def __del__(self) -> None:
            raise RuntimeError("last words")

    Dying()
    gc.collect()
    assert heard[0][0] == "RuntimeError: last words"
    assert "__del__" in heard[0][1]


def test_a_task_that_nobody_awaits_is_announced(faults, heard):
    async def broken() -> None:
        raise OSError("in a task")

    async def session() -> None:
        faults.watch_loop(asyncio.get_running_loop())
        task = asyncio.ensure_future(broken())
        await asyncio.wait([task])
        del task
        gc.collect()

    asyncio.run(session())
    assert heard[0][0] == "OSError: in a task"
    assert "never retrieved" in heard[0][1]


def test_a_fault_of_the_loop_without_an_exception_is_announced(faults, heard):
    async def session() -> None:
        loop = asyncio.get_running_loop()
        faults.watch_loop(loop)
        loop.call_exception_handler({"message": "socket is odd"})

    asyncio.run(session())
    assert heard[0][0] == "socket is odd"


def test_a_critical_message_of_qt_is_announced_and_a_warning_only_logged(heard, caplog):
    qWarning("mild")
    assert heard == []
    assert ("qt", logging.WARNING, "mild") in caplog.record_tuples
    qCritical("severe")
    assert heard[0][0] == "Qt: severe"


def test_a_receiver_that_fails_itself_does_not_go_round(faults, caplog):
    calls = []

    def broken_receiver(text: str, _: str) -> None:
        calls.append(text)
        raise RuntimeError("receiver")

    faults.fault.connect(broken_receiver)
    faults.report(ValueError("first"))
    assert calls == ["ValueError: first"]
    assert "RuntimeError: receiver" in caplog.text


def test_the_same_fault_again_is_announced_but_hardly_logged(faults, heard, caplog):
    error = ValueError("each frame")
    for _ in range(1000):
        faults.report(error)
    assert len(heard) == 1000
    assert len(caplog.records) == 10
    assert caplog.text.count("Traceback") <= 1
    faults.report(KeyError("another"))
    assert "KeyError" in caplog.text


def test_ctrl_c_is_no_fault_and_ends_the_event_loop(faults, heard, qapp):
    def interrupted() -> None:
        raise KeyboardInterrupt

    QTimer.singleShot(0, interrupted)
    assert qapp.exec() == 130
    assert heard == []


def test_ctrl_c_while_no_loop_runs_does_not_end_the_next_one(faults, qtbot):
    sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)
    timer = QTimer()
    timer.setSingleShot(True)
    with qtbot.waitSignal(timer.timeout, timeout=5000):
        timer.start(0)


def test_it_installs_once_and_gives_all_back(qapp):
    before = (sys.excepthook, threading.excepthook, sys.unraisablehook)
    faults = Faults()
    faults.install()
    faults.install()
    assert sys.excepthook != before[0]
    faults.uninstall()
    assert (sys.excepthook, threading.excepthook, sys.unraisablehook) == before
    faults.uninstall()
    assert (sys.excepthook, threading.excepthook, sys.unraisablehook) == before
