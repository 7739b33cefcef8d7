"""How many requests go to a server, and when; by a clock that only the tests move."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest
from kumeo_runtime.llm.api import ModelFault
from kumeo_runtime.llm.limiter import CLOSED_MAX_S, Limiter, duration_s, limiter_of
from kumeo_runtime.testing.fake_models import FakeModels, Fault, Reply
from kumeo_runtime.testing.questions import ask, environ_of, failed, fault_of
from kumeo_runtime.testing.virtual_loop import VirtualLoop


def played(work: Coroutine[Any, Any, Any]) -> Any:
    loop = VirtualLoop()
    try:
        return loop.run_until_complete(work)
    finally:
        loop.close()


def now() -> float:
    return asyncio.get_running_loop().time()


async def times(limiter: Limiter, count: int, seconds: float = 0.0) -> list[float]:
    """When requests that take so long begin."""
    begun: list[float] = []
    start = now()

    async def request() -> None:
        async with limiter.slot(start + 10_000):
            begun.append(now() - start)
            await asyncio.sleep(seconds)

    await asyncio.gather(*(request() for _ in range(count)))
    return begun


async def refused(limiter: Limiter, seconds: float) -> str:
    with pytest.raises(ModelFault) as caught:
        async with limiter.slot(now() + seconds):
            pass
    return caught.value.code


def test_limiter_sends_only_so_many_at_once() -> None:
    async def work() -> list[float]:
        return await times(Limiter(max_concurrent=2), 5, seconds=1.0)

    assert played(work()) == pytest.approx([0, 0, 1, 1, 2])


def test_limiter_spreads_requests_over_the_minute() -> None:
    async def work() -> list[float]:
        return await times(Limiter(requests_per_minute=30), 4)

    assert played(work()) == pytest.approx([0, 2, 4, 6])


def test_limiter_turn_after_the_deadline_is_not_waited_for() -> None:
    async def work() -> tuple[str, float]:
        limiter, start = Limiter(requests_per_minute=1), now()
        await times(limiter, 1)
        return await refused(limiter, 30), now() - start

    assert played(work()) == ("rate-limited", 0.0)


@pytest.mark.parametrize(
    ("headers", "begins"),
    [
        ({"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "1m30s"}, 90),
        ({"x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "250ms"}, 0.25),
        ({"x-ratelimit-remaining-requests": "1", "x-ratelimit-reset-requests": "1m"}, 0),
        ({"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "soon"}, 0),
        ({"x-ratelimit-remaining-requests": "0"}, 0),
        ({"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "9d"}, CLOSED_MAX_S),
    ],
)
def test_limiter_keeps_what_the_server_tells(headers: dict[str, str], begins: float) -> None:
    async def work() -> list[float]:
        limiter = Limiter()
        limiter.learn(headers)
        return await times(limiter, 1)

    assert played(work()) == pytest.approx([begins])


@pytest.mark.parametrize("text", ["", "1", "s", "1x", "-1s", "1s ", "1.2.3s", "²"])
def test_duration_of_odd_texts_is_a_number_or_none(text: str) -> None:
    assert duration_s(text) == (1.0 if text == "1" else None)


def test_limiter_of_a_server_is_shared_with_the_lowest_limits() -> None:
    async def work() -> list[float]:
        first = limiter_of("http://a", 5, None)
        assert limiter_of("http://a", 1, 60) is first
        assert limiter_of("http://b", None, None) is not first
        return await times(limiter_of("http://a", 7, None), 2, seconds=3.0)

    assert played(work()) == pytest.approx([0, 3])


def test_exchange_waits_for_the_server_that_has_no_requests_left() -> None:
    told = {"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "1h"}

    async def work(environ: dict[str, str]) -> str:
        await ask(environ)
        return (await fault_of(ask(environ))).code

    with FakeModels(Reply(text="Hi.", fault=Fault(headers=told))) as server:
        assert asyncio.run(work(environ_of(server))) == "rate-limited"
        assert len(server.requests) == 1


def test_exchange_busy_server_is_left_alone_by_all_agents() -> None:
    async def work(environ: dict[str, str]) -> list[str]:
        return [(await fault_of(ask(environ))).code for _ in range(2)]

    with FakeModels(Reply(fault=Fault(status=429, retry_after_s=100))) as server:
        assert asyncio.run(work(environ_of(server))) == ["rate-limited", "rate-limited"]
        assert len(server.requests) == 1


def test_exchange_limited_request_that_was_not_sent_costs_nothing() -> None:
    with FakeModels(Reply(fault=Fault(status=429, retry_after_s=100))) as server:
        assert not failed(server).may_cost
