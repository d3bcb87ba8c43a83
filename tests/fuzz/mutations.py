"""Messages that went wrong on their way: pieces lost, doubled, swapped, numbers that cannot be."""

from collections.abc import Sequence
from pathlib import Path
from random import Random

from hypothesis import strategies as st

CORPUS = Path(__file__).parent / "corpus"
_WRONG = (
    b"null", b"-1", b"0", b"1e999999", b"-0.0", b"NaN", b"9" * 400, b'""', b'"\\ud800"', b"[]",
    b"{}", b"[" * 2000, b"true", b'"2026-13-45T99:99:99Z"', b"\xff\xfe", b"\x00", b"0.00000000001",
    b"nan", b"inf", b"1e308", b'"NaN"', b'"Infinity"', b'"1e999999"', b'"2026-11-22T11:34:13"',
)  # fmt: skip


def seeds(name: str) -> list[bytes]:
    """Return the messages of a file of the corpus."""
    return (CORPUS / name).read_bytes().splitlines()


def broken(messages: Sequence[bytes]) -> st.SearchStrategy[bytes]:
    """Return messages of the corpus with up to three things wrong, and bytes that never were."""
    return st.one_of(
        st.builds(_broken, st.sampled_from(messages), st.lists(_FAULTS, max_size=3)),
        st.binary(max_size=200),
    )


_PLACES = st.floats(0, 1, exclude_max=True)
_FAULTS = st.one_of(
    st.tuples(st.just("cut"), _PLACES, st.integers(1, 40)),
    st.tuples(st.just("double"), _PLACES, st.integers(1, 40)),
    st.tuples(st.just("flip"), _PLACES, st.integers(0, 255)),
    st.tuples(st.just("value"), _PLACES, st.integers(0, len(_WRONG) - 1)),
    st.tuples(st.just("end"), _PLACES, st.just(0)),
)


def _broken(message: bytes, faults: list[tuple[str, float, int]]) -> bytes:
    for what, where, how in faults:
        at = int(where * len(message))
        match what:
            case "cut":
                message = message[:at] + message[at + how :]
            case "double":
                message = message[: at + how] + message[at:]
            case "flip":
                message = message[:at] + bytes([how]) + message[at + 1 :]
            case "value":
                message = _with_value(message, at, _WRONG[how])
            case "end":
                message = message[:at]
    return message


def mutant(seeds: Sequence[bytes], data: bytes, seed: int) -> bytes:
    """Return the data, or one of the seeds, with up to four things wrong; the same for a seed."""
    dice = Random(seed)
    message = dice.choice(seeds) if seeds and dice.random() < 0.5 else data
    kinds = (("cut", 40), ("double", 40), ("flip", 255), ("value", len(_WRONG) - 1), ("end", 0))
    faults = [
        (what, dice.random(), dice.randint(0, most))
        for what, most in dice.choices(kinds, (3, 2, 3, 6, 1), k=dice.randint(1, 4))
    ]
    return _broken(message, faults)


def _with_value(message: bytes, at: int, value: bytes) -> bytes:
    """Put another value after the next colon, or bar in a frame of IB's."""
    colon = message.find(b"|" if b":" not in message or b"|" in message else b":", at)
    if colon < 0:
        return message
    ends = [message.find(mark, colon + 1) for mark in (b",", b"}", b"|", b"\n")]
    end = min((one for one in ends if one >= 0), default=len(message))
    return message[: colon + 1] + value + message[end:]
