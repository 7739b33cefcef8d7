"""`UserCode`: functions and classes of the user, typed by what the workflow declares."""

import asyncio
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from kumeo_runtime.agents import AgentError, Policy, Resources, UserCode
from kumeo_runtime.testing.calls import MemoryCall
from kumeo_runtime.values import Duration, Failure, Int, Json, Record, Time

CODE = """
import asyncio, sys, threading, time
from datetime import UTC, datetime, timedelta
from dataclasses import dataclass
from kumeo_runtime.agents import BaseAgent
from kumeo_runtime.values import Failure, Time

def double(amount): return amount * 2
async def later(amount):
    await asyncio.sleep(0)
    return {"score": amount}
@dataclass
class Scored:
    score: float
def scored(amount): return Scored(amount)
def whole(amount): return {"score": int(amount)}
def broken(amount): raise ValueError(f"no {amount}")
def refused(amount): return Failure("too-small", "it is too small")
def thread(amount): return threading.current_thread().name
def slow(amount): time.sleep(0.3); return amount
def moment(amount): return Time(1_000_000)
def lasting(amount): return {"spans": [timedelta(seconds=amount)]}
def dated(amount): return datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)
def many(amount): return {amount}
def anything(amount): return [1, {"a": None}, amount]
def nothing(amount): return object()
ready = 5
def leaves(amount): sys.exit(3)
def late(amount): raise TimeoutError("my own")
def stops(amount): raise StopIteration
async def waits(amount): await asyncio.sleep(60)
async def gives_up(amount):
    task = asyncio.ensure_future(asyncio.sleep(60)); task.cancel()
    return await task
class Counter(BaseAgent):
    async def on_start(self, resources): self.count = 100; self.root = resources.root
    async def on_event(self, amount): self.count += 1; return self.count
    async def on_stop(self): (self.root / "stopped").write_text("yes")
class NoAgent: pass
class NoStart(BaseAgent):
    async def on_start(self, resources): raise ValueError("no file")
class NoStop(BaseAgent):
    async def on_event(self, amount): return amount
    async def on_stop(self): raise ValueError("no end")
"""
BROKEN = "ValueError: no 1.5 (my_rules_for_tests.py, line 17, in broken)"


class Spans(Record):
    spans: list[Duration]


class Score(Record):
    score: float


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("code")
    (folder / "my_rules_for_tests.py").write_text(CODE)
    return folder


def call(root: Path, name: str, result: Any, act: MemoryCall | None = None, **options: Any) -> Any:
    agent: UserCode[Any] = UserCode(
        site="u", target=f"my_rules_for_tests:{name}", result=result, **options
    )

    async def run() -> Any:
        await agent.start(Resources(root=root))
        try:
            return await agent(act or MemoryCall(), amount=1.5)
        finally:
            await agent.stop()

    return asyncio.run(run())


@pytest.mark.parametrize(
    ("name", "result", "expected"),
    [
        ("double", float, 3.0),
        ("later", Score, Score(score=1.5)),
        ("scored", Score, Score(score=1.5)),
        ("whole", Score, Score(score=1.0)),
        ("moment", Time, Time(1_000_000)),
        ("lasting", Spans, Spans(spans=[Duration(1_500_000)])),
        ("dated", Time, Time(1_000_000)),
        ("many", list[float], [1.5]),
        ("anything", Json, [1, {"a": None}, 1.5]),
        ("Counter", Int, 101),
    ],
)
def test_result_has_the_declared_type(root: Path, name: str, result: Any, expected: Any) -> None:
    found = call(root, name, result)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("name", "result", "code", "message"),
    [
        ("broken", float, "attempt-failed", BROKEN),
        ("refused", float, "too-small", "it is too small"),
        ("double", Int | None, "", ""),
        ("double", str, "invalid-answer", "agent `u`: expected text, not 3.0"),
        ("nothing", Json, "invalid-answer", "agent `u`: object is no value of a workflow"),
    ],
)
def test_what_goes_wrong_is_a_failure(
    root: Path, name: str, result: Any, code: str, message: str
) -> None:
    found = call(root, name, result)
    if not code:
        assert found == 3  # a number without a fraction is an integer
    else:
        assert found == Failure(code, message, "u")


