"""What Kraken says, as we say it: messages as they were recorded or documented."""

from decimal import Decimal

import msgspec
import pytest

from brokers.kraken import rest_wire, wire
from brokers.kraken.order_types import prices_of
from brokers.kraken.pairs import Pairs
from brokers.kraken.parsing import fill_of, origin_of, pairs_of, positions_of, read_each
from tests.sims.kraken import PAIRS

# The shape of a recorded message: https://github.com/Brendan-Blanchard/kraken-async-rs
TRADE = b"""{"order_id":"NG6PUE-C7MXN-CFCAMC","order_userref":0,"exec_id":"T1Y0D9-6JIJG-W1IB7L",
"exec_type":"trade","trade_id":37496584,"symbol":"BTC/USD","side":"sell","last_qty":0.00016000,
"last_price":63377.2,"liquidity_ind":"t","cost":10.12445,"order_status":"filled",
"order_type":"limit","timestamp":"2024-04-16T10:54:38.243302Z","fee_usd_equiv":0.04050,
"fees":[{"asset":"USD","qty":0.04051}]}"""


@pytest.fixture
def pairs() -> Pairs:
    return Pairs(pairs_of(msgspec.convert(PAIRS, dict[str, rest_wire.AssetPair], strict=False)))


def balances(data: str) -> list[wire.Balance]:
    return msgspec.json.decode(data, type=list[wire.Balance])


def test_an_execution_is_exact(pairs):
    report = wire.read_as(wire.Execution, TRADE)
    fill = fill_of(report, pairs.of_fqsn("xbtusd.kraken"), "sell", 7)
    assert fill is not None
    assert (fill.size, fill.price) == (Decimal("0.00016"), Decimal("63377.2"))
    assert (fill.fee, fill.fee_currency) == (Decimal("0.04051"), "USD")
    assert fill.broker_time_ns == 1_713_264_878_243_302_000
    assert (fill.reqid, fill.exec_id, fill.time_ns) == (
        "NG6PUE-C7MXN-CFCAMC",
        "T1Y0D9-6JIJG-W1IB7L",
        7,
    )


def test_only_what_can_be_traded_with_is_a_position(pairs):
    snapshot = balances(
        '[{"asset":"BTC","balance":3,"wallets":[{"type":"spot","balance":1.5},'
        '{"type":"earn","balance":1.5}]},{"asset":"XYZ","balance":9},{"asset":"USD","balance":1}]'
    )
    [position] = positions_of(snapshot, pairs, "USD", 5)
    assert (position.symbol, position.size) == ("xbtusd.kraken", Decimal("1.5"))
    ledger = balances(
        '[{"asset":"BTC","balance":2,"wallet_type":"earn"},'
        '{"asset":"BTC","balance":1.25,"wallet_type":"spot"}]'
    )
    assert [p.size for p in positions_of(ledger, pairs, "USD", 5)] == [Decimal("1.25")]
    assert positions_of(ledger, pairs, "EUR", 5) == []


@pytest.mark.parametrize(
    ("fields", "price", "origin"),
    [
        ({"limit_price": "10.5"}, "10.5", "made at Kraken"),
        ({"order_type": "limit", "cl_ord_id": "mine"}, None, "made by another program at Kraken"),
        ({"order_userref": 4}, None, "made by another program at Kraken"),
        (
            {"order_type": "stop-loss", "triggers": {"price": "9"}},
            "9",
            "made at Kraken",
        ),
        (
            {"order_type": "settle-position", "triggers": {"price": "9"}},
            "9",
            "settle-position order made at Kraken",
        ),
        ({"order_type": "market", "limit_price": "0"}, None, "made at Kraken"),
    ],
)
def test_where_an_order_shows_and_comes_from(fields, price, origin):
    report = msgspec.convert(
        {"order_id": "O", "exec_type": "new", **fields}, wire.Execution, strict=False
    )
    assert prices_of(report, report.order_type).price == (Decimal(price) if price else None)
    assert origin_of(report) == origin


def test_one_strange_entry_of_a_list_hides_no_other(caplog):
    data = msgspec.Raw(b'[{"asset":"BTC","balance":1},{"asset":7},{"asset":"USD","balance":2}]')
    assert [entry.asset for entry in read_each(wire.Balance, data)] == ["BTC", "USD"]
    assert '{"asset":7}' in caplog.text
