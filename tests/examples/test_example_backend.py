"""The example backend as somebody else has it: its wheel beside ordermode's, and its own tests."""

import shutil
import socket
import subprocess
from pathlib import Path

from tests.examples.conftest import ROOT, run

EXAMPLE = ROOT / "examples" / "example_backend"
PYTEST = ("-m", "pytest", "-q", "-W", "error", "-p", "no:asyncio", "-p", "no:pytest-qt")

FOUND = """
import sys
from importlib.metadata import entry_points
import ems, ordermode_pier
assert "venv" in ems.__file__, ems.__file__
assert "venv" in ordermode_pier.__file__
print(sorted(entry.name for entry in entry_points(group="ordermode.brokers")))
"""


def test_its_wheel_keeps_the_rules_of_an_orders_life(wheels_python: Path, tmp_path: Path) -> None:
    assert "'pier'" in run(wheels_python, "-c", FOUND, cwd=tmp_path).stdout
    shutil.copytree(EXAMPLE / "tests", tmp_path / "tests")
    done = run(wheels_python, *PYTEST, "tests", cwd=tmp_path)
    assert "all 20 rules that were tried hold" in done.stdout
    assert " skipped" not in done.stdout


def test_the_exchange_runs_and_the_program_finds_its_market(
    wheels_python: Path, tmp_path: Path
) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    (tmp_path / "config.toml").write_text(
        f'[brokers.pier]\nport = {port}\n[risk.accounts.pier]\ncollar_from = "any"\n'
    )
    exchange = subprocess.Popen(
        [wheels_python, "-m", "ordermode_pier.exchange", "--port", str(port)], cwd=tmp_path
    )
    try:
        run(wheels_python, "-c", TRADES, cwd=tmp_path)
    finally:
        exchange.terminate()
        exchange.wait(10)


TRADES = """
import asyncio
from datetime import timedelta
from pathlib import Path
import ordermode

async def main():
    async with ordermode.connect(config=Path("config.toml"), state_dir=Path("state")) as client:
        for _ in range(100):  # until the exchange listens
            try:
                tea = await client.market("tea.pier")
                break
            except ordermode.EmsError:
                await asyncio.sleep(0.1)
        bars = await client.bars(tea, timedelta(minutes=1), count=10)
        assert len(bars) == 10
        price = await client.next_price(tea)
        client.arm("pier")
        order = client.buy(tea, price + 0.5, 2, account="pier")
        done = await client.until(order, "closed")
        assert done.filled == 2, done

asyncio.run(main())
"""
