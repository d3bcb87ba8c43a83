"""The key: where it may come from, and that it is never shown."""

import base64
from pathlib import Path

import pytest

from brokers.kraken.backend import open_backend
from brokers.kraken.credentials import Credentials, load_credentials
from brokers.kraken.options import KrakenOptions
from ems.errors import EmsError
from ems.secrets import Secrets, redact
from tests.ems.test_secrets import ring

__all__ = ["ring"]  # a fixture

SECRET = base64.b64encode(b"sixty-four bytes that nobody sees").decode()


def key_file(folder: Path, text: str, mode: int = 0o600) -> str:
    file = folder / "kraken.key"
    file.write_text(text)
    file.chmod(mode)
    return str(file)


def test_the_signature_is_krakens():
    # The example in Kraken's own guide, "Spot REST authentication".
    secret = (
        "kQH5HW/8p1uGOVjbgWA7FunAmGO8lsSUXNsu3eow76sz84Q18fWxnyRzBHCd3pd5nE9qa99HAZtuZuj6F1huXg=="
    )
    body = b"nonce=1616492376594&ordertype=limit&pair=XBTUSD&price=37500&type=buy&volume=1.25"
    signature = Credentials("key", secret).sign("/0/private/AddOrder", "1616492376594", body)
    assert signature == (
        "4/dpxb3iT4tp/ZCVEwSnEsLxx0bqyhLpdfOpc6fn7OR8+UClSV5n9E6aSS8MPtnRfp32bAb0nmbRn6H8ndwLUQ=="
    )


@pytest.mark.parametrize(
    "text", [f"the-key\n{SECRET}\n", f'api_key = "the-key"\napi_secret = "{SECRET}"\n']
)
def test_a_private_file(tmp_path, text):
    found = load_credentials(KrakenOptions(key_file=key_file(tmp_path, text)))
    assert found is not None
    assert found.key == "the-key"


def test_the_environment():
    options = KrakenOptions(api_key_env="K", api_secret_env="S")
    found = load_credentials(options, {"K": "the-key", "S": SECRET})
    assert found is not None
    assert found.key == "the-key"


def test_the_programs_own_places_are_looked_in(tmp_path, ring):
    named = {"ORDERMODE_KRAKEN_API_KEY": "the-key", "ORDERMODE_KRAKEN_API_SECRET": SECRET}
    assert load_credentials(KrakenOptions(), named).key == "the-key"
    secrets = Secrets(tmp_path, {})
    secrets.keep("kraken", "kept-key", SECRET)
    assert load_credentials(KrakenOptions(), {}, secrets=secrets) is None
    found = load_credentials(KrakenOptions(), {}, secrets=secrets, in_keyring=True)
    assert found.key == "kept-key"
    assert redact(f"sent with kept-key and {SECRET}") == "sent with [secret] and [secret]"


def test_the_keyring_is_asked_by_who_has_a_table_and_does_not_say_no(tmp_path, ring, monkeypatch):
    for name in ("ORDERMODE_KRAKEN_API_KEY", "ORDERMODE_KRAKEN_API_SECRET"):
        monkeypatch.delenv(name, raising=False)
    Secrets(tmp_path, {}).keep("kraken", "kept-key", SECRET)
    for options, has_account in (
        ({}, False),
        ({"keyring": True}, True),
        ({"keyring": False}, False),
    ):
        backend = open_backend(options, tmp_path)
        assert (backend.broker is not None) is has_account, options


def test_no_key_means_no_account(tmp_path):
    backend = open_backend({}, tmp_path)
    assert backend.broker is None
    assert backend.feed is not None


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660])
def test_a_file_that_others_can_read_is_refused(tmp_path, mode):
    options = {"key_file": key_file(tmp_path, f"the-key\n{SECRET}\n", mode)}
    with pytest.raises(EmsError, match="chmod 600"):
        open_backend(options, tmp_path)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"api_key": "the-key"}, "does not belong in the config"),
        ({"api_secret": SECRET}, "does not belong in the config"),
        ({"api_key_env": "K"}, "belong together"),
        ({"api_key_env": "NOT_SET_K", "api_secret_env": "NOT_SET_S"}, "NOT_SET_K is not set"),
        ({"key_file": "/nowhere/kraken.key"}, "cannot be read"),
        ({"key_file": "x", "api_key_env": "K"}, "not both"),
        ({"rest_url": "ftp://x"}, "rest_url must begin with"),
        ({"ws_public_url": "http://x"}, "ws_public_url must begin with"),
        ({"colour": "blue"}, "colour"),
        ({"cancel_all_after_s": 60}, "has a table of its own"),
    ],
)
def test_wrong_options_are_named(tmp_path, options, words):
    with pytest.raises(EmsError, match=words) as caught:
        open_backend(options, tmp_path)
    assert "the-key" not in str(caught.value)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("text", ["", "only-one-line\n", "a\nb\nc\n", "k\nnot base64!\n"])
def test_a_file_that_holds_no_key(tmp_path, text):
    with pytest.raises(EmsError) as caught:
        open_backend({"key_file": key_file(tmp_path, text)}, tmp_path)
    assert "not base64!" not in str(caught.value)


def test_the_key_is_in_no_repr():
    credentials = Credentials("the-key", SECRET)
    assert "the-key" not in f"{credentials!r} {credentials}"
    assert not hasattr(credentials, "__dict__")
