"""The API key: where it comes from, and the signature made with it. It is never shown."""

import base64
import binascii
import hashlib
import hmac
import os
import stat
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from brokers.kraken.options import KrakenOptions, wrong_option
from brokers.kraken.pairs import BROKER
from ems.secrets import Secrets, hide

_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


class Credentials:
    """An API key and its secret, kept out of every text that is made of this object.

    Raises
    ------
    EmsError
        If the secret is not the base64 text that Kraken gives out.
    """

    __slots__ = ("_secret", "key")

    def __init__(self, key: str, secret: str) -> None:
        hide(key, secret)
        self.key = key
        try:
            self._secret = base64.b64decode(secret, validate=True)
        except binascii.Error:
            raise wrong_option(
                "the API secret is not base64; copy it whole, as Kraken showed it"
            ) from None

    def __repr__(self) -> str:
        return "Credentials(hidden)"

    def sign(self, path: str, nonce: str, body: bytes) -> str:
        """Return ``API-Sign``: HMAC-SHA512 over the path and SHA256(nonce + body)."""
        digest = hashlib.sha256(nonce.encode() + body).digest()
        return base64.b64encode(
            hmac.digest(self._secret, path.encode() + digest, hashlib.sha512)
        ).decode()


def load_credentials(
    options: KrakenOptions,
    environ: Mapping[str, str] = os.environ,
    *,
    secrets: Secrets | None = None,
    in_keyring: bool = False,
) -> Credentials | None:
    """Return the key that the options point to, else the one that `Secrets` finds; None if none.

    Parameters
    ----------
    secrets
        None = those of the user.
    in_keyring
        Look in the keyring of the system too, which may ask the user to unlock it.

    Raises
    ------
    EmsError
        If they point to one that is not there, or that others can read.
    """
    if options.key_file is not None:
        if options.api_key_env or options.api_secret_env:
            raise wrong_option("give either key_file or api_key_env and api_secret_env, not both")
        return Credentials(*_read_file(Path(options.key_file).expanduser()))
    if options.api_key_env is None and options.api_secret_env is None:
        secrets = secrets or Secrets(environ=environ)
        found = secrets.read(BROKER, in_keyring=in_keyring)
        return None if found is None else Credentials(found.key, found.secret)
    if options.api_key_env is None or options.api_secret_env is None:
        raise wrong_option("api_key_env and api_secret_env belong together; give both")
    return Credentials(
        _from_environment(options.api_key_env, environ),
        _from_environment(options.api_secret_env, environ),
    )


def _from_environment(name: str, environ: Mapping[str, str]) -> str:
    value = environ.get(name, "").strip()
    if not value:
        raise wrong_option(f"the environment variable {name} is not set; set it, or use key_file")
    return value


def _read_file(file: Path) -> tuple[str, str]:
    try:
        mode = file.stat().st_mode
        if os.name == "posix" and mode & _OTHERS:
            raise wrong_option(
                f"key_file {file} can be read by others (mode {stat.S_IMODE(mode):04o}); "
                f"run: chmod 600 {file}"
            )
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise wrong_option(f"key_file {file} cannot be read: {why}") from None
    key, secret = _parse(text)
    if not (key and secret):
        raise wrong_option(
            f"key_file {file} must hold two lines, the API key and the secret, "
            'or TOML: api_key = "..." and api_secret = "..."'
        )
    return key, secret


def _parse(text: str) -> tuple[str, str]:
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        return (lines[0], lines[1]) if len(lines) == 2 else ("", "")
    key, secret = table.get("api_key"), table.get("api_secret")
    return (key, secret) if isinstance(key, str) and isinstance(secret, str) else ("", "")
