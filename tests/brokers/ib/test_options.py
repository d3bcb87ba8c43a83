import subprocess
import sys

import pytest

from brokers.ib import open_backend
from brokers.ib.options import read_options
from ems.errors import EmsError


def test_without_a_table_there_is_nothing_and_nothing_is_loaded(tmp_path) -> None:
    code = (
        "import sys, pathlib; from brokers.ib import open_backend;"
        f"backend = open_backend({{}}, pathlib.Path({str(tmp_path)!r}));"
        "assert (backend.name, backend.feed, backend.broker) == ('ib', None, None);"
        "assert 'ib_async' not in sys.modules and 'eventkit' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_accounts_have_our_names(tmp_path) -> None:
    backend = open_backend({"accounts": {"main": "DU1", "ira": "U2"}}, tmp_path)
    assert backend.broker is not None
    assert backend.broker.accounts == ("ib.main", "ib.ira")


def test_prices_that_are_not_live_are_named(tmp_path) -> None:
    assert read_options({"market_data_type": "delayed"}).data_type_number == 3


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"prot": 7497}, "prot"),
        ({"port": 0}, "port"),
        ({"client_id": -1}, "client_id"),
        ({"host": " "}, "host is empty"),
        ({"accounts": {"Main": "DU1"}}, "'Main'"),
        ({"accounts": {"main": ""}}, "no IB account"),
        ({"accounts": {"a": "DU1", "b": "DU1"}}, "same IB account"),
        ({"market_data_type": "fast"}, "market_data_type"),
        ({"time_in_force": "day"}, "time_in_force is said with each order"),
    ],
)
def test_what_is_wrong_is_named(options, words) -> None:
    with pytest.raises(EmsError, match=r"\[brokers.ib\]") as error:
        read_options(options)
    assert words in str(error.value)
