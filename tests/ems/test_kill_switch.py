"""The kill switch: what it ends, what it says it could not, and that it stays."""

import stat
import time
from pathlib import Path

from ems.kill_file import KillFile, KillRecord
from ems.kill_switch import PATIENCE_NS
from ems.messages import KillState
from tests.ems.conftest import Watcher, notices, open_bench
from tests.ems.test_risk import Clock, change, clock, hold, refused

__all__ = ["clock"]  # a fixture


def kill_file(folder: Path) -> KillFile:
    return KillFile(folder / "journal.db")


def states(watcher: Watcher) -> list[KillState]:
    watcher.read()
    return [msg for msg in watcher.heard if isinstance(msg, KillState)]


async def test_it_cancels_live_ends_dark_and_leaves_alerts(bench):
    live = bench.working("buy", "90", "1")
    dark = bench.submit("sell", "110", "1", exec_mode="dark")
    alert = bench.submit("alert", "120")
    bench.ems.kill("window")
    assert [cancel.oid for cancel in bench.venue.cancels] == [live.oid]
    assert bench.watcher.resps(dark.oid)[-1] == "canceled"
    assert [e.event for e in bench.ems.journal.history(dark.oid)] == ["HOLD", "CANCEL"]
    bench.feed.trade(115)
    bench.feed.trade(121)
    assert bench.venue.orders[1:] == []
    assert bench.watcher.resps(alert.oid)[-1] == "triggered"
    bench.venue.status("canceled")
    bench.ems.kill_switch.look()
    assert states(bench.watcher)[-1] == KillState(
        on=True, time_ns=states(bench.watcher)[0].time_ns, by="window", done=True
    )
    assert notices(bench)[-1] == "The kill switch is on, and no order works or waits here."


async def test_an_order_without_its_ack_is_cancelled_when_the_ack_comes(bench):
    order = bench.submit("buy", "90", "1")
    bench.ems.kill()
    assert bench.venue.cancels == []
    bench.venue.ack(order.oid, 7)
    assert [cancel.reqid for cancel in bench.venue.cancels] == [7]


async def test_new_risk_is_refused_on_every_path_and_a_way_out_is_not(bench):
    order = bench.working("buy", "90", "1")
    hold(bench, "5")
    bench.ems.kill()
    for mode in ("live", "dark"):
        assert "kill switch" in refused(bench, bench.submit("buy", "91", "1", exec_mode=mode))
        assert "kill switch" in refused(bench, bench.submit("sell", "91", "6", exec_mode=mode))
    bench.venue.refuse("too late", reqid=1, request="cancel")
    bench.venue.status("open")
    change(bench, order, price="92")
    assert bench.venue.changes == []
    assert not refused(bench, bench.submit("sell", "91", "5"))


async def test_it_says_what_it_could_not_cancel_and_tries_again(tmp_path, clock: Clock):
    async with open_bench(tmp_path, clock=clock) as bench:
        order = bench.working("buy", "90", "1")
        bench.venue.refuses_to_send = True
        bench.ems.kill("window")
        (left,) = states(bench.watcher)[-1].left
        assert left.startswith(f"buy 1 at 90 in {order.symbol} (scripted): Not sent")
        assert "could not cancel: buy 1 at 90" in notices(bench)[-1]
        assert kill_file(tmp_path).read().left == (left,)
        told = len(notices(bench))
        bench.ems.kill_switch.look()
        assert len(notices(bench)) == told, "the same is not told twice"
        bench.venue.refuses_to_send = False
        clock.now_ns += PATIENCE_NS
        bench.ems.kill_switch.look()
        assert [cancel.oid for cancel in bench.venue.cancels] == [order.oid]
        bench.venue.status("canceled")
        bench.ems.kill_switch.look()
        assert states(bench.watcher)[-1].left == ()


async def test_silence_is_told_after_a_while(tmp_path, clock: Clock):
    async with open_bench(tmp_path, clock=clock) as bench:
        bench.working("buy", "90", "1")
        bench.ems.kill()
        assert states(bench.watcher)[-1].left == ()
        assert not states(bench.watcher)[-1].done
        clock.now_ns += PATIENCE_NS
        bench.ems.kill_switch.look()
        assert "scripted has not answered" in states(bench.watcher)[-1].left[0]


