"""Code in a process of its own: real processes that crash, hang, print and lie."""

import asyncio
import os
import signal
from pathlib import Path
from typing import Any

import pytest
from kumeo_runtime.agents import Policy, Resources, UserCode
from kumeo_runtime.testing.calls import MemoryCall
from kumeo_runtime.values import Duration, Failure, Int, Json, Record, Time

from .own_code import call, ended, use


class Line(Record):
    """A part of an order."""

    sku: str


class Order(Record):
    """An input with parts of many kinds."""

    lines: list[Line]
    when: Time
    lasts: Duration
    body: bytes
    none: str | None


# -- calls


@pytest.mark.parametrize(
    ("name", "result", "expected"), [("double", float, 3.0), ("later", float, 1.5)]
)
def test_isolated_function_gives_its_result(
    root: Path, name: str, result: Any, expected: Any
) -> None:
    assert call(root, name, result) == expected


def test_isolated_function_runs_elsewhere(root: Path) -> None:
    assert call(root, "pid", Int) != os.getpid()


def test_isolated_process_starts_lazily_and_stays(root: Path) -> None:
    async def steps(agent: UserCode[Any]) -> Any:
        assert agent.process is not None
        assert agent.process.pid is None
        return [await agent(MemoryCall(), amount=1.0) for _ in range(3)], agent.process.starts

    pids, starts = use(root, "pid", Int, steps)
    assert len(set(pids)) == 1
    assert starts == 1


def test_isolated_function_gets_records_with_fields(root: Path) -> None:
    order = Order(
        lines=[Line(sku="A-1")], when=Time(1_000_000), lasts=Duration(5), body=b"ab", none=None
    )
    found = call(root, "parts", Json, value=order)
    assert found == {
        "name": "Order",
        "sku": "A-1",
        "when": "1970-01-01T00:00:01Z",
        "lasts": 5e-06,
        "body": "YWI=",
        "none": None,
    }


def test_isolated_class_has_a_life(root: Path) -> None:
    async def steps(agent: UserCode[Any]) -> Any:
        return [await agent(MemoryCall(), amount=1.0) for _ in range(2)]

    assert use(root, "Counter", Int, steps) == [101, 102]
    assert (root / "stopped").read_text() == "yes"


def test_isolated_functions_that_are_no_coroutines_take_turns(root: Path) -> None:
    async def steps(agent: UserCode[Any]) -> Any:
        calls = [agent(MemoryCall(), amount=1.0) for _ in range(3)]
        return await asyncio.gather(*calls)

    assert len(set(use(root, "slow_then_pid", Int, steps))) == 1


def test_isolated_call_that_is_given_up_before_its_turn_leaves_the_others_alone(
    root: Path,
) -> None:
    async def steps(agent: UserCode[Any]) -> Any:
        await agent(MemoryCall(), amount=1.0)
        running = asyncio.ensure_future(agent(MemoryCall(), amount=1.0))
        waiting = asyncio.ensure_future(agent(MemoryCall(), amount=1.0))
        await asyncio.sleep(0.05)
        waiting.cancel()
        return await running

    assert isinstance(use(root, "slow_then_pid", Int, steps), int)


@pytest.mark.parametrize(("effects", "count"), [("pure", 0), ("read", 1), ("acts", 1)])
def test_isolated_effects_decide_what_is_kept(root: Path, effects: Any, count: int) -> None:
    act = MemoryCall()
    use(root, "double", float, lambda agent: agent(act, amount=1.0), effects=effects)
    assert len(act.journal.entries) == count


@pytest.mark.parametrize(("effects", "count"), [("pure", 0), ("read", 0), ("acts", 1)])
def test_isolated_only_code_that_acts_observes_failures(
    root: Path, effects: Any, count: int
) -> None:
    act, failure = MemoryCall(), Failure("x", "y")
    use(root, "double", float, lambda agent: agent(act, amount=failure), effects=effects)
    assert len(act.observed) == count


# -- what goes wrong


@pytest.mark.parametrize(
    ("name", "code", "message"),
    [
        ("broken", "attempt-failed", "ValueError: no 1.5 (own_rules.py, line 15, in inner)"),
        ("silent", "attempt-failed", "KeyError (own_rules.py, line 18, in silent)"),
        ("refused", "too-small", "it is too small"),
        ("gone", "attempt-failed", "the process of agent `u` ended with exit code 7"),
        ("left", "attempt-failed", "the process of agent `u` ended with exit code 3"),
        ("closed", "attempt-failed", "GeneratorExit (own_rules.py"),
        ("gives_up", "attempt-failed", "CancelledError (own_rules.py"),
        ("fallen", "attempt-failed", "the process of agent `u` was killed by SIGSEGV"),
        ("nothing", "invalid-answer", "object is no value of a workflow"),
        ("function", "invalid-answer", "function is no value of a workflow"),
        ("huge", "invalid-answer", "can't serialize ints"),
        ("big_result", "invalid-answer", "73,400,332 bytes are more than 67,108,864"),
        ("double", "invalid-answer", "agent `u`: expected text, not 3.0"),
        ("NoStart", "attempt-failed", "RuntimeError: no file"),
        ("NoAgent", "attempt-failed", "`own_rules:NoAgent` is a class, but no agent"),
        ("absent", "attempt-failed", "the code `own_rules:absent` cannot be imported"),
        (
            "wrong_module:f",
            "attempt-failed",
            "ZeroDivisionError: division by zero (wrong_module.py",
        ),
    ],
)
def test_isolated_trouble_is_a_failure(root: Path, name: str, code: str, message: str) -> None:
    found = call(root, name, str)
    assert isinstance(found, Failure)
    assert found.code == code
    assert message in found.message
    assert "Traceback" not in found.message
    assert str(root) not in found.message


