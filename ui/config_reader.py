"""Reads the config file: a `Config`, or one sentence that says what is wrong in it and where."""

import tomllib
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import platformdirs

from order_mode.keymap import BadKeymap, Keymap, parse_keymap
from ui.config import AccountSizing, ChartConfig, Config, FunctionConfig, NotifyConfig
from ui.config_faults import ConfigError, explain
from ui.line_choices import LineChoices
from ui.order_choices import OrderChoices
from ui.safety_config import SafetyTables

_StructT = TypeVar("_StructT", bound=msgspec.Struct)


def default_config_file() -> Path:
    """Return where the config is if the command line names none."""
    return Path(platformdirs.user_config_dir("ordermode")) / "config.toml"


def read_config(file: Path | None = None) -> Config:
    """Return the settings in ``file``, or in the default file, which may be missing.

    Raises
    ------
    ConfigError
        If the file cannot be read, or says something that means nothing.
    """
    if file is None:
        file = default_config_file()
        if not file.exists():
            return Config()
    reader = _Reader(file)
    return reader.config(reader.text())


def config_of(text: str, file: Path) -> Config:
    """Return the settings in a text that is, or is to be, in ``file``; raises `ConfigError`."""
    return _Reader(file).config(text)


class _Reader:
    """Turns one file into a `Config`, and each mistake in it into one sentence."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def config(self, text: str) -> Config:
        top = self._toml(text)
        allowed = Config.__struct_fields__
        safety = SafetyTables(self._error)
        for key in top:
            if key not in allowed:
                raise self._error(f"[{key}] is unknown; allowed are {', '.join(allowed)}")
        return Config(
            brokers={
                name: self._table(options, f"brokers.{name}")
                for name, options in self._table(top.get("brokers", {}), "brokers").items()
            },
            accounts={
                name: self._struct(sizing, f"accounts.{name}", AccountSizing)
                for name, sizing in self._table(top.get("accounts", {}), "accounts").items()
            },
            risk=safety.risk(top.get("risk", {})),
            arming=safety.arming(top.get("arming", {})),
            cancel_on_disconnect=safety.disconnect(top.get("cancel_on_disconnect", {})),
            keys=self._keymap(self._table(top.get("keys", {}), "keys")),
            chart=self._struct(top.get("chart", {}), "chart", ChartConfig),
            notify=self._struct(top.get("notify", {}), "notify", NotifyConfig),
            lines=self._struct(top.get("lines", {}), "lines", LineChoices),
            indicators={
                name: self._function(value, f"indicators.{name}")
                for name, value in self._table(top.get("indicators", {}), "indicators").items()
            },
            orders=self._struct(top.get("orders", {}), "orders", OrderChoices),
        )

    def text(self) -> str:
        try:
            return self._file.read_text(encoding="utf-8")
        except OSError as error:
            raise self._error(f"cannot be read: {error.strerror}") from error
        except UnicodeDecodeError as error:
            raise self._error(f"is not UTF-8 text: byte {error.start} is wrong") from error

    def _toml(self, text: str) -> dict[str, Any]:
        try:
            return tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise self._error(f"is not TOML: {error}") from error

    def _table(self, value: object, path: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise self._error(f"{path} is {value!r}, and must be a table: write [{path}]")
        return value

    def _keymap(self, table: dict[str, Any]) -> Keymap:
        try:
            return parse_keymap(table)
        except BadKeymap as error:
            raise self._error(f"[keys]: {error}") from error

    def _function(self, value: object, path: str) -> FunctionConfig:
        table = {"function": value} if isinstance(value, str) else value
        return self._struct(table, path, FunctionConfig)

    def _struct(self, value: object, path: str, kind: type[_StructT]) -> _StructT:
        table = self._table(value, path)
        try:
            return msgspec.convert(table, kind)
        except msgspec.ValidationError as error:
            raise self._error(explain(str(error), table, path, kind)) from error

    def _error(self, text: str) -> ConfigError:
        return ConfigError(f"config file {self._file}: {text}")
