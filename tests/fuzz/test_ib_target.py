"""The target of IB's frames sees what the library's decoder catches and only logs."""

import pytest

from brokers.ib.live_ticks import LiveTicks
from tests.fuzz.targets import TARGETS

TICK = b"46|6|1|48|100.15;100;1795000000000;5000;100.1;true"


def test_a_fault_of_ours_behind_the_decoder_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def faulty(self: LiveTicks, kind: int, text: str) -> None:
        raise KeyError(text)

    TARGETS["ib"](TICK)
    monkeypatch.setattr(LiveTicks, "on_text", faulty)
    with pytest.raises(KeyError):
        TARGETS["ib"](TICK)


@pytest.mark.parametrize("line", [b"46|6|1|48", b"46|6|one|48|1;2;3", b"5|x", b"x|y", b""])
def test_what_the_decoder_cannot_read_is_none(line: bytes) -> None:
    TARGETS["ib"](line)


@pytest.mark.parametrize("text", [b"", b"1;2", b"a;b;c", b"1;2;3.5", b"nan;1;5", b";;"])
def test_a_trade_that_cannot_be_read_is_left_out(text: bytes) -> None:
    TARGETS["ib"](b"46|6|1|48|" + text)
