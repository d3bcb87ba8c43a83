"""The wrapper between the library's client and the rest: answers, refusals, faults."""

import asyncio

import pytest
from ib_async import Contract

from brokers.ib.listeners import Listeners
from brokers.ib.wire import Refused, Wire


class Deaf:
    """Hears everything, and fails at positions."""

    def on_position(self, *_: object) -> None:
        raise ArithmeticError("a position that cannot be")

    def on_data_error(self, *_: object) -> bool:
        return False

    def on_order_error(self, *_: object) -> bool:
        return False


@pytest.fixture
def wire() -> Wire:
    deaf = Deaf()
    return Wire(Listeners(deaf, deaf, deaf, deaf, deaf), lambda *_: None)  # type: ignore[arg-type]


async def test_a_fault_is_shown_and_the_wire_goes_on(wire: Wire) -> None:
    shown = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: shown.append(context))
    wire.position("DU1", Contract(), 1.0, 2.0)
    [fault] = shown
    assert isinstance(fault["exception"], ArithmeticError)
    asking = asyncio.create_task(wire.ask("time", lambda: None, 5))
    await asyncio.sleep(0)
    wire.currentTime(1)
    assert await asking == []


async def test_an_error_ends_its_request_alone(wire: Wire) -> None:
    first = asyncio.create_task(wire.ask(1, lambda: None, 5))
    second = asyncio.create_task(wire.ask(2, lambda: None, 5))
    await asyncio.sleep(0)
    wire.error(1, 200, "No security definition has been found for the request")
    with pytest.raises(Refused, match="IB 200"):
        await first
    wire.contractDetailsEnd(2)
    assert await second == []


async def test_two_questions_with_one_answer_are_a_mistake(wire: Wire) -> None:
    asking = asyncio.create_task(wire.ask("time", lambda: None, 5))
    await asyncio.sleep(0)
    with pytest.raises(RuntimeError, match="two requests at once"):
        await wire.ask("time", lambda: None, 5)
    wire.give_up("gone")
    with pytest.raises(ConnectionError, match="gone"):
        await asking


async def test_what_was_not_sent_is_not_waited_for(wire: Wire) -> None:
    def broken() -> None:
        raise ConnectionError("Not connected")

    with pytest.raises(ConnectionError):
        await wire.ask("time", broken, 5)
    with pytest.raises(TimeoutError):
        await wire.ask("time", lambda: None, 0.01)