async def test_a_clock_that_is_set_back_delays_no_cancel(tmp_path, clock: Clock):
    async with open_bench(tmp_path, clock=clock) as bench:
        order = bench.working("buy", "90", "1")
        bench.venue.refuses_to_send = True
        bench.ems.kill()
        bench.venue.refuses_to_send = False
        clock.now_ns -= 3600 * 1_000_000_000
        bench.ems.kill_switch.look()
        clock.now_ns += PATIENCE_NS
        bench.ems.kill_switch.look()
        assert [cancel.oid for cancel in bench.venue.cancels] == [order.oid]


async def test_it_stays_over_a_restart_until_released(tmp_path):
    async with open_bench(tmp_path) as bench:
        dark = bench.submit("buy", "90", "1", exec_mode="dark")
        bench.ems.kill()
    mode = stat.S_IMODE(kill_file(tmp_path).path.stat().st_mode)
    assert mode == 0o600
    async with open_bench(tmp_path) as bench:
        assert [state.on for state in states(bench.watcher)] == [True]
        assert bench.watcher.statuses(dark.oid) == []
        assert refused(bench, bench.submit("buy", "90", "1"))
        bench.ems.release()
        assert not refused(bench, bench.submit("buy", "90", "1"))
        assert states(bench.watcher)[-1].on is False
    async with open_bench(tmp_path) as bench:
        assert not refused(bench, bench.submit("buy", "91", "1"))


async def test_a_kill_that_a_crash_cut_short_goes_on_at_the_next_start(tmp_path):
    async with open_bench(tmp_path) as bench:
        dark = bench.submit("buy", "90", "1", exec_mode="dark")
    kill_file(tmp_path).write(KillRecord(time_ns=1, by="window", taken_ns=time.time_ns()))
    async with open_bench(tmp_path) as bench:
        assert bench.ems.journal.dialog(dark.oid).active is False
        assert states(bench.watcher)[-1].done


async def test_a_way_out_that_was_taken_since_is_there_after_a_restart(tmp_path):
    async with open_bench(tmp_path) as bench:
        hold(bench, "5")
        bench.ems.kill()
        dark = bench.submit("sell", "110", "5", exec_mode="dark")
        assert bench.watcher.last(dark.oid).resp == "dark_open"
    async with open_bench(tmp_path) as bench:
        assert bench.ems.kill_switch.on
        assert bench.watcher.last(dark.oid).resp == "dark_open"


async def test_a_terminal_moves_it_through_the_file(bench, tmp_path):
    order = bench.working("buy", "90", "1")
    file = kill_file(tmp_path)
    file.write(KillRecord(time_ns=bench.ems.kill_switch._clock(), by="terminal"))
    bench.ems.kill_switch.look()
    assert [cancel.oid for cancel in bench.venue.cancels] == [order.oid]
    assert file.read().taken_ns is not None
    file.remove()
    bench.ems.kill_switch.look()
    assert not refused(bench, bench.submit("buy", "91", "1"))
    assert states(bench.watcher)[-1].on is False


async def test_a_file_that_cannot_be_read_means_on(bench, tmp_path):
    kill_file(tmp_path).path.write_bytes(b"\xff{")
    bench.ems.kill_switch.look()
    assert bench.ems.kill_switch.on
    told = len(notices(bench))
    bench.ems.kill_switch.look()
    assert len(notices(bench)) == told


async def test_a_folder_that_cannot_be_written_still_kills(bench, tmp_path, monkeypatch):
    order = bench.working("buy", "90", "1")

    def refuse(self: KillFile, record: KillRecord) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(KillFile, "write", refuse)
    bench.ems.kill()
    assert [cancel.oid for cancel in bench.venue.cancels] == [order.oid]
    assert any("would not be on after a restart" in text for text in notices(bench))
    bench.ems.kill_switch.look()
    assert bench.ems.kill_switch.on, "no file was ever there: that is no release"


async def test_the_watch_runs_by_itself(bench, tmp_path):
    import asyncio

    kill_file(tmp_path).write(KillRecord(time_ns=1, by="terminal"))
    async with asyncio.timeout(10):
        while not bench.ems.kill_switch.on:
            await asyncio.sleep(0.01)
