"""Runs an example offscreen, trades on each plot that it attached order mode to, and leaves.

``python driver.py EXAMPLE``: real key and mouse events, while the example's own loop runs. What was
seen is printed; an exception ends the process with code 1.
"""

import runpy
import sys
import traceback
from collections.abc import Iterator

import pyqtgraph as pg
from PyQt6.QtCore import QPoint, QPointF, Qt, QTimer
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QWidget

import ui.attach
from ui.attach import Attachment

PATIENCE_MS = 30_000
STEP_MS = 10
SHIFT = Qt.KeyboardModifier.ShiftModifier
CTRL = Qt.KeyboardModifier.ControlModifier
NONE = Qt.KeyboardModifier.NoModifier
attached: list[tuple[pg.PlotItem, Attachment]] = []


def record_attachments() -> None:
    real = ui.attach.attach_order_mode

    def attach(plot_item, *args, **options):
        attachment = real(plot_item, *args, **options)
        attached.append((plot_item, attachment))
        return attachment

    ui.attach.attach_order_mode = attach


class Hand:
    """The mouse and the keys over one plot."""

    def __init__(self, plot_item: pg.PlotItem, attachment: Attachment) -> None:
        self.plot, self.attachment = plot_item, attachment
        self.view = plot_item.getViewWidget()
        self.viewport = self.view.viewport()

    def at(self, part: float) -> QPoint:
        """A point of the pane, so far up."""
        pane = self.plot.vb.sceneBoundingRect()
        return self.view.mapFromScene(
            QPointF(pane.center().x(), pane.bottom() - part * pane.height())
        )

    def move(self, point: QPoint) -> None:
        window = self.view.window()
        window.activateWindow()
        self.view.setFocus()
        QTest.mouseMove(self.viewport, point + QPoint(1, 0))
        QTest.mouseMove(self.viewport, point)

    def lines(self) -> list[str]:
        """The lines of orders."""
        shown = self.attachment.port.lines.lines
        return [key for key in shown if key not in ("staged", "position")]

    def place(self) -> None:
        point = self.at(0.3)
        self.move(point)
        QTest.keyPress(self.view, "f")
        QTest.mouseClick(self.viewport, Qt.MouseButton.LeftButton, NONE, point)
        QTest.keyRelease(self.view, "f")

    def cancel_all(self) -> None:
        self.move(self.at(0.6))
        for _ in range(2):
            QTest.keyClick(self.view, "c")


def panes(hand: Hand) -> list[QWidget]:
    """The order panes in the window of a plot."""
    children = hand.view.window().findChildren(QWidget)
    return [one for one in children if type(one).__name__ == "OrderModePane"]


def shows_prices(pane: QWidget) -> bool:
    return pane.pane is not None and pane.pane.last.text()[:1].isdigit()


def drive() -> Iterator[bool]:
    """Yield until something is true, again and again."""
    while not attached:
        yield False
    hands = [Hand(*one) for one in attached]
    for hand in hands:
        while not hand.attachment.ready.done():
            yield False
        mode = hand.attachment.ready.result()
        while mode.last is None:  # the plot draws what comes
            yield False
        for _ in range(20):
            yield False
        hand.view.window().grab()
        while not all(shows_prices(pane) for pane in panes(hand)):
            yield False
        hand.place()
        while not hand.lines():
            yield False
        [oid] = hand.lines()
        dialog = mode.dialogs[oid]
        while dialog.state != "dark_open":
            yield False
        sys.stdout.write(f"placed {dialog.order.price} last {mode.last}\n")
        for other in hands:
            while other.lines() != [oid]:
                yield False
        hand.plot.vb.scaleBy((0.8, 0.8))
        hand.view.setBackground("w")
        hand.view.window().grab()
        hand.cancel_all()
        while any(other.lines() for other in hands):
            yield False
        sys.stdout.write("cancelled\n")


def stepper(steps: Iterator[bool]) -> QTimer:
    timer = QTimer()
    timer.setInterval(STEP_MS)
    waited = [0]

    def step() -> None:
        waited[0] += STEP_MS
        try:
            next(steps)
            assert waited[0] < PATIENCE_MS, "waited too long"
        except StopIteration:
            timer.stop()
            QApplication.closeAllWindows()
        except BaseException:  # noqa: BLE001 - it is told, and ends the test
            traceback.print_exc()
            timer.stop()
            sys.stdout.write("failed\n")
            QApplication.closeAllWindows()

    timer.timeout.connect(step)
    return timer


def main() -> None:
    record_attachments()
    real_exec = QApplication.exec
    timers = []

    def driven_exec(*_: object) -> int:
        timers.append(stepper(drive()))
        timers[-1].start()
        return real_exec()

    QApplication.exec = driven_exec
    runpy.run_path(sys.argv[1], run_name="__main__")
    sys.stdout.write("left\n")


if __name__ == "__main__":
    main()
