"""The config file: what it may say, and the one sentence for each thing that it may not."""

from decimal import Decimal
from pathlib import Path

import pytest

from ems.errors import EmsError
from order_mode.sizing import Sizing
from ui.config import AccountSizing, Config
from ui.config_faults import ConfigError
from ui.config_reader import default_config_file, read_config

WHOLE = """
[brokers.paper]
fee_rate = 0.0005
[brokers.ib]
host = "127.0.0.1"
[accounts.paper]
limit = 0.3
unit = "money"
slots = 8
[accounts."ib.main"]
limit = 200
[risk]
daily_loss = 300
[risk.accounts."ib.main"]
largest_order_units = 5
collar_percent = "off"
[risk.accounts."ib.main".markets."mes.cme.ib"]
largest_order_units = 2
[keys]
buy = "b"
[chart]
period = "5m"
market = "aapl.demo.replay"
"""


@pytest.fixture
def write(tmp_path):
    def write_config(text: str | bytes) -> Path:
        file = tmp_path / "config.toml"
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return file

    return write_config


def error_in(file: Path) -> str:
    with pytest.raises(ConfigError) as caught:
        read_config(file)
    text = str(caught.value)
    assert text.startswith(f"config file {file}: ")
    assert "\n" not in text
    return text.removeprefix(f"config file {file}: ")


def test_every_setting_arrives_typed_and_exact(write):
    config = read_config(write(WHOLE))
    assert config.brokers == {"paper": {"fee_rate": 0.0005}, "ib": {"host": "127.0.0.1"}}
    assert config.accounts["paper"] == AccountSizing(limit=Decimal("0.3"), unit="money", slots=8)
    assert config.accounts["ib.main"] == AccountSizing(limit=Decimal(200))
    assert config.accounts["paper"].sizing == Sizing(Decimal("0.3"), "money", 8)
    assert config.risk.of_account("paper").daily_loss == 300
    assert config.risk.of_account("ib.main").largest_order_units == 5
    assert config.risk.of_account("ib.main").collar_percent is None
    assert config.risk.of_market("ib.main", "mes.cme.ib").largest_order_units == 2
    assert config.keys.keys_of("buy") == ("b",)
    assert config.keys.keys_of("sell") == ("d",)
    assert config.chart.period == "5m"
    assert config.chart.market == "aapl.demo.replay"


def test_no_file_at_the_default_place_means_defaults(monkeypatch, tmp_path):
    monkeypatch.setattr("ui.config_reader.default_config_file", lambda: tmp_path / "none.toml")
    assert read_config() == Config()


def test_the_default_file_is_the_users_own():
    assert default_config_file().parts[-2:] == ("ordermode", "config.toml")


def test_a_file_that_was_named_must_exist(tmp_path):
    assert error_in(tmp_path / "none.toml") == "cannot be read: No such file or directory"


