"""The loop with virtual time ends whatever happens."""

import asyncio

import pytest
from kumeo_runtime.testing.virtual_loop import Wedged, run_virtual


def test_loop_with_nothing_to_wait_for_is_wedged() -> None:
    async def main() -> None:
        await asyncio.get_running_loop().create_future()

    with pytest.raises(Wedged, match="nothing happens"):
        run_virtual(main())


def test_loop_with_timers_for_ever_is_wedged_after_its_real_time() -> None:
    async def main() -> None:
        while True:
            await asyncio.sleep(1.0)

    with pytest.raises(Wedged, match="no end in sight"):
        run_virtual(main(), real_s=0.2)


def test_loop_with_a_callback_that_never_returns_is_wedged_after_its_real_time() -> None:
    def spin() -> None:
        while True:
            pass

    async def main() -> None:
        asyncio.get_running_loop().call_soon(spin)
        await asyncio.sleep(1e9)

    with pytest.raises(Wedged, match="no end in sight"):
        run_virtual(main(), real_s=0.2)


def test_loop_with_a_task_that_swallows_the_limit_is_wedged_all_the_same() -> None:
    async def stubborn() -> None:
        while True:
            try:
                await asyncio.sleep(0.001)
            except Exception:
                continue

    with pytest.raises(Wedged, match="no end in sight"):
        run_virtual(stubborn(), real_s=0.2)
