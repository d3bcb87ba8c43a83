"""One backend in several tables of the config, each under a name of its own."""

from collections.abc import Callable, Mapping
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest

from ems.errors import EmsError
from ems.ports import Backend
from ui import backends
from ui.backends import open_backends
from ui.config import Config
from ui.config_reader import config_of
from ui.doctor.backends import check_backends
from ui.state_folder import Paths


class Desk:
    """As much of a broker as is looked at."""

    def __init__(self, name: str, accounts: Mapping[str, str]) -> None:
        self.name = name
        self.venue_accounts = {f"{name}.{ours}": theirs for ours, theirs in accounts.items()}
        self.accounts = tuple(self.venue_accounts)


def open_many(options: Mapping[str, Any], state_dir: Path, name: str = "venue") -> Backend:
    (state_dir / "seen").write_text(name)
    return Backend(name=name, broker=Desk(name, options.get("accounts", {})))  # type: ignore[arg-type]


def open_one(options: Mapping[str, Any], state_dir: Path) -> Backend:
    return Backend(name="single")


@pytest.fixture
def open_them(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., dict[str, Backend]]:
    entries = [
        EntryPoint("venue", f"{__name__}:open_many", backends.GROUP),
        EntryPoint("single", f"{__name__}:open_one", backends.GROUP),
    ]
    monkeypatch.setattr(backends, "entry_points", lambda group: entries)

    def opened(**brokers: dict[str, Any]) -> dict[str, Backend]:
        return open_backends(Config(brokers=brokers), Paths(tmp_path), {})

    return opened


def test_each_table_is_a_backend_with_a_name_and_a_folder_of_its_own(open_them, tmp_path) -> None:
    first = {"accounts": {"main": "1"}}
    second = {"kind": "venue", "accounts": {"main": "2"}}
    opened = open_them(venue=first, venue2=second)
    assert sorted(opened) == ["single", "venue", "venue2"]
    assert opened["venue2"].broker.accounts == ("venue2.main",)
    for name in ("venue", "venue2"):
        assert (tmp_path / "brokers" / name / "seen").read_text() == name


def test_a_kind_may_be_the_table_s_own_name(open_them) -> None:
    assert open_them(venue={"kind": "venue"})["venue"].name == "venue"


@pytest.mark.parametrize(
    ("brokers", "words"),
    [
        ({"venue2": {}}, 'add kind = "..."'),
        ({"venue2": {"kind": "nobody"}}, "of the kind 'nobody'"),
        ({"venue2": {"kind": 7}}, "of the kind 7"),
        ({"single": {"kind": "venue"}}, "single is a backend itself"),
        ({"single2": {"kind": "single"}}, "there can be one single only"),
        ({"Venue.2": {"kind": "venue"}}, "begins with a letter"),
        (
            {
                "venue": {"accounts": {"main": "U1"}},
                "venue2": {"kind": "venue", "accounts": {"ira": "U1"}},
            },
            "venue.main and venue2.ira are one account, U1",
        ),
    ],
)
def test_what_is_wrong_is_named(open_them, brokers: dict[str, Any], words: str) -> None:
    with pytest.raises(EmsError) as error:
        open_them(**brokers)
    assert words in str(error.value)


@pytest.mark.parametrize(
    ("brokers", "words"),
    [
        ({"venue2": {"kind": "nobody"}}, "of the kind 'nobody'"),
        ({"single2": {"kind": "single"}}, "there can be one single only"),
        (
            {
                "venue": {"accounts": {"main": "U1"}},
                "venue2": {"kind": "venue", "accounts": {"main": "U1"}},
            },
            "are one account, U1",
        ),
    ],
)
def test_the_doctor_finds_it_too(open_them, brokers: dict[str, Any], words: str) -> None:
    found = list(check_backends(Config(brokers=brokers), connect=False))
    [failed] = [finding for finding in found if finding.level == "fail"]
    assert words in failed.text
    assert failed.mend


def test_the_doctor_looks_at_each(open_them) -> None:
    brokers = {"venue2": {"kind": "venue", "accounts": {"main": "U2"}}}
    found = {f.subject: f.text for f in check_backends(Config(brokers=brokers), connect=False)}
    assert found["venue"] == "no account"
    assert found["venue2"] == "accounts: venue2.main"


def test_two_gateways_of_ib_in_one_config_file(tmp_path: Path) -> None:
    text = """
    [brokers.ib]
    port = 4001
    accounts = { main = "U1" }
    [brokers.ib2]
    kind = "ib"
    port = 4002
    accounts = { main = "DU2" }
    [risk.accounts."ib2.main"]
    largest_order_units = 5
    [arming.accounts."ib2.main"]
    mode = "confirm"
    """
    config = config_of(text, tmp_path / "config.toml")
    opened = open_backends(config, Paths(tmp_path), {})
    accounts = [opened[name].broker.accounts for name in ("ib", "ib2")]
    assert accounts == [("ib.main",), ("ib2.main",)]
    assert [opened[name].feed.name for name in ("ib", "ib2")] == ["ib", "ib2"]
    with pytest.raises(EmsError, match=r"\[brokers.ib2\]: .*prot"):
        open_backends(
            config_of(text.replace("4002", "4002\nprot = 1"), tmp_path), Paths(tmp_path), {}
        )
