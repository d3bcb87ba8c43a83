"""The options of this backend, as they stand in the config under ``[brokers.kraken]``."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from ems.errors import EmsError

_SECRETS: Final = ("api_key", "api_secret", "key", "secret")
_URL_OPTIONS: Final = {
    "rest_url": ("http://", "https://"),
    "ws_public_url": ("ws://", "wss://"),
    "ws_private_url": ("ws://", "wss://"),
}


class KrakenOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How Kraken is reached, and with what key. Without a key there are market data only."""

    key_file: str | None = None
    """A file that only its owner can read: the API key on one line and the secret on the next,
    or TOML with ``api_key`` and ``api_secret``."""
    api_key_env: str | None = None
    """Name of the environment variable that holds the API key."""
    api_secret_env: str | None = None
    """Name of the environment variable that holds the secret."""
    keyring: bool = True
    """Look for the key in the keyring of the system too, if no other place has it. It is not asked
    by who has no table of Kraken in the config, or an empty one."""
    balances_in: str = "USD"
    """A balance is shown as a position in the market against this currency."""
    rest_url: str = "https://api.kraken.com"
    ws_public_url: str = "wss://ws.kraken.com/v2"
    ws_private_url: str = "wss://ws-auth.kraken.com/v2"


def read_options(options: Mapping[str, Any]) -> KrakenOptions:
    """Return the options typed and checked.

    Raises
    ------
    EmsError
        If one is unknown or wrong; the text names it, and never says what it was set to.
    """
    for name in _SECRETS:
        if name in options:
            raise wrong_option(
                f"{name} does not belong in the config, which others may read; "
                "use key_file, or api_key_env and api_secret_env"
            )
    if "cancel_all_after_s" in options:
        raise wrong_option(
            "cancel_all_after_s has a table of its own now: write "
            '[cancel_on_disconnect] with "kraken.spot" = and the seconds'
        )
    try:
        read = msgspec.convert(dict(options), KrakenOptions)
    except msgspec.ValidationError as error:
        known = ", ".join(KrakenOptions.__struct_fields__)
        raise wrong_option(f"{error}; known are {known}") from error
    for name, schemes in _URL_OPTIONS.items():
        if not getattr(read, name).startswith(schemes):
            raise wrong_option(f"{name} must begin with {' or '.join(schemes)}")
    return read


def wrong_option(what: str) -> EmsError:
    """Return the error that says what is wrong in the config."""
    return EmsError(f"in the config, [brokers.kraken]: {what}")
