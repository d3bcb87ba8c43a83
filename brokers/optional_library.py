"""Libraries that come with an extra: who lacks one is told what to install."""

import importlib.util
import sys

from ems.errors import MissingLibrary


def require(library: str, extra: str, needed_by: str) -> None:
    """See that a library can be imported, without importing it.

    Parameters
    ----------
    library : str
        Its name as in ``import``.
    extra : str
        The extra of ``ordermode`` that brings it.
    needed_by : str
        What does not work without it; the sentence begins so.

    Raises
    ------
    MissingLibrary
        If it is not installed; the text says what to install.
    """
    if library in sys.modules or importlib.util.find_spec(library) is not None:
        return
    raise MissingLibrary(
        f"{needed_by} needs the library {library}, which is not installed; "
        f"install it with: pip install 'ordermode[{extra}]'"
    )
