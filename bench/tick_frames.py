"""How many frames a second the chart paints while ticks come without rest."""

import time

from PyQt6.QtCore import QEvent, QEventLoop, QObject, Qt, QTimer

from bench.ours import Ours
from ems.ticks import Trade

_FEED_MS = 4
"""So often a batch of ticks comes, as from a socket."""


class _Feed(QObject):
    """Hands over the ticks that are due, and counts the paints of the chart."""

    def __init__(self, ours: Ours, rate: int) -> None:
        super().__init__()
        self.frames = 0
        self._chart = ours.chart
        self._rate = rate
        self._sent = 0
        self._start = time.perf_counter()
        last = ours.chart.series.bar(ours.chart.series.last_x)
        assert last is not None
        self._time_ns, self._low = last.time_ns, last.low
        self._step = (last.high - last.low) / 10
        ours.chart.plot_item.getViewWidget().viewport().installEventFilter(self)
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._push)
        self._timer.start(_FEED_MS)

    def _push(self) -> None:
        due = int((time.perf_counter() - self._start) * self._rate)
        numbers = range(self._sent, due)
        self._sent = due
        self._chart.on_ticks(
            [Trade(self._time_ns, self._low + self._step * (n % 11), 1.0) for n in numbers]
        )

    def eventFilter(self, a0: QObject | None, a1: QEvent | None) -> bool:
        """Count a paint."""
        self.frames += a1 is not None and a1.type() == QEvent.Type.Paint
        return False


def ticks_a_second(ours: Ours, seconds: float, rate: int = 10_000) -> tuple[float, float]:
    """Return frames a second and the part of a core that ticks at a rate take.

    The chart's own frame timer decides when it paints, as in a program.
    """
    feed, loop = _Feed(ours, rate), QEventLoop()
    start, busy = time.perf_counter(), time.process_time()
    QTimer.singleShot(round(seconds * 1000), Qt.TimerType.PreciseTimer, loop.quit)
    loop.exec()
    passed = time.perf_counter() - start
    return feed.frames / passed, (time.process_time() - busy) / passed
