import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from brokers.replay.read_recording import read_recording
from brokers.replay.rows import Quotes, Trades
from ems.errors import BadHistory
from tests.brokers.replay.recorded import MINUTE, MONDAY, SECOND, real_file


def csv_file(folder: Path, text: str) -> Path:
    path = folder / "prices.csv"
    path.write_text(text)
    return path


def test_five_hundred_thousand_quotes_are_read_in_about_a_second():
    path = real_file("quotes_EURUSD_oanda_20140501_20140515")
    read_recording(real_file("trades_BTC-USD_coinbase_20230905"))  # pyarrow's import is not meant
    start = time.perf_counter()
    recording = read_recording(path)
    assert time.perf_counter() - start < 3
    assert isinstance(recording.rows, Quotes)
    assert len(recording.rows.time) == 532_903
    assert recording.rows.bid_size is None
    assert recording.license == "Apache-2.0"
    assert recording.faults.sentences() == []


def test_equal_trades_are_separate_trades():
    rows = read_recording(real_file("trades_ES_20130901_20130903")).rows
    assert isinstance(rows, Trades)
    assert len(rows.time) == 500_000


def test_crossed_quotes_are_kept_and_counted():
    recording = read_recording(real_file("quotes_EURUSD_fxcm_20140508"))
    assert recording.faults.crossed == 18_285
    assert len(recording.rows.time) == 167_466
    assert "18,285 of 167,466 quotes are crossed" in recording.faults.sentences()[0]


def test_zero_quote_sizes_are_kept_and_counted():
    recording = read_recording(real_file("quotes_USA500_dukascopy_20230904"))
    assert recording.faults.zero_size == 11
    assert np.count_nonzero(recording.rows.ask_size == 0) == 11


def test_all_78_broken_bars_of_the_sp500_file_are_widened():
    path = real_file("bars_1d_sp500_2009_2010")
    symbols = pq.read_table(path, columns=["symbol"])["symbol"].unique().to_pylist()
    broken = pq.read_table(path)
    columns = {name: broken[name].to_numpy() for name in ("open", "high", "low", "close")}
    top = np.maximum(columns["open"], columns["close"])
    bottom = np.minimum(columns["open"], columns["close"])
    wrong = (columns["high"] < top) | (columns["low"] > bottom)
    assert wrong.sum() == 78
    assert len(symbols) == 524
    symbol = broken["symbol"].to_pylist()[int(np.flatnonzero(wrong)[0])]
    recording = read_recording(path, symbol)
    assert recording.faults.widened == sum(
        flag
        for flag, name in zip(wrong, broken["symbol"].to_pylist(), strict=True)
        if name == symbol
    )
    bars = recording.rows
    assert (bars["low"] <= bars["open"]).all()
    assert (bars["close"] <= bars["high"]).all()


def test_a_file_of_many_symbols_asks_for_one():
    path = real_file("bars_1d_nasdaq9_2017_2023")
    with pytest.raises(BadHistory, match=r"9 symbols \(AAPL, AMD, .*--symbol"):
        read_recording(path)
    with pytest.raises(BadHistory, match=r"does not hold 'ibm' \(AAPL"):
        read_recording(path, "ibm")
    assert len(read_recording(path, "tsla").rows) == 1510


def test_an_order_book_is_refused():
    with pytest.raises(BadHistory, match="order book"):
        read_recording(real_file("book_BTCUSDT_binance_20240808"))


@pytest.mark.parametrize(
    "times",
    [
        ("2024-01-01T10:00:00", "2024-01-01T10:01:00"),
        ("2024-01-01 10:00:00+00:00", "2024-01-01 12:01:00+02:00"),
        ("2024-01-01T10:00:00Z", "2024-01-01 10:01"),
        ("1704103200", "1704103260"),
        ("1704103200.0", "1704103260.0"),
        ("1704103200000", "1704103260000"),
        ("1704103200000000", "1704103260000000"),
        ("1704103200000000000", "1704103260000000000"),
    ],
)
@pytest.mark.parametrize("name", ["time", "Timestamp", "DATETIME", "date"])
def test_a_csv_may_write_its_times_in_many_ways(tmp_path, times, name):
    text = f"{name},Open,High,Low,Close,Volume\n" + "".join(f"{t},1,2,1,2,5\n" for t in times)
    bars = read_recording(csv_file(tmp_path, text)).rows
    assert bars["time"].tolist() == [MONDAY, MONDAY + MINUTE]


