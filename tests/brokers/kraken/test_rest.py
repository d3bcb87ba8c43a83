"""REST: nonces, rates, and answers that are none."""

import time

import pytest

from brokers.kraken.credentials import Credentials
from brokers.kraken.errors import KrakenRefused, KrakenUnreachable
from brokers.kraken.rest import TRIES, Nonces, Rest
from brokers.kraken.rest_wire import Token
from tests.sims.kraken import KEY, SECRET, TIMING, KrakenSim


def make_rest(sim: KrakenSim, key: str = KEY) -> Rest:
    return Rest(sim.options()["rest_url"], Credentials(key, SECRET), TIMING)


def test_nonces_rise_even_when_the_clock_does_not():
    times = iter([5_000, 5_000, 4_000, 9_000_000])
    nonces = Nonces(lambda: next(times))
    assert [int(nonces.next()) for _ in range(4)] == [5, 6, 7, 9_000]


async def test_a_signed_call(sim):
    assert (await make_rest(sim).private("GetWebSocketsToken", Token)).token == "token-1"


async def test_a_wrong_key_is_told_and_not_tried_again(sim):
    with pytest.raises(KrakenRefused, match="EAPI:Invalid key"):
        await make_rest(sim, "another").private("GetWebSocketsToken", Token)
    assert len(sim.rest_calls) == 1


async def test_a_nonce_that_another_process_overtook(sim):
    sim.script.rest_errors["GetWebSocketsToken"] = ["EAPI:Invalid nonce"] * 3
    await make_rest(sim).private("GetWebSocketsToken", Token)
    nonces = [int(form["nonce"]) for _, form in sim.rest_calls]
    assert nonces == sorted(set(nonces))
    assert len(nonces) == 4


async def test_it_does_not_ask_for_ever(sim):
    sim.script.rest_errors["GetWebSocketsToken"] = ["EAPI:Invalid nonce"] * 9
    with pytest.raises(KrakenRefused, match="Invalid nonce"):
        await make_rest(sim).private("GetWebSocketsToken", Token)
    assert len(sim.rest_calls) == TRIES


@pytest.mark.parametrize("answer", [500, 502, 403])
async def test_an_http_error_says_nothing(sim, answer):
    sim.script.rest_errors["GetWebSocketsToken"] = [answer]
    with pytest.raises(KrakenUnreachable, match=str(answer)):
        await make_rest(sim).private("GetWebSocketsToken", Token)


async def test_an_answer_in_an_unknown_shape(sim, caplog):
    with pytest.raises(KrakenUnreachable, match="cannot be read"):
        await make_rest(sim).public("AssetPairs", list[int])
    assert "unknown shape" in caplog.text


async def test_nobody_there():
    rest = Rest("http://127.0.0.1:9", None, TIMING)
    with pytest.raises(KrakenUnreachable, match="cannot be reached"):
        await rest.public("AssetPairs", dict[str, int])
    with pytest.raises(KrakenUnreachable, match="needs an API key"):
        await rest.private("OpenOrders", dict[str, int])


async def test_it_waits_until_there_is_room(sim):
    rest = make_rest(sim)
    rest._counter.set(14.1)
    started = time.monotonic()
    await rest.private("GetWebSocketsToken", Token)
    assert time.monotonic() - started > 0.2
    assert rest._counter.level <= 15


async def test_after_a_rate_limit_it_waits_longer(sim):
    rest = make_rest(sim)
    rest._counter.decay = 4.0
    sim.script.rest_errors["GetWebSocketsToken"] = ["EAPI:Rate limit exceeded"]
    started = time.monotonic()
    await rest.private("GetWebSocketsToken", Token)
    assert time.monotonic() - started > 0.2
    assert len(sim.rest_calls) == 2


async def test_an_answer_that_is_too_large_is_not_read(sim, monkeypatch):
    monkeypatch.setattr("brokers.kraken.rest.LARGEST_ANSWER", 10)
    with pytest.raises(KrakenUnreachable, match="larger than"):
        await make_rest(sim).private("GetWebSocketsToken", Token)
