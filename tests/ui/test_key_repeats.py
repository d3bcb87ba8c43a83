"""A key that X11 repeats as release and press is told from a finger."""

from ui.key_repeats import KeyRepeats


def test_a_finger_takes_time() -> None:
    repeats = KeyRepeats()
    repeats.released("c", 1000, ended_hold=False)
    assert not repeats.is_repeat("c", 1001)


def test_a_pair_at_one_moment_is_the_keyboard_repeating() -> None:
    repeats = KeyRepeats()
    repeats.released("c", 1000, ended_hold=False)
    assert repeats.is_repeat("c", 1000)


def test_a_key_that_is_still_down_is_taken_up_again() -> None:
    repeats = KeyRepeats()
    repeats.released("f", 1000, ended_hold=True)
    assert not repeats.is_repeat("f", 1000)


def test_another_key_and_events_without_a_time_are_fingers() -> None:
    repeats = KeyRepeats()
    repeats.released("c", 1000, ended_hold=False)
    assert not repeats.is_repeat("d", 1000)
    repeats.released("c", 0, ended_hold=False)
    assert not repeats.is_repeat("c", 0)
