"""A library that is imported when it is first used, and not at start-up by those who never do."""

import importlib.util
import sys
from types import ModuleType

from brokers.optional_library import require


def lazy_import(name: str, extra: str, needed_by: str) -> ModuleType:
    """Return a module that loads itself at the first use of anything in it.

    The parameters are those of `brokers.optional_library.require`.

    Raises
    ------
    MissingLibrary
        At once, if it is not installed.
    """
    if name in sys.modules:
        return sys.modules[name]
    require(name, extra, needed_by)
    spec = importlib.util.find_spec(name)
    assert spec is not None
    assert spec.loader is not None
    loader = importlib.util.LazyLoader(spec.loader)
    spec.loader = loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    loader.exec_module(module)
    return module
