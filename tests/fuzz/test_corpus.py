"""Each decoder of bytes from outside: what was ever found, what is made up now, and for long."""

import importlib.util
import logging
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.mutations import broken
from tests.fuzz.targets import TARGETS, corpus

SECONDS = int(os.environ.get("ORDERMODE_FUZZ_S", "600")) // (len(TARGETS) + 1)
"""For each of what `make nightly` fuzzes: the targets, and Kraken's sockets."""
REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def quiet():
    logging.disable(logging.CRITICAL)  # each broken message would be logged whole
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize("name", TARGETS)
def test_the_corpus(name: str):
    assert len(corpus(name)) > 5
    for data in corpus(name):
        TARGETS[name](data)


@pytest.mark.parametrize("name", TARGETS)
@settings(max_examples=40)
@given(st.data())
def test_broken_messages(name: str, data: st.DataObject):
    TARGETS[name](data.draw(broken(corpus(name))))


@pytest.mark.parametrize("name", TARGETS)
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads the peak in kilobytes")
def test_memory_stays_bounded(name: str):
    inputs = corpus(name)
    for data in inputs * 3:
        TARGETS[name](data)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(5):
        for data in inputs:
            TARGETS[name](data)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20_000


@pytest.mark.nightly
@pytest.mark.timeout(SECONDS + 300)
@pytest.mark.parametrize("name", TARGETS)
def test_fuzzing(name: str, tmp_path: Path):
    if importlib.util.find_spec("atheris") is None:
        pytest.skip("atheris has no wheel for this Python on this system: nothing is fuzzed")
    run = subprocess.run(
        [sys.executable, "-m", "tests.fuzz.run", name, str(SECONDS), str(tmp_path)],
        cwd=REPOSITORY, capture_output=True, text=True, errors="replace", check=False,
    )  # fmt: skip
    found = [f"{file.name}: {file.read_bytes()!r}" for file in tmp_path.iterdir()]
    told = "\n".join([*found, run.stdout[-6000:], run.stderr[-6000:]])
    assert (run.returncode, found) == (0, []), told  # the inputs first: they are gone after that
