"""What all tests share: no display, Hypothesis profiles, nightly tests apart, real data."""

import os

# Before anything imports Qt. The end-to-end tests give their program a display of its own.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
# No test shows notifications on the desktop of whoever runs it.
os.environ["DBUS_SESSION_BUS_ADDRESS"] = "unix:path=/nonexistent"
# No test reads the keys of whoever runs it.
os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"
os.environ.pop("ORDERMODE_KRAKEN_API_KEY", None)
os.environ.pop("ORDERMODE_KRAKEN_API_SECRET", None)

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

_REPOSITORY = Path(__file__).resolve().parents[1]
_DATA_VARIABLE = "ORDERMODE_TEST_DATA"

# A shared machine is slow at times, which says nothing about the code: no deadline, no health
# check of speed. CI draws the same examples each time, so that its verdict is about the commit.
settings.register_profile(
    "default",
    deadline=None,
    max_examples=60,
    print_blob=True,
    derandomize="CI" in os.environ,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile(
    "nightly",
    deadline=None,
    max_examples=3000,
    stateful_step_count=200,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is marked `nightly`, unless the command line says what to select."""
    if config.option.markexpr:
        return
    nightly = [item for item in items if item.get_closest_marker("nightly")]
    if nightly:
        config.hook.pytest_deselected(items=nightly)
        items[:] = [item for item in items if item not in nightly]


@pytest.fixture(scope="session")
def market_data() -> Path:
    """Return the folder of recorded market data, or skip where there is none."""
    named = os.environ.get(_DATA_VARIABLE)
    folder = Path(named) if named else _REPOSITORY.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"no recorded market data at {folder}; {_DATA_VARIABLE} can name its folder")
    return folder
