"""A gateway that takes the connection and then says nothing: the window is there all the same."""

import socket
from collections.abc import Iterator
from contextlib import AsyncExitStack
from functools import partial

import pytest

from brokers.ib.timing import Timing
from ems.messages import Connection
from tests.gui.conftest import TIMEOUT_MS
from ui.app import DEMO_MARKET
from ui.config import Config
from ui.faults import Faults
from ui.program import open_program
from ui.session import Session
from ui.state_folder import open_paths

FOR_EVER_S = 600.0


@pytest.fixture
def silent_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:  # nobody accepts: that is silence
        yield server.getsockname()[1]


def test_it_holds_up_no_window(loop, qtbot, tmp_path, monkeypatch, silent_port):
    patient = partial(Timing, start_s=FOR_EVER_S, connect_s=FOR_EVER_S)
    monkeypatch.setattr("brokers.ib.backend.Timing", patient)
    gateway = {"port": silent_port, "client_id": 7, "accounts": {"main": "DU123456"}}
    session = Session(
        config=Config(brokers={"ib": gateway}), paths=open_paths(tmp_path), fqsn=DEMO_MARKET
    )

    def run(work):
        task = loop.loop.create_task(work)
        qtbot.waitUntil(task.done, timeout=TIMEOUT_MS * 3)
        return task.result()

    stack = AsyncExitStack()
    program = run(stack.enter_async_context(open_program(session, Faults())))
    assert program.window.isVisible()
    assert "ib.main" in program.ems.accounts
    heard = program.ems.connect()._unread
    spoke = [message.broker for message in heard if isinstance(message, Connection)]
    assert "paper" in spoke
    assert "ib" not in spoke
    run(stack.aclose())