def test_a_config_error_is_one_for_the_user():
    assert issubclass(ConfigError, EmsError)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[chart]\nperiod = \n", "is not TOML: Invalid value (at line 2, column 10)"),
        (b"# \xff", "is not UTF-8 text: byte 2 is wrong"),
        (
            "[colours]\n",
            "[colours] is unknown; "
            "allowed are brokers, accounts, risk, arming, cancel_on_disconnect, keys, chart, "
            "notify, lines, indicators, orders",
        ),
        ("brokers = 3", "brokers is 3, and must be a table: write [brokers]"),
        ("[brokers]\nib = 1", "brokers.ib is 1, and must be a table: write [brokers.ib]"),
        (
            "[accounts]\npaper = []",
            "accounts.paper is [], and must be a table: write [accounts.paper]",
        ),
        ("chart = 'x'", "chart is 'x', and must be a table: write [chart]"),
        ("[chart]\ncolour = 1", "chart.colour is unknown; allowed are period, market, timezone"),
        ("[notify]\nfills = 'no'", "notify.fills is 'no', and must be true or false"),
        (
            "[orders]\ntif = 'gtd'",
            'orders.tif is \'gtd\': allowed are "day", "gtc" and "ioc"',
        ),
        (
            "[lines]\nlabels = ['price', 'acount']",
            "lines.labels[1] is 'acount': allowed are "
            '"account", "after", "distance", "mode", "notional", "price", "profit" and "type"',
        ),
        (
            "[lines]\nlabels = 'price'",
            "lines.labels is 'price', and must be a list in square brackets",
        ),
        (
            "[[orders.brackets]]\nname = 'x'\nstop = '1 %'\nstop_type = 'market'",
            "orders.brackets[0].stop_type is 'market': allowed are "
            '"stop", "stop_limit" and "trailing_stop"',
        ),
        ("[chart]\nperiod = 5", "chart.period is 5, and must be text in quotes"),
        (
            "[chart]\nperiod = '5 minutes'",
            "chart: '5 minutes' is not a period; write a whole number and s, m, h, d, w, "
            "M (month) or t (ticks), as in 30s, 5m, 1d, 1M, 100t",
        ),
        (
            "[chart]\nmarket = 'AAPL'",
            "chart: 'AAPL' is not the name of a market; write <symbol>.<venue>[.<expiry>].<broker> "
            "in lower case, as in aapl.demo.replay",
        ),
        (
            "[accounts.'ib.main']\nsize = 1",
            "accounts.ib.main.size is unknown; "
            "allowed are limit, unit, slots, risk, risk_unit, equity",
        ),
        (
            "[accounts.paper]\nlimit = 'many'",
            "accounts.paper.limit is 'many', and must be a number",
        ),
        (
            "[accounts.paper]\nlimit = -1",
            "accounts.paper: limit is -1, and must be a number above zero",
        ),
        (
            "[accounts.paper]\nlimit = nan",
            "accounts.paper: limit is NaN, and must be a number above zero",
        ),
        (
            "[accounts.paper]\nunit = 'lots'",
            'accounts.paper.unit is \'lots\': allowed are "money" and "units"',
        ),
        (
            "[accounts.paper]\nslots = 0",
            "accounts.paper.slots is 0, and must be a whole number, 1 or more",
        ),
        (
            "[accounts.paper]\nslots = 101",
            "accounts.paper.slots is 101, and must be a whole number, 100 or less",
        ),
        (
            "[accounts.paper]\nslots = 2.5",
            "accounts.paper.slots is 2.5, and must be a whole number",
        ),
        (
            "[keys]\nbuy = 7",
            '[keys]: "buy" is 7; write a key like "f", or a list of keys',
        ),
        (
            "[keys]\nbuy = 'd'",
            '[keys]: "buy" and "sell" both have the key "d"; give one of them another',
        ),
        (
            "[risk]\nlargest = 1",
            "risk.largest is unknown; allowed are largest_order_units, largest_order_money, "
            "largest_position_units, largest_position_money, collar_percent, collar_ticks, "
            "quote_age_s, collar_from, duplicate_s, requests_per_second, working_orders, "
            "daily_loss, ask_order_units, ask_order_money, ask_position_units, "
            'ask_position_money, ask_collar_percent ("off" = no such limit)',
        ),
        (
            "[risk.accounts.paper]\nworking_orders = 0",
            'risk.accounts."paper".working_orders is 0, and must be a whole number, 1 or more '
            '("off" = no such limit)',
        ),
        (
            "[risk]\ndaily_loss = -5",
            'risk: daily_loss is -5, and must be a number above zero ("off" = no such limit)',
        ),
        (
            "[risk.accounts.paper.markets]\nAAPL = {working_orders = 1}",
            'risk.accounts."paper".markets."AAPL": \'AAPL\' is not the name of a market; '
            "write <symbol>.<venue>[.<expiry>].<broker> in lower case, as in aapl.demo.replay",
        ),
        (
            "[cancel_on_disconnect]\n'kraken.spot' = 5",
            'cancel_on_disconnect."kraken.spot" is 5, and must be a whole number of seconds, '
            "10 or more",
        ),
        (
            "[arming]\nmode = 'never'",
            'arming.mode is \'never\': allowed are "armed", "confirm" and "one click"',
        ),
        (
            "[arming.accounts.'ib.main']\nidle_min = 0",
            'arming.accounts."ib.main": idle_min is 0.0, and must be a number above zero',
        ),
        ("keys = 1", "keys is 1, and must be a table: write [keys]"),
    ],
)
def test_each_mistake_is_one_sentence_that_says_where_and_what_is_allowed(write, text, sentence):
    assert error_in(write(text)) == sentence


