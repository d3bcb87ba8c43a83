"""`ordermode.connect`: the user's EMS from a script, with no Qt and no surprises."""

import subprocess
import sys
from pathlib import Path

import pytest

import ordermode
from ems.errors import EmsError, JournalLocked

SCRIPT = """
import asyncio, sys
from pathlib import Path
import ordermode

async def main() -> None:
    async with ordermode.connect(state_dir=Path(sys.argv[1]), config=Path(sys.argv[2])) as client:
        market = await client.market("aapl.demo.replay")
        async for tick in client.ticks(market):
            if isinstance(tick, ordermode.Trade):
                break
        order = client.buy(market, tick.price + 1, 3)
        done = await client.until(order, "closed")
        print(client.position(market), done.filled, len(await client.fills(market)))

asyncio.run(main())
print([name for name in sys.modules if name.startswith(("PyQt6", "pyqtgraph", "qasync"))])
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "config.toml"
    file.write_text("[brokers.replay]\nspeed = 1000\n")
    return file


def test_a_script_trades_without_qt(tmp_path: Path, config: Path) -> None:
    command = [sys.executable, "-W", "error", "-c", SCRIPT, tmp_path / "state", config]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split("\n")[:2] == ["3 3 1", "[]"]


async def test_it_can_be_awaited_closed_and_opened_again(tmp_path: Path, config: Path) -> None:
    own = ordermode.connect(state_dir=tmp_path, config=config)
    client = await own
    market = await client.market("aapl.demo.replay")
    alert = client.alert(market, 1.0, "never")
    await client.until(alert, "dark_open")
    second = await own
    assert alert.oid in second.orders
    await own.aclose()
    await own.aclose()
    again = await own
    assert alert.oid in again.orders
    await own.aclose()


async def test_a_second_one_is_told_how_to_share(tmp_path: Path, config: Path) -> None:
    async with ordermode.connect(state_dir=tmp_path, config=config):
        other = ordermode.connect(state_dir=tmp_path, config=config)
        with pytest.raises(JournalLocked, match="ordermode chart --run FILE"):
            await other
        await other.aclose()


async def test_a_wrong_config_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_text("[nonsense]\n")
    own = ordermode.connect(state_dir=tmp_path, config=tmp_path / "bad.toml")
    with pytest.raises(EmsError, match="nonsense"):
        await own
    await own.aclose()


def test_run_gives_a_sentence_for_what_the_user_can_mend(tmp_path: Path, config: Path) -> None:
    async def main(client: ordermode.TradingClient) -> None:
        await client.market("no.such.replay")

    with pytest.raises(SystemExit, match=r"^ordermode: the replay has no market"):
        ordermode.run(main, config=config, state_dir=tmp_path)


def test_options_win_over_the_config(tmp_path: Path, config: Path) -> None:
    import asyncio

    async def accounts() -> tuple[str, ...]:
        options = {"paper": {"accounts": ["paper.mine"]}}
        async with ordermode.connect(state_dir=tmp_path, config=config, options=options) as client:
            return client.accounts

    assert asyncio.run(accounts()) == ("paper.mine",)


def test_every_public_name_is_there_and_importing_it_imports_no_qt() -> None:
    for name in ordermode.__all__:
        assert getattr(ordermode, name) is not None
    with pytest.raises(AttributeError, match="has no attribute 'nonsense'"):
        ordermode.nonsense
    code = (
        "import ordermode, sys; ordermode.connect, ordermode.TradingClient, ordermode.run;"
        "assert not any(n.startswith(('PyQt6', 'pyqtgraph')) for n in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
