"""The one owner of the hooks for what nobody caught: it logs each fault and announces it.

PyQt6 aborts the process when an exception leaves ``paintEvent`` or a mouse handler and
``sys.excepthook`` is the default one, so this must be installed before the first widget is.
"""

import asyncio
import logging
import sys
import threading
import traceback
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final

from PyQt6 import sip
from PyQt6.QtCore import (
    QCoreApplication,
    QMessageLogContext,
    QObject,
    QThread,
    QtMsgType,
    pyqtSignal,
    qInstallMessageHandler,
)

from ems.errors import EmsError
from ems.secrets import redact

if TYPE_CHECKING:
    from collections.abc import Callable

_log: Final = logging.getLogger(__name__)
_qt_log: Final = logging.getLogger("qt")
_QT_LEVELS: Final = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}
_LONGEST_TEXT: Final = 240
_QT_CHATTER: Final = frozenset({"This plugin does not support propagateSizeHints()"})
"""Said of each window by Qt's offscreen platform, and of no use to anyone."""
_ENDED_BY_CTRL_C: Final = 130


class Faults(QObject):
    """Watches every place where an exception can end unseen.

    Signals
    -------
    fault(str, str)
        One line for the user, and the details with the traceback. Also from other threads;
        receivers that are objects of this thread are called in this thread.
    """

    fault = pyqtSignal(str, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._restore: list[Callable[[], object]] = []
        self._here = threading.local()
        self._last_details = ""
        self._repeats = 0

    def install(self) -> None:
        """Take the hooks of the interpreter, of threads and of Qt; once more does nothing."""
        if self._restore:
            return
        excepthook, sys.excepthook = sys.excepthook, self._on_exception
        threadhook, threading.excepthook = threading.excepthook, self._on_thread_exception
        unraisable, sys.unraisablehook = sys.unraisablehook, self._on_unraisable
        qt_handler = qInstallMessageHandler(self._on_qt_message)
        self._restore = [
            lambda: setattr(sys, "excepthook", excepthook),
            lambda: setattr(threading, "excepthook", threadhook),
            lambda: setattr(sys, "unraisablehook", unraisable),
            lambda: qInstallMessageHandler(qt_handler),
        ]

    def watch_loop(self, loop: asyncio.AbstractEventLoop) -> None:
        """Take the loop's exception handler too, until `uninstall`."""
        loop.set_exception_handler(self._on_loop_fault)
        self._restore.append(lambda: loop.set_exception_handler(None))

    def uninstall(self) -> None:
        """Give every hook back to the one who had it."""
        for restore in reversed(self._restore):
            restore()
        self._restore.clear()

    def report(self, error: BaseException, where: str = "") -> None:
        """Log and announce an exception that somebody caught and cannot mend."""
        self._announce(_one_line(error), _traceback(error, where))

    def _on_exception(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        if issubclass(kind, KeyboardInterrupt):
            _log.info("asked to end by Ctrl+C")
            _leave_event_loop()
            return
        self.report(error.with_traceback(trace), "in the main thread")

    def _on_thread_exception(self, args: threading.ExceptHookArgs) -> None:
        if args.exc_value is None or isinstance(args.exc_value, SystemExit):
            return
        thread = args.thread.name if args.thread is not None else "that has ended"
        self.report(args.exc_value, f"in thread {thread}")

    def _on_unraisable(self, args: "sys.UnraisableHookArgs") -> None:
        where = f"{args.err_msg or 'exception ignored in'} {_safe_repr(args.object)}"
        if args.exc_value is None:
            self._announce(f"{args.exc_type.__name__} {where}", where)
        else:
            self.report(args.exc_value, where)

    def _on_loop_fault(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        message = str(context.get("message", "fault in the event loop"))
        error = context.get("exception")
        source = context.get("task") or context.get("future") or context.get("handle")
        where = f"{message}: {_safe_repr(source)}" if source is not None else message
        if error is None:
            self._announce(message, where)
        else:
            self.report(error, where)

    def _on_qt_message(
        self, kind: QtMsgType, context: QMessageLogContext, message: str | None
    ) -> None:
        text = message or ""
        level = logging.DEBUG if text in _QT_CHATTER else _QT_LEVELS[kind]
        if level < logging.ERROR:
            _qt_log.log(level, "%s", text)
        else:
            self._announce(f"Qt: {text}", f"Qt: {text}\n{context.file}:{context.line}")

    def _announce(self, text: str, details: str) -> None:
        text, details = redact(text), redact(details)
        self._write(text, details)
        if sip.isdeleted(self) or getattr(self._here, "announcing", False):
            return  # a receiver of this signal failed itself: announcing that would go round
        self._here.announcing = True
        try:
            self.fault.emit(text, details)
        finally:
            self._here.announcing = False

    def _write(self, text: str, details: str) -> None:
        """Log a fault; of one that comes again and again, as from painting, only now and then."""
        if details != self._last_details:
            self._last_details, self._repeats = details, 1
            _log.error("%s\n%s", text, details)
            return
        self._repeats += 1
        if self._repeats.bit_count() == 1:
            _log.error("%s (for the %d. time)", text, self._repeats)


def _one_line(error: BaseException) -> str:
    words = " ".join(_safe_str(error).split())
    text = words if isinstance(error, EmsError) else f"{type(error).__name__}: {words}"
    return text if len(text) <= _LONGEST_TEXT else f"{text[: _LONGEST_TEXT - 1]}…"


def _traceback(error: BaseException, where: str) -> str:
    trace = "".join(traceback.format_exception(error))
    return f"{where}\n{trace}" if where else trace


def _safe_str(error: BaseException) -> str:
    try:
        return redact(str(error))
    except Exception:  # noqa: BLE001 - a broken __str__ must not hide the fault itself
        return "(its text cannot be read)"


def _safe_repr(thing: object) -> str:
    try:
        return repr(thing)
    except Exception:  # noqa: BLE001 - half-dead objects end up here
        return f"<{type(thing).__name__}>"


def _leave_event_loop() -> None:
    """End the running event loop; asking while none runs would end the next one at its start."""
    thread = QThread.currentThread()
    if thread is not None and thread.loopLevel() > 0:
        QCoreApplication.exit(_ENDED_BY_CTRL_C)