@pytest.mark.parametrize(
    "name", ["double", "later", "broken", "silent", "refused", "nothing", "function"]
)
def test_isolated_outcome_is_that_of_the_same_process(root: Path, name: str) -> None:
    agent: UserCode[Any] = UserCode(site="u", target=f"own_rules:{name}", result=float)

    async def run() -> Any:
        await agent.start(Resources(root=root))
        return await agent(MemoryCall(), amount=1.5)

    assert call(root, name, float) == asyncio.run(run())


def test_isolated_result_that_holds_itself_is_a_failure(root: Path) -> None:
    assert call(root, "itself", Json).code == "invalid-answer"


def test_isolated_large_result_comes_through(root: Path) -> None:
    assert len(call(root, "large_result", str)) == 8 * 2**20


@pytest.mark.parametrize("name", ["gone", "fallen"])
def test_isolated_crash_is_followed_by_a_new_process(root: Path, name: str) -> None:
    async def steps(agent: UserCode[Any]) -> Any:
        found = [await agent(MemoryCall(), amount=1.0) for _ in range(2)]
        assert agent.process is not None
        return found, agent.process.starts

    found, starts = use(root, name, float, steps)
    assert [each.code for each in found] == ["attempt-failed", "attempt-failed"]
    assert starts == 2


def test_isolated_process_killed_from_outside_is_replaced(root: Path) -> None:
    async def steps(agent: UserCode[Any]) -> Any:
        first: Any = await agent(MemoryCall(), amount=1.0)
        os.kill(first, signal.SIGKILL)
        assert await ended(first)
        return first, [await agent(MemoryCall(), amount=1.0) for _ in range(2)]

    first, later = use(root, "pid", Int, steps)
    assert first not in later
    assert isinstance(later[-1], int)


def test_isolated_process_killed_during_a_call_fails_the_attempt(root: Path) -> None:
    async def steps(agent: UserCode[Any]) -> Any:
        running = asyncio.ensure_future(agent(MemoryCall(), amount=1.0))
        while agent.process is None or agent.process.pid is None:
            await asyncio.sleep(0.01)
        os.kill(agent.process.pid, signal.SIGKILL)
        return await running

    assert use(root, "hang", float, steps) == Failure(
        "attempt-failed", "the process of agent `u` was killed by SIGKILL", "u"
    )


def test_isolated_attempts_are_repeated(root: Path) -> None:
    async def steps(agent: UserCode[Any]) -> Any:
        await agent(MemoryCall(), amount=1.0)
        assert agent.process is not None
        return agent.process.starts

    assert use(root, "gone", float, steps, policy=Policy(attempts=3)) == 3


def test_isolated_endless_loop_is_killed(root: Path) -> None:
    async def steps(agent: UserCode[Any]) -> Any:
        running = asyncio.ensure_future(agent(MemoryCall(), amount=1.0))
        while agent.process is None or agent.process.pid is None:
            await asyncio.sleep(0.01)
        pid = agent.process.pid
        return await running, await ended(pid)

    found, has_ended = use(root, "hang", float, steps, policy=Policy(timeout_s=1.5))
    assert found == Failure("timeout", "there was no answer within 1.5 seconds", "u")
    assert has_ended


def test_isolated_coroutine_that_is_too_slow_leaves_others_alone(root: Path) -> None:
    async def steps(agent: UserCode[Any]) -> Any:
        first = await agent(MemoryCall(), amount=1.0)
        slow = await agent(MemoryCall(), amount=2.0)
        await asyncio.sleep(1.2)
        return first, slow.code, await agent(MemoryCall(), amount=1.0)

    first, code, last = use(root, "naps", Int, steps, policy=Policy(timeout_s=2.0))
    assert code == "timeout"
    assert first == last


def test_isolated_coroutine_that_cannot_be_cancelled_is_killed(root: Path) -> None:
    async def steps(agent: UserCode[Any]) -> Any:
        running = asyncio.ensure_future(agent(MemoryCall(), amount=1.0))
        while agent.process is None or agent.process.pid is None:
            await asyncio.sleep(0.01)
        pid = agent.process.pid
        return (await running).code, await ended(pid)

    assert use(root, "deaf", float, steps, policy=Policy(timeout_s=1.5)) == ("timeout", True)


def test_isolated_process_that_writes_into_the_pipe_fails_the_attempt(root: Path) -> None:
    found = call(root, "lies", float)
    assert found.code == "attempt-failed"


def test_isolated_children_of_the_code_end_with_it(root: Path) -> None:
    async def steps(agent: UserCode[Any]) -> Any:
        return await agent(MemoryCall(), amount=1.0)

    pid = use(root, "child", Int, steps)
    assert asyncio.run(ended(pid))


def test_isolated_memory_has_a_limit(root: Path) -> None:
    found = call(root, "greedy", Int, memory_mb=600)
    assert found.message.startswith("MemoryError (own_rules.py")


def test_isolated_memory_limit_comes_from_a_variable(root: Path) -> None:
    environ = {**os.environ, "KUMEO_CODE_MEMORY_MB": "600"}
    assert call(root, "greedy", Int, environ=environ).message.startswith("MemoryError")


def test_isolated_memory_without_limit_is_had(root: Path) -> None:
    assert call(root, "greedy", Int) == 800 * 2**20
