from PyQt6.QtCore import QRect

from ui.chart.strips import Strips


def asked(*parts):
    """What is repainted for parts of a widget that is 800 pixels wide."""
    found = []
    strips = Strips(found.append, lambda: 800)
    for part in parts:
        strips.add(part)
    strips.flush()
    strips.flush()
    return found


def test_parts_near_each_other_are_one_band():
    parts = QRect(700, 100, 5, 10), QRect(0, 104, 760, 3), QRect(760, 95, 40, 20)
    assert asked(*parts) == [QRect(0, 95, 800, 20)]


def test_parts_far_apart_are_repainted_one_by_one():
    parts = [QRect(700, 100, 5, 10), QRect(700, 500, 5, 10)]
    assert asked(*parts) == parts


def test_an_empty_part_and_none_repaint_nothing():
    assert asked() == []
    assert asked(QRect()) == []


def test_what_was_cleared_is_not_repainted():
    found = []
    strips = Strips(found.append, lambda: 800)
    strips.add(QRect(0, 0, 10, 10))
    strips.clear()
    strips.flush()
    assert found == []
