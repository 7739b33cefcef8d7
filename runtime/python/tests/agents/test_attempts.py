"""Attempts, time limits and the journal, as every awaited agent has them."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest
from kumeo_runtime.agents import AwaitedAgent, Policy
from kumeo_runtime.testing.calls import LeaseError, MemoryCall
from kumeo_runtime.values import Failure, Fault


class Scripted(AwaitedAgent[str]):
    """Answers with what its script says: a text, a Fault, or a pause in seconds."""

    def __init__(self, *script: Any, **options: Any) -> None:
        super().__init__(site="s", result=str, **options)
        self.script = list(script)
        self.calls = 0

    async def work(self, act: Any, path: Any, inputs: Mapping[str, Any]) -> str:
        self.calls += 1
        step = self.script.pop(0)
        if isinstance(step, Exception):
            raise step
        if isinstance(step, float):
            await asyncio.sleep(step)
            return "late"
        return step


def call(agent: Scripted, act: MemoryCall, **inputs: Any) -> Any:
    return asyncio.run(agent(act, **inputs))


DOWN = Fault("attempt-failed", "down")
FAILED = Failure("attempt-failed", "down", "s")


def test_first_answer_is_the_result_and_is_kept() -> None:
    agent, act = Scripted("yes"), MemoryCall()
    assert [call(agent, act), call(agent, act)] == ["yes", "yes"]
    assert (agent.calls, agent.counters.replayed) == (1, 1)


def test_each_iteration_path_has_its_own_answer() -> None:
    agent, act = Scripted("a", "b"), MemoryCall()
    found = [asyncio.run(agent(act, path=(i,))) for i in (0, 1, 0)]
    assert found == ["a", "b", "a"]


def test_attempts_are_made_until_one_answers() -> None:
    agent, act = Scripted(DOWN, DOWN, "yes", policy=Policy(attempts=4)), MemoryCall()
    assert call(agent, act) == "yes"
    assert sorted(number for _, _, number in act.journal.entries) == [0, 1, 2]


def test_last_failure_is_the_result_and_is_kept() -> None:
    agent = Scripted(DOWN, Fault("invalid-answer", "odd"), policy=Policy(attempts=2))
    act = MemoryCall()
    assert call(agent, act) == call(agent, act) == Failure("invalid-answer", "odd", "s")
    assert agent.calls == 2


def test_failed_attempts_of_an_earlier_delivery_are_not_made_again() -> None:
    agent, act = Scripted("yes", policy=Policy(attempts=3)), MemoryCall()
    asyncio.run(act.journal.record("s", (), FAILED, str, attempt=1))
    assert call(agent, act) == "yes"
    assert (agent.calls, agent.counters.attempts) == (1, 1)


def test_attempt_that_takes_too_long_is_a_timeout() -> None:
    agent = Scripted(5.0, policy=Policy(timeout_s=0.02))
    assert call(agent, MemoryCall()) == Failure(
        "timeout", "there was no answer within 0.02 seconds", "s"
    )


def test_timeout_counts_each_attempt() -> None:
    agent = Scripted(5.0, "yes", policy=Policy(timeout_s=0.02, attempts=2))
    assert call(agent, MemoryCall()) == "yes"


@pytest.mark.parametrize("acts", [True, False])
def test_failed_input_cancels_without_a_call(acts: bool) -> None:
    agent, act, failure = Scripted(acts=acts), MemoryCall(), Failure("x", "y")
    assert call(agent, act, a=1, b=failure) is failure
    assert act.observed == ([failure] if acts else [])
    assert (agent.calls, agent.counters.cancelled) == (0, 1)


def test_lost_lease_stops_before_the_call() -> None:
    agent, act = Scripted("yes"), MemoryCall()
    act.lost_after = 0
    with pytest.raises(LeaseError):
        call(agent, act)
    assert agent.calls == 0
    assert act.journal.entries == {}


def test_pure_work_is_not_kept() -> None:
    agent, act = Scripted(DOWN, "a", "b", policy=Policy(attempts=2)), MemoryCall()
    agent.journaled = False
    assert [call(agent, act), call(agent, act)] == ["a", "b"]
    assert act.journal.entries == {}


@pytest.mark.parametrize(
    ("backoff", "expected"),
    [("none", [0.0, 0.0, 0.0]), ("fixed", [2.0, 2.0, 2.0]), ("exponential", [2.0, 4.0, 300.0])],
)
def test_pause_follows_the_policy(backoff: Any, expected: list[float]) -> None:
    policy = Policy(backoff=backoff, delay_s=2.0)
    assert [policy.pause(number) for number in (1, 2, 50)] == expected
