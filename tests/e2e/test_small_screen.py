"""The real program on small screens: all of its window is on them."""

from collections.abc import Callable

import pytest

from tests.e2e.program import Program
from tests.e2e.x_display import XDisplay


@pytest.mark.parametrize("display", [(1366, 768), (1024, 640)], indirect=True)
def test_the_window_is_not_larger_than_the_screen(
    display: XDisplay, start_ordermode: Callable[..., Program]
) -> None:
    program = start_ordermode()
    high, wide, _ = display.screenshot().shape

    def settled() -> bool:
        left, top, width, height = program.geometry()
        return 0 <= left <= left + width <= wide and 0 <= top <= top + height <= high

    program.wait_until(settled, "window that is whole on the screen")
    _, _, width, height = program.geometry()
    assert width >= 0.9 * wide  # and it makes use of the room that there is
    assert height >= 0.9 * high
