"""API keys: where they come from, what is refused, and that no text shows them."""

import pickle
import traceback
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends.fail import Keyring as NoKeyring

from ems.secrets import ApiKeys, Secrets, SecretsError, hide, redact

KEY, SECRET = "key-5f0c9d", "c2VjcmV0LTc3YWExZQ=="


class MemoryKeyring(KeyringBackend):
    """A keyring that forgets."""

    priority = 1  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


@pytest.fixture
def ring():
    before = keyring.get_keyring()
    made = MemoryKeyring()
    keyring.set_keyring(made)
    yield made
    keyring.set_keyring(before)


def key_file(folder: Path, text: str, mode: int = 0o600) -> Path:
    file = folder / "kraken.toml"
    file.write_text(text)
    file.chmod(mode)
    return file


WHOLE = f'api_key = "{KEY}"\napi_secret = "{SECRET}"\n'


def test_the_keyring_keeps_and_forgets(ring, tmp_path):
    secrets = Secrets(tmp_path, {})
    assert secrets.read("kraken") is None
    secrets.keep("kraken", KEY, SECRET)
    found = secrets.read("kraken")
    assert (found.key, found.secret, found.source) == (KEY, SECRET, "keyring")
    assert secrets.read("ib") is None
    assert secrets.remove("kraken")
    assert not secrets.remove("kraken")
    assert secrets.read("kraken") is None


def test_environment_before_file_before_keyring(ring, tmp_path):
    Secrets(tmp_path, {}).keep("kraken", "ring-key", "ring-secret")
    key_file(tmp_path, WHOLE)
    assert Secrets(tmp_path, {}).read("kraken").source == "file"
    environ = {"ORDERMODE_KRAKEN_API_KEY": KEY, "ORDERMODE_KRAKEN_API_SECRET": SECRET}
    assert Secrets(tmp_path, environ).read("kraken").source == "environment"
    assert Secrets(tmp_path, environ).named() == {"kraken"}


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_a_file_that_others_may_read_is_refused(tmp_path, mode):
    key_file(tmp_path, WHOLE, mode)
    with pytest.raises(SecretsError, match="chmod 600") as caught:
        Secrets(tmp_path, {}).read("kraken")
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("text", [f"{SECRET}\n{KEY}", f'api_secret = "{SECRET}"', f"= {SECRET}"])
def test_a_file_that_is_wrong_is_refused_without_quoting_it(tmp_path, text):
    key_file(tmp_path, text)
    with pytest.raises(SecretsError) as caught:
        Secrets(tmp_path, {}).read("kraken")
    assert SECRET not in "".join(traceback.format_exception(caught.value))


def test_half_of_a_pair_is_refused(tmp_path):
    with pytest.raises(SecretsError, match="ORDERMODE_KRAKEN_API_SECRET is not set"):
        Secrets(tmp_path, {"ORDERMODE_KRAKEN_API_KEY": KEY}).read("kraken")


def test_without_a_keyring_the_way_out_is_named(tmp_path):
    before = keyring.get_keyring()
    keyring.set_keyring(NoKeyring())
    try:
        with pytest.raises(SecretsError, match="ORDERMODE_KRAKEN_API_KEY"):
            Secrets(tmp_path, {}).keep("kraken", KEY, SECRET)
        assert Secrets(tmp_path, {}).read("kraken") is None
    finally:
        keyring.set_keyring(before)


def test_a_name_cannot_lead_out_of_the_folder(tmp_path):
    with pytest.raises(SecretsError, match="not the name of a broker"):
        Secrets(tmp_path, {}).read("../kraken")


def test_no_text_made_of_keys_shows_them():
    keys = ApiKeys(KEY, SECRET, "file")
    for text in (repr(keys), str(keys), f"{keys}", "%s" % keys):  # noqa: UP031
        assert KEY not in text
        assert SECRET not in text
    with pytest.raises(TypeError):
        pickle.dumps(keys)
    assert redact(f"header {KEY}, body {SECRET}!") == "header [secret], body [secret]!"


def test_of_two_secrets_that_begin_alike_nothing_stays():
    hide("begins-alike", "begins-alike-and-goes-on", "begins-alike-and-goes-on-and-on")
    text = redact("a begins-alike-and-goes-on-and-on b begins-alike c begins-alike-and-goes-on d")
    assert text == "a [secret] b [secret] c [secret] d"