def test_days_without_a_dash(tmp_path):
    path = csv_file(tmp_path, "date;open;high;low;close\n20240101;1;2;1;2\n20240102;2;2;2;2\n")
    bars = read_recording(path).rows
    assert bars["time"].tolist() == [1_704_067_200 * SECOND, 1_704_153_600 * SECOND]
    assert np.isnan(bars["volume"]).all()


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (pa.timestamp("ms", tz="America/New_York"), [MONDAY // 1_000_000]),
        (pa.timestamp("s"), [MONDAY // SECOND]),
        (pa.int64(), [MONDAY // 1_000]),
        (pa.float64(), [MONDAY / SECOND]),
    ],
)
def test_a_parquet_may_hold_its_times_in_many_types(tmp_path, kind, values):
    path = tmp_path / "x.parquet"
    columns = {"timestamp": pa.array(values).cast(kind), "price": pa.array([5.0])}
    pq.write_table(pa.table(columns), path)
    assert read_recording(path).rows.time.tolist() == [MONDAY]


def test_sides_in_words(tmp_path):
    path = csv_file(tmp_path, "time,price,size,side\n1,5,1,BUY\n2,5,1,s\n3,5,1,\n4,5,1,-1\n")
    assert read_recording(path).rows.side.tolist() == [1, -1, 0, -1]


def test_faulty_rows_are_mended_and_counted(tmp_path):
    text = (
        "time,price,size\n"
        "2024-01-01T10:00:03,3,1\n2024-01-01T10:00:01,1,0\n2024-01-01T10:00:03,4,-1\n"
        "2024-01-01T10:00:04,NaN,1\n2024-01-01T10:00:05,-2,1\n,5,1\n2024-01-01T10:00:02,2,\n"
    )
    recording = read_recording(csv_file(tmp_path, text))
    assert recording.rows.price.tolist() == [1, 2, 3, 4]
    assert recording.faults.sentences() == [
        "1 of 7 trades have no time; they are left out.",
        "2 of 7 trades have a price that is missing or not above zero; they are left out.",
        "1 of 7 trades have a size below zero or infinite; it is taken as unknown.",
        "2 of 7 trades are earlier than the row before; they are sorted by time.",
        "1 of 7 trades have a size of zero; they are kept.",
    ]


def test_sorting_keeps_the_order_of_trades_of_one_time(tmp_path):
    rows = "".join(f"{n % 2},{n + 1}\n" for n in range(400))
    prices = read_recording(csv_file(tmp_path, "time,price\n" + rows)).rows.price.tolist()
    assert prices == [*range(1, 401, 2), *range(2, 401, 2)]


def test_of_bars_with_one_time_the_last_is_kept(tmp_path):
    path = csv_file(tmp_path, "time,open,high,low,close\n2,1,1,1,1\n1,5,5,5,5\n2,3,3,3,3\n")
    recording = read_recording(path)
    assert recording.rows["open"].tolist() == [5, 3]
    assert recording.faults.same_time == 1


def test_a_volume_of_zero_on_every_bar_is_no_volume(tmp_path):
    path = csv_file(tmp_path, "time,open,high,low,close,volume\n1,1,1,1,1,0\n2,1,1,1,1,0\n")
    recording = read_recording(path)
    assert np.isnan(recording.rows["volume"]).all()
    assert recording.faults.no_volume


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "is empty"),
        (b"time,price\n", "no rows"),
        (b"PAR1 and then nonsense", "damaged Parquet"),
        (b"\x1f\x8b\x08\x00\x00", "neither Parquet nor CSV"),
        (b"a,b\n1,2\n", "has the columns a, b; name them"),
        (b"time,price\n1,5\n2,five\n", "'five' in row 2, column price"),
        (b"time,price\nyesterday,5\n", "'yesterday' in row 1, column time"),
        (b"time,price\n1,5\n2\n", "Row #3"),
        (b"time,price\n1,nan\n2,0\n", "no usable row"),
        (b"date,price\n20240231,5\n", "'2024-02-31' in row 1"),
        (b"time,price,price\n1,5,5\n", "'price' twice"),
        (b"time,price\n9999999999999999999,5\n", "no usable times"),
        (b"caf\xe9,price\n1,5\n", "UTF-8"),
    ],
)
def test_an_unusable_file_is_one_sentence(tmp_path, data, says):
    path = tmp_path / "prices.csv"
    path.write_bytes(data)
    with pytest.raises(BadHistory, match=says) as raised:
        read_recording(path)
    assert str(path) in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_missing_file_a_folder_and_a_wrong_name(tmp_path):
    with pytest.raises(BadHistory, match="no file"):
        read_recording(tmp_path / "none.csv")
    with pytest.raises(BadHistory, match="is a folder"):
        read_recording(tmp_path)
    path = tmp_path / "x.parquet"
    path.write_text("time,price\n1,2\n")
    with pytest.raises(BadHistory, match="no Parquet file"):
        read_recording(path)


def test_a_symbol_for_a_file_without_symbols(tmp_path):
    with pytest.raises(BadHistory, match="no column symbol"):
        read_recording(csv_file(tmp_path, "time,price\n1,5\n"), "aapl")
