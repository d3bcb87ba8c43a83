"""Debian's names for the packages of shared libraries.

Run as a program it reads names of libraries and prints packages: ``scripts/system_packages.sh``
asks it so.
"""

import re
import sys
from collections.abc import Iterable

_GLIB = re.compile(r"lib(glib|gthread)-2\.0\.so\.0")
_SONAME = re.compile(r"(?P<name>.+)\.so\.(?P<version>[0-9]+)")


def packages_of(libraries: Iterable[str]) -> list[str]:
    """Return the packages that hold these libraries, each once, sorted.

    Debian names a package after the soname: libX11.so.6 is in libx11-6, libEGL.so.1 in libegl1.
    """
    return sorted({_package_of(library.strip().lower()) for library in libraries})


def _package_of(library: str) -> str:
    if _GLIB.fullmatch(library):
        return "libglib2.0-0"
    match = _SONAME.fullmatch(library)
    if match is None:
        return library
    name, version = match["name"], match["version"]
    return f"{name}-{version}" if name[-1].isdigit() else f"{name}{version}"


if __name__ == "__main__":
    sys.stdout.writelines(f"{package}\n" for package in packages_of(sys.stdin))
