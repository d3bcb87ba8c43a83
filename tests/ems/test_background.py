"""A task behind the scenes that fails is told; one that is at work ends with what it is for."""

import asyncio
import logging
from contextlib import AsyncExitStack

from ems.background import in_background


async def test_what_fails_is_told_and_logged_whole(caplog):
    told: list[str] = []

    async def fails() -> None:
        raise ValueError("no such beat")

    with caplog.at_level(logging.ERROR):
        async with AsyncExitStack() as stack:
            task = in_background(stack, fails(), "pulse", told.append)
            await asyncio.wait({task})
    (text,) = told
    assert "pulse" in text
    assert "no such beat" in text
    assert "Traceback" in caplog.text


async def test_what_is_still_at_work_is_ended_and_nothing_is_told():
    told: list[str] = []
    async with AsyncExitStack() as stack:
        task = in_background(stack, asyncio.Event().wait(), "pulse", told.append)  # type: ignore[arg-type]
        await asyncio.sleep(0)
    assert task.cancelled()
    assert told == []