def test_orders_can_be_limit_orders_always(write):
    config = read_config(write('[orders]\ntype = "limit"\ntif = "day"\npost_only = true'))
    terms = config.orders.terms
    assert (terms.type, terms.tif, terms.post_only, terms.reduce_only) == (
        "limit",
        "day",
        True,
        False,
    )
    assert Config().orders.terms.type == "by_side"


def test_no_config_makes_a_market_order_the_standing_choice(write):
    with pytest.raises(ConfigError, match=r"orders\.type is 'market'"):
        read_config(write('[orders]\ntype = "market"'))


def test_brackets_are_the_users_own(write):
    config = read_config(
        write(
            """
            [[orders.brackets]]
            name = "mine"
            stop = "2 atr"
            targets = ["1 r x 50%", "3 r x 50%"]
            stop_type = "trailing_stop"
            held_here = true
            """
        )
    )
    [preset] = config.orders.presets
    assert (preset.name, str(preset.stop), preset.stop_type) == ("mine", "2 atr", "trailing_stop")
    assert [(str(one.distance), one.share) for one in preset.targets] == [
        ("1 r", Decimal("0.5")),
        ("3 r", Decimal("0.5")),
    ]
    assert preset.held_here
    assert Config().orders.presets[0].name == "1 % · 2R"


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ('stop = "2 lots"', "'2 lots' is no distance of an exit"),
        ('stop = "1 r"', "a stop cannot be in r"),
        ("", "has neither a stop nor a target"),
        ('targets = ["1 % x 70%", "2 % x 70%"]', "more than 100 %"),
        ('targets = ["2 r x 0%"]', "more than 0 and up to 100 %"),
        ('stop = "1 %"\nsafety_stop = "2 %"', "lies behind a stop that is held_here"),
    ],
)
def test_a_bracket_that_means_nothing_is_refused_where_it_stands(write, lines, words):
    error = error_in(write(f'[[orders.brackets]]\nname = "mine"\n{lines}'))
    assert "orders.brackets[0]" in error
    assert words in error


def test_a_risk_sizes_orders_in_money_or_per_cent_of_the_equity(write):
    config = read_config(
        write(
            """
            [accounts.paper]
            risk = 150
            [accounts."ib.main"]
            risk = 0.5
            risk_unit = "percent"
            equity = 20_000
            """
        )
    )
    assert config.accounts["paper"].sizing.risk_money == 150
    assert config.accounts["ib.main"].sizing.risk_money == 100
    assert Config().accounts == {}


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ("risk = 0", "risk is 0, and must be a number above zero"),
        ('risk = 1\nrisk_unit = "percent"', "needs the equity of the account"),
        ('risk_unit = "r"', 'allowed are "money" and "percent"'),
    ],
)
def test_a_risk_that_means_nothing_is_refused(write, lines, words):
    assert words in error_in(write(f"[accounts.paper]\n{lines}"))


def test_how_far_a_limit_that_stands_for_a_market_order_goes(write):
    text = "[orders]\nmarket_slippage_percent = 0.5"
    assert read_config(write(text)).orders.slippage == Decimal("0.005")
    with pytest.raises(ConfigError, match="from 0 up to 100"):
        read_config(write("[orders]\nmarket_slippage_percent = 100"))
