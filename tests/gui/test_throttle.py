"""What changes often is shown at once, and then no more often than eyes follow."""

from PyQt6.QtCore import QObject

from ui.throttle import Throttle


def test_the_first_at_once_the_last_for_sure_and_few_between(qtbot) -> None:
    shown: list[int] = []
    value = [0]
    parent = QObject()
    throttle = Throttle(lambda: shown.append(value[0]), parent, every_ms=20)
    for number in range(100):
        value[0] = number
        throttle.ask()
    assert shown == [0]
    qtbot.waitUntil(lambda: shown == [0, 99])
    qtbot.waitUntil(lambda: not throttle._timer.isActive())
    value[0] = 100
    throttle.ask()
    assert shown == [0, 99, 100]


def test_it_can_be_stopped(qtbot) -> None:
    shown: list[int] = []
    parent = QObject()
    throttle = Throttle(lambda: shown.append(1), parent, every_ms=5)
    throttle.ask()
    throttle.ask()
    throttle.stop()
    qtbot.wait(20)
    assert shown == [1]
