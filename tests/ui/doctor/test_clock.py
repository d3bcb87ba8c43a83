"""What the doctor says of the clock, by what the kernel says of it."""

import sys

import pytest

from ui.doctor.clock import KernelClock, check_clock, check_offset, read_kernel_clock


@pytest.mark.parametrize(
    ("clock", "level", "words"),
    [
        (KernelClock(synchronised=True, error_s=0.004), "ok", "within 0.004 s"),
        (KernelClock(synchronised=True, error_s=3.0), "warn", "wrong by 3.0 s"),
        (KernelClock(synchronised=False, error_s=16.0), "warn", "nothing keeps it right"),
    ],
)
def test_what_the_kernel_knows(clock: KernelClock, level: str, words: str) -> None:
    found = check_clock(lambda: clock)
    assert found.level == level
    assert words in found.text
    assert bool(found.mend) == (level != "ok")


def test_a_kernel_that_does_not_tell_is_a_warning() -> None:
    def refuse() -> KernelClock:
        raise PermissionError(1, "Operation not permitted")

    found = check_clock(refuse)
    assert found.level == "warn"
    assert "Operation not permitted" in found.text


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux is asked")
def test_this_kernel_answers_and_nothing_is_set() -> None:
    first, second = read_kernel_clock(), read_kernel_clock()
    assert first.synchronised == second.synchronised
    assert 0 <= first.error_s < 1000


@pytest.mark.parametrize(
    ("offset_s", "level", "words"),
    [
        (0.3, "ok", "0.3 s ahead of kraken's"),
        (-1.0, "ok", "1.0 s behind kraken's"),
        (-40.0, "warn", "40.0 s behind kraken's"),
    ],
)
def test_a_venues_clock(offset_s: float, level: str, words: str) -> None:
    found = check_offset("kraken", offset_s)
    assert (found.level, found.text) == (level, words)
