"""What the doctor says of backends, and when it asks a venue."""

from collections.abc import Callable
from typing import Any

import pytest

from ems.errors import EmsError
from ems.ports import Reached
from tests.ui.doctor.conftest import Venue
from ui.config import Config
from ui.doctor.backends import check_backends
from ui.doctor.finding import Finding

Install = Callable[[str], None]


def look(*, connect: bool = False, **options: Any) -> list[Finding]:
    return list(check_backends(Config(brokers={"venue": options}), connect=connect))


def test_ours_are_all_there_and_none_is_asked() -> None:
    found = list(check_backends(Config(), connect=True))
    assert [finding.subject for finding in found] == ["ib", "kraken", "paper", "replay"]
    assert {finding.level for finding in found} == {"ok"}


def test_a_table_of_no_backend_fails(install: Install) -> None:
    install("open_backend")
    found = list(check_backends(Config(brokers={"nobody": {"a": 1}}), connect=False))
    assert (found[0].subject, found[0].level) == ("nobody", "fail")
    assert "there are venue" in found[0].mend


def test_a_wrong_option_fails(install: Install) -> None:
    install("open_backend")
    [found] = look(wrong=True)
    assert (found.level, found.text) == ("fail", "venue: wrong is unknown")
    assert "[brokers.venue]" in found.mend


def test_a_missing_library_fails_only_if_the_config_names_the_backend(install: Install) -> None:
    install("open_without_library")
    [asked_for] = look(any=1)
    assert asked_for.level == "fail"
    assert asked_for.mend == "install it with: pip install 'venue[x]'"
    [not_asked_for] = list(check_backends(Config(), connect=False))
    assert not_asked_for.level == "ok"
    assert "venue[x]" in not_asked_for.text


def test_a_venue_is_asked_only_with_connect(install: Install) -> None:
    install("open_backend")
    venue = Venue(Reached(text="the venue answers"))
    [found] = look(feed=venue)
    assert "--connect asks it" in found.text
    assert venue.asked == 0
    found_with = look(connect=True, feed=venue)
    assert [finding.text for finding in found_with] == ["no account", "the venue answers"]
    assert (venue.asked, venue.closed) == (1, True)


def test_a_venue_that_tells_the_time_is_compared_with(install: Install) -> None:
    install("open_backend")
    *_, clock = look(connect=True, feed=Venue(Reached(text="yes", clock_offset_s=9.0)))
    assert (clock.subject, clock.level) == ("clock", "warn")
    assert "9.0 s ahead" in clock.text


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ConnectionError("nothing listens at 127.0.0.1:7497"), "nothing listens"),
        (TimeoutError(), "no answer in time"),
        (EmsError("Kraken refused it: EAPI:Invalid key"), "Invalid key"),
    ],
)
def test_a_venue_that_does_not_answer_is_a_warning(
    error: Exception, words: str, install: Install
) -> None:
    install("open_backend")
    venue = Venue(error)
    *_, found = look(connect=True, feed=venue)
    assert found.level == "warn"
    assert words in found.text
    assert venue.closed
