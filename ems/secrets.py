"""API keys: from the environment, a file of one's own, or the keyring of the operating system.

In this order, and the first that has any wins:

1. ``ORDERMODE_<BROKER>_API_KEY`` and ``ORDERMODE_<BROKER>_API_SECRET``;
2. ``keys/<broker>.toml`` in the config folder, with ``api_key`` and ``api_secret``, which nobody
   but its owner may read or write (mode 0600): refused otherwise;
3. the keyring, where ``ordermode keys set <broker>`` puts them.
"""

import os
import re
import stat
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Literal, TypeAlias

import platformdirs

from ems.errors import EmsError

Source: TypeAlias = Literal["environment", "file", "keyring"]

_NAMES: Final = ("api_key", "api_secret")
_BROKER: Final = re.compile(r"[a-z][a-z0-9_-]*")
_VARIABLE: Final = re.compile(r"ORDERMODE_([A-Z0-9_]+)_API_(?:KEY|SECRET)")
_SHORTEST: Final = 8
"""A shorter text is no key of any venue, and would blot out half of every log."""
_known: Final[set[str]] = set()


class SecretsError(EmsError):
    """API keys cannot be had or kept; the text never says what they are."""


class ApiKeys:
    """A key and its secret, which no text made of this object shows.

    Attributes
    ----------
    key, secret : str
        For the request that needs them, and nothing else.
    source
        Where they come from.
    """

    __slots__ = ("key", "secret", "source")

    def __init__(self, key: str, secret: str, source: Source) -> None:
        self.key: Final = key
        self.secret: Final = secret
        self.source: Final[Source] = source
        hide(key, secret)

    def __repr__(self) -> str:
        return f"ApiKeys(source={self.source!r})"

    def __reduce__(self) -> tuple[object, ...]:
        raise TypeError("API keys are not to be written anywhere")


def hide(*secrets: str) -> None:
    """Take these out of every text from now on: see `redact`."""
    _known.update(text for text in secrets if len(text) >= _SHORTEST)


def redact(text: str) -> str:
    """Return the text with every key and secret that was read taken out: for logs and reports."""
    # the longest first: one may begin as another does, and the rest of it must not stay
    for secret in sorted(_known, key=len, reverse=True):
        if secret in text:
            text = text.replace(secret, "[secret]")
    return text


class Secrets:
    """Finds, keeps and removes API keys.

    Parameters
    ----------
    folder
        Where the files are; None = ``keys`` in the user's config folder.
    environ
        The environment.
    """

    def __init__(self, folder: Path | None = None, environ: Mapping[str, str] = os.environ) -> None:
        self.folder: Final = folder or Path(platformdirs.user_config_dir("ordermode")) / "keys"
        self._environ = environ

    def read(self, broker: str, *, in_keyring: bool = True) -> ApiKeys | None:
        """Return the broker's keys; None if there are none anywhere.

        Parameters
        ----------
        in_keyring
            False: do not look there, as that may ask the user to unlock it.

        Raises
        ------
        SecretsError
            If there is one half without the other, or a file that others may read.
        """
        _check(broker)
        found = self._of_environment(broker) or self._of_file(broker)
        return found or (self._of_keyring(broker) if in_keyring else None)

    def keep(self, broker: str, key: str, secret: str) -> None:
        """Put keys into the keyring; raises `SecretsError` if there is none."""
        _check(broker)
        if not (key and secret):
            raise SecretsError(f"nothing was kept for {broker}: a key and a secret are needed")
        for name, value in zip(_NAMES, (key, secret), strict=True):
            _keyring(broker, "set_password", name, value)

    def remove(self, broker: str) -> bool:
        """Take keys out of the keyring; return False if there were none."""
        _check(broker)
        found = [name for name in _NAMES if _keyring(broker, "get_password", name)]
        for name in found:
            _keyring(broker, "delete_password", name)
        return bool(found)

    def named(self) -> set[str]:
        """Return the brokers that the environment or a file has keys for."""
        matches = (_VARIABLE.fullmatch(name) for name in self._environ)
        names = {match[1].lower() for match in matches if match}
        if self.folder.is_dir():
            names |= {file.stem for file in self.folder.glob("*.toml")}
        return names

    def _of_environment(self, broker: str) -> ApiKeys | None:
        prefix = f"ORDERMODE_{broker.upper().replace('-', '_')}_"
        names = [prefix + name.upper() for name in _NAMES]
        key, secret = (self._environ.get(name, "").strip() for name in names)
        if bool(key) != bool(secret):
            missing = names[1] if key else names[0]
            raise SecretsError(f"{missing} is not set, and its other half is; set both or none")
        return ApiKeys(key, secret, "environment") if key else None

    def _of_file(self, broker: str) -> ApiKeys | None:
        file = self.folder / f"{broker}.toml"
        try:
            with file.open("rb") as opened:
                _check_mode(file, os.fstat(opened.fileno()))
                table = tomllib.load(opened)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise SecretsError(f"the keys in {file} cannot be read: {error.strerror}") from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError):  # whose text quotes the file
            raise SecretsError(f"{file} is not TOML") from None
        values = [table.get(name) for name in _NAMES]
        key, secret = (value if isinstance(value, str) else "" for value in values)
        if not (key and secret):
            raise SecretsError(f'{file} must hold api_key = "..." and api_secret = "..."')
        return ApiKeys(key, secret, "file")

    def _of_keyring(self, broker: str) -> ApiKeys | None:
        try:
            key, secret = (_keyring(broker, "get_password", name) for name in _NAMES)
        except SecretsError:
            return None  # there is no keyring: nothing can be in it
        return ApiKeys(key, secret, "keyring") if key and secret else None


def _check(broker: str) -> None:
    if not _BROKER.fullmatch(broker):
        raise SecretsError(f"{broker!r} is not the name of a broker; write it as in kraken")


def _check_mode(file: Path, found: os.stat_result) -> None:
    if sys.platform == "win32":
        return  # its folder is the user's own; there are no such bits
    mode = stat.S_IMODE(found.st_mode)
    if mode & 0o077:
        raise SecretsError(
            f"others may read {file} (mode {mode:04o}): `chmod 600 {file}`, and change the keys "
            "if anybody else has used this machine"
        )
    if found.st_uid != os.getuid():
        raise SecretsError(f"{file} belongs to another user; make one of your own")


def _keyring(
    broker: str,
    call: Literal["get_password", "set_password", "delete_password"],
    *arguments: str,
) -> str | None:
    import keyring  # slow to import, and most starts need no keys
    from keyring.errors import KeyringError

    try:
        answer: str | None = getattr(keyring, call)(f"ordermode.{broker}", *arguments)
    except KeyringError as error:
        raise SecretsError(
            f"the keyring of this system cannot be used ({type(error).__name__}); set "
            f"ORDERMODE_{broker.upper()}_API_KEY and ORDERMODE_{broker.upper()}_API_SECRET, or "
            f"write keys/{broker}.toml in the config folder, mode 0600"
        ) from None
    return answer
