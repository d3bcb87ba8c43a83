from PyQt6.QtCore import QRect

from ui.chart.strips import Part, Strips


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
    parts = Part(700, 100, 705, 110), Part(0, 104, 760, 107), Part(760, 95, 800, 115)
    assert asked(*parts) == [QRect(0, 95, 800, 20)]


def test_parts_far_apart_are_repainted_one_by_one():
    parts = Part(700, 100, 705, 110), Part(700, 500, 705, 510)
    assert asked(*parts) == [QRect(700, 100, 5, 10), QRect(700, 500, 5, 10)]


def test_an_empty_part_and_none_repaint_nothing():
    assert asked() == []
    assert asked(Part(3, 5, 3, 9), Part(3, 5, 9, 5)) == []


def test_what_was_cleared_is_not_repainted():
    found = []
    strips = Strips(found.append, lambda: 800)
    strips.add(Part(0, 0, 10, 10))
    strips.clear()
    strips.flush()
    assert found == []
