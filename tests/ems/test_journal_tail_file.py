"""The file of the tail: what was committed is there, what a crash broke off is not."""

from pathlib import Path

import msgspec
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ems.journal_tail_file import TailFile, newest_tail, read_tail, saved_tail, tail_path

bodies = st.lists(st.binary(min_size=1, max_size=60), max_size=8)


def written(journal: Path, *runs: list[bytes]) -> bytes:
    """The bytes of a file after these runs, the last of which is not in the tables yet."""
    tail_path(journal).unlink(missing_ok=True)
    tail = TailFile(journal, 0)
    for number, run in enumerate(runs):
        if number:
            tail.begin(number)
        for body in run:
            tail.append(body)
    data = tail_path(journal).read_bytes()
    tail._file.close()
    return data


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tail") / "journal.db"


@given(runs=st.lists(bodies, min_size=1, max_size=4), seen=st.integers(0, 4))
def test_a_reader_has_what_its_tables_have_not(journal, runs, seen):
    data = written(journal, *runs)
    last = len(runs) - 1
    said = max((n for n, run in enumerate(runs) if run), default=None)
    found = read_tail(journal, seen)
    if not data or said is None or said < seen:
        assert found == []
    elif said > seen:
        assert found is None, "its tables were read too early"
    else:
        assert found == runs[seen]
    again = TailFile(journal, last)
    assert (again.run, again.bodies) == (last, runs[last])
    again.append(b"more")
    again._file.close()
    assert newest_tail(journal, last) == [*runs[last], b"more"]


@settings(max_examples=300)
@given(run=bodies.filter(bool), before=bodies, cut=st.integers(0, 700))
def test_what_a_crash_broke_off_was_never_committed(journal, run, before, cut):
    data = written(journal, before, run)
    (*whole, _), end = run, 16 + sum(12 + len(body) for body in run)
    start = end - 12 - len(run[-1])
    kept = start + cut % (end - start)  # some of the last record, not all
    old = written(journal, before)
    left = data[:kept] + old[kept:]
    assume(left[: len(data)] != data)  # what was there before may be the rest of it
    tail_path(journal).write_bytes(left)
    assert newest_tail(journal, 1) == whole
    again = TailFile(journal, 1)
    again.append(b"next")
    again._file.close()
    assert newest_tail(journal, 1) == [*whole, b"next"]


@settings(max_examples=300)
@given(
    run=bodies.filter(lambda run: len(run) > 1), at=st.integers(0, 10_000), bit=st.integers(0, 7)
)
def test_a_hole_before_the_last_record_is_told_and_the_rest_saved(journal, run, at, bit):
    data = bytearray(written(journal, [], run))
    last = len(data) - 12 - len(run[-1])
    at = 16 + at % (last - 16)
    data[at] ^= 1 << bit
    tail_path(journal).write_bytes(data)
    with pytest.raises(msgspec.DecodeError, match="hole"):
        newest_tail(journal, 1)
    with pytest.raises(msgspec.DecodeError, match="hole"):
        TailFile(journal, 1)
    saved = list(saved_tail(journal, bytes))
    assert len(saved) == len(run) - 1
    assert run[-1] in saved


def test_a_file_of_somebody_else_is_told(journal):
    tail_path(journal).write_bytes(b"my shopping list")
    with pytest.raises(msgspec.DecodeError, match="not one of ours"):
        read_tail(journal, 0)
    assert list(saved_tail(journal, bytes)) == []


def test_the_file_is_gone_once_all_is_in_the_tables(tmp_path):
    tail = TailFile(tmp_path / "journal.db", 3)
    tail.append(b"one")
    tail.begin(4)
    tail.close()
    assert not any(tmp_path.iterdir())


def test_after_a_power_cut_that_took_the_newest_tables_the_tail_still_counts(tmp_path):
    path = tmp_path / "journal.db"
    written(path, [b"sorted"], [b"newer"])
    assert read_tail(path, 0) is None
    assert newest_tail(path, 0) == [b"newer"]
    tail = TailFile(path, 0)
    assert tail.run == 1
    tail.close()
