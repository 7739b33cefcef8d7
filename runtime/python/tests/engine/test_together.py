"""Calls that run at the same time."""

import asyncio
from typing import Any

import pytest
from kumeo_runtime.activation import LeaseLost
from kumeo_runtime.flow import together
from kumeo_runtime.values import Failure


class Meeting:
    """Two calls that can only end when both have begun."""

    def __init__(self) -> None:
        self.begun = 0
        self.both = asyncio.Event()

    async def call(self, result: Any) -> Any:
        self.begun += 1
        if self.begun == 2:
            self.both.set()
        await asyncio.wait_for(self.both.wait(), 5)
        return result


def test_together_two_calls_overlap() -> None:
    async def main() -> tuple[Any, Any]:
        meeting = Meeting()
        return await together(meeting.call(1), meeting.call(2))

    assert asyncio.run(main()) == (1, 2)


def test_together_failure_is_a_result() -> None:
    failure = Failure("attempt-failed", "no")

    async def main() -> tuple[Any, Any]:
        meeting = Meeting()
        return await together(meeting.call(failure), meeting.call("fine"))

    assert asyncio.run(main()) == (failure, "fine")


async def _lost() -> int:
    raise LeaseLost("a1")


class Endless:
    """A call that never ends by itself."""

    was_cancelled = False

    async def call(self) -> int:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.was_cancelled = True
            raise
        return 0


def test_together_lost_lease_cancels_the_others() -> None:
    endless = Endless()

    async def main() -> None:
        await together(endless.call(), _lost())

    with pytest.raises(LeaseLost):
        asyncio.run(main())
    assert endless.was_cancelled


def test_together_cancelled_handler_cancels_all_calls() -> None:
    endless = Endless()

    async def main() -> None:
        running = asyncio.ensure_future(together(endless.call(), endless.call()))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        running.cancel()
        await asyncio.wait([running])
        assert running.cancelled()

    asyncio.run(main())
    assert endless.was_cancelled
