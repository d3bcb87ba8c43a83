"""Full garbage collections wait for a moment when nobody moves the pointer."""

import gc
from collections.abc import Iterator

import pytest
from PyQt6.QtCore import QPoint
from PyQt6.QtGui import QCursor

from ui.quiet_collector import QuietCollector


class Desk:
    """A clock, a pointer and a count."""

    def __init__(self) -> None:
        self.now = 0.0
        self.collected: list[float] = []
        self.collector = QuietCollector(lambda: self.now, lambda: self.collected.append(self.now))

    def wait(self, seconds: int, *, moving: bool = False) -> None:
        for second in range(seconds):
            self.now += 1
            if moving:
                QCursor.setPos(QPoint(10 + second % 50, 10))
            self.collector.look()


@pytest.fixture
def desk(qapp) -> Iterator[Desk]:
    opened = Desk()
    yield opened
    opened.collector.stop()


def test_in_a_quiet_moment_about_once_a_minute(desk: Desk) -> None:
    desk.wait(59)
    assert desk.collected == []
    desk.wait(121)
    assert desk.collected == [60, 120, 180]


def test_not_while_somebody_moves(desk: Desk) -> None:
    desk.wait(100, moving=True)
    assert desk.collected == []
    desk.wait(4)
    assert desk.collected == []
    desk.wait(1)
    assert len(desk.collected) == 1


def test_but_not_never(desk: Desk) -> None:
    desk.wait(601, moving=True)
    assert desk.collected == [600]


def test_python_has_its_own_way_again_afterwards(qapp) -> None:
    before = gc.get_threshold()
    collector = QuietCollector()
    assert gc.get_threshold()[:2] == before[:2]
    assert gc.get_threshold()[2] > 1_000_000
    collector.stop()
    assert gc.get_threshold() == before
