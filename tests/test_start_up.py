"""What a start imports: nothing that only another backend or a file needs."""

import subprocess
import sys

import pytest

_HEAVY = ("aiohttp", "ib_async", "pyarrow", "pandas", "numba", "rich", "desktop_notifier")


@pytest.mark.parametrize("module", ["ui.program", "brokers.paper", "brokers.replay",
                                    "brokers.kraken", "brokers.ib"])  # fmt: skip
def test_no_heavy_import_before_it_is_needed(module: str) -> None:
    code = (
        f"import sys, {module};"
        "loaded = [n for n in sys.argv[1:]"
        " if n in sys.modules and type(sys.modules[n]).__name__ != '_LazyModule'];"
        "sys.exit(', '.join(loaded) or 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *_HEAVY], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
