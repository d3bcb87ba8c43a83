import subprocess
import sys

import numpy as np

from brokers.replay.demo_market import EndlessBars, demo_bars, demo_market


def test_the_recorded_minutes_without_the_unfinished_last_one():
    bars = demo_bars()
    assert len(bars) == 1595
    assert not (bars["volume"] == 0).any()
    assert (np.diff(bars["time"]) > 0).all()
    assert (bars["low"] <= np.minimum(bars["open"], bars["close"])).all()


def test_only_the_data_of_the_package_that_has_them_is_read():
    looked = "'mintalib.core' in sys.modules"  # slow to import, and not needed
    program = f"import sys, brokers.replay.demo_market as m; m.demo_bars(); sys.exit({looked})"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_rounds_follow_each_other_without_a_jump_in_price_or_a_step_back_in_time():
    recorded = demo_bars()
    count = len(recorded)
    bars = EndlessBars(recorded).bars(0, 5 * count)
    assert (np.diff(bars["time"]) > 0).all()
    for border in range(count, 5 * count, count):
        assert abs(bars["open"][border] - bars["close"][border - 1]) < 0.011
        shift = bars["time"][border] - bars["time"][border - count]
        assert shift % (7 * 86_400_000_000_000) == 0
    assert bars["high"].max() < recorded["high"].max() * 1.1  # however often it plays
    assert (bars["low"] <= np.minimum(bars["open"], bars["close"])).all()
    assert (bars["high"] >= np.maximum(bars["open"], bars["close"])).all()
    np.testing.assert_allclose(bars["close"] * 100, np.rint(bars["close"] * 100), atol=1e-9)


def test_any_part_of_the_endless_bars_is_that_part_and_is_found_by_its_time():
    bars = EndlessBars(demo_bars())
    every = bars.bars(0, 4000)
    assert bars.bars(1500, 3300).tobytes() == every[1500:3300].tobytes()
    for number in (0, 1, 1594, 1595, 1596, 3189, 3190, 3999):
        assert bars.find(int(every["time"][number])) == number
        assert bars.find(int(every["time"][number]) + 1) == number + 1
    assert bars.find(0) == 0


def test_two_days_are_history_and_the_market_says_what_it_is():
    assert EndlessBars(demo_bars()).history_count() == 780
    market = demo_market(7)
    assert market.badge == "REPLAY"
    assert market.source.startswith("DEMO: recorded AAPL minute bars (mintalib, MIT)")