@pytest.mark.parametrize("threads", [False, True])
@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("leaves", "SystemExit: 3 (my_rules_for_tests.py, line 28, in leaves)"),
        ("late", "TimeoutError: my own (my_rules_for_tests.py, line 29, in late)"),
        ("stops", "StopIteration"),
        ("gives_up", "CancelledError (my_rules_for_tests.py"),
    ],
)
def test_code_that_would_end_the_worker_fails_the_attempt(
    root: Path, name: str, message: str, threads: bool
) -> None:
    found = call(root, name, float, threads=threads)
    assert (found.code, message in found.message) == ("attempt-failed", True), found


def test_attempt_that_is_cancelled_stays_cancelled(root: Path) -> None:
    async def run() -> None:
        agent: UserCode[Any] = UserCode(site="u", target="my_rules_for_tests:waits", result=float)
        await agent.start(Resources(root=root))
        task = asyncio.ensure_future(agent(MemoryCall(), amount=1.5))
        await asyncio.sleep(0)
        task.cancel()
        await task

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(run())


def test_function_may_run_beside_the_event_loop(root: Path) -> None:
    main = threading.current_thread().name
    assert call(root, "thread", str) == main
    assert call(root, "thread", str, threads=True) != main


def test_function_in_a_thread_may_time_out(root: Path) -> None:
    begun = time.monotonic()
    found = call(root, "slow", float, threads=True, policy=Policy(timeout_s=0.05))
    assert found == Failure("timeout", "there was no answer within 0.05 seconds", "u")
    assert time.monotonic() - begun < 2.0


@pytest.mark.parametrize(("effects", "count"), [("pure", 0), ("read", 1), ("acts", 1)])
def test_effects_decide_what_is_kept(root: Path, effects: Any, count: int) -> None:
    act = MemoryCall()
    call(root, "double", float, act, effects=effects)
    assert len(act.journal.entries) == count


@pytest.mark.parametrize(("effects", "count"), [("pure", 0), ("read", 0), ("acts", 1)])
def test_only_code_that_acts_observes_failures(root: Path, effects: Any, count: int) -> None:
    agent: UserCode[float] = UserCode(site="u", target="m:f", result=float, effects=effects)
    act, failure = MemoryCall(), Failure("x", "y")
    assert asyncio.run(agent(act, amount=failure)) is failure
    assert len(act.observed) == count


def test_class_is_stopped(root: Path) -> None:
    call(root, "Counter", Int)
    assert (root / "stopped").read_text() == "yes"


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("my_rules_for_tests:absent", "cannot be imported"),
        ("no_such_module_here:f", "cannot be imported"),
        ("my_rules_for_tests:ready", "cannot be called"),
        ("my_rules_for_tests:NoAgent", "is a class, but no agent"),
    ],
)
def test_start_refuses_what_is_no_agent(root: Path, target: str, said: str) -> None:
    agent: UserCode[Any] = UserCode(site="u", target=target, result=float)
    with pytest.raises(AgentError, match=said):
        asyncio.run(agent.start(Resources(root=root)))


@pytest.mark.parametrize("body", ["sys.exit(0)", "1 / 0", "def f(:"])
def test_module_that_cannot_be_imported_stops_the_start(tmp_path: Path, body: str) -> None:
    name = f"own_module_{len(body)}"
    (tmp_path / f"{name}.py").write_text(f"import sys\n{body}\n")
    agent: UserCode[Any] = UserCode(site="u", target=f"{name}:f", result=float)
    with pytest.raises(AgentError, match="cannot be started") as caught:
        asyncio.run(agent.start(Resources(root=tmp_path)))
    assert caught.value.code == "user-code"


def test_class_that_cannot_start_says_where(root: Path) -> None:
    with pytest.raises(AgentError, match=r"ValueError: no file \(my_rules_for_tests.py, line "):
        call(root, "NoStart", float)


def test_class_that_cannot_stop_is_logged(root: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert call(root, "NoStop", float) == 1.5
    assert "agent u: `on_stop` fails: ValueError: no end" in caplog.text
