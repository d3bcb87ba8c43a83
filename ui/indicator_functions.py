"""The user's own indicators: functions that the config names, imported."""

import importlib
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ui.chart.function_formula import FunctionFormula, function_formula
from ui.config import FunctionConfig


def indicator_functions(
    named: Mapping[str, FunctionConfig], folder: Path
) -> tuple[list[FunctionFormula], list[str]]:
    """Return the indicators, and a sentence for each that is none.

    Parameters
    ----------
    named : mapping
        From the config, by the name of the indicator.
    folder : Path
        Modules are looked for here first: the folder of the config file.
    """
    made: list[FunctionFormula] = []
    troubles: list[str] = []
    for name, config in named.items():
        try:
            function = _imported(config.function, folder)
            made.append(function_formula(function, name, pane=config.pane))
        except ValueError as error:
            troubles.append(f"[indicators] of the config: {error}")
    return made, troubles


def _imported(function: str, folder: Path) -> Callable[..., Any]:
    module_name, _, name = function.partition(":")
    sys.path.insert(0, str(folder))
    try:
        found: Callable[..., Any] = getattr(importlib.import_module(module_name), name)
    except Exception as error:
        raise ValueError(
            f"{function} cannot be imported: {type(error).__name__}: {error}"
        ) from error
    finally:
        sys.path.remove(str(folder))
    return found
