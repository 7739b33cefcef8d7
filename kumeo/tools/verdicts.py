"""Runs one `test` block by the interpreter and judges what came out.

Each test gets a fresh world: no state of an aggregate, no used-up mock answer and no changed
configuration of another test. What a test says nothing about is not judged, with one exception: an
event that fails and that nothing handles is a fault unless the test expects `dead_letter`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from xdsl.dialects.builtin import ModuleOp

from kumeo.diagnostics import Diagnostic, has_errors
from kumeo.dialects.workflow import OnOp, WorkflowOp
from kumeo.frontend.elaborate.cases import DEAD_LETTER, WorkflowTest
from kumeo.interp import Event, Run, World, run
from kumeo.interp.world import TraceLevel
from kumeo.tools.matching import difference, mismatches

NOW_US = 1_767_225_600_000_000
"""The time in every test: 2026-01-01T00:00:00Z."""


@dataclass(frozen=True)
class Fault:
    """One thing that is not as expected: a headline, and a diff when payloads differ."""

    headline: str
    difference: tuple[str, ...] = ()


@dataclass(frozen=True)
class Verdict:
    """What became of one test."""

    test: WorkflowTest
    run: Run
    faults: tuple[Fault, ...]

    @property
    def passed(self) -> bool:
        """Whether everything is as expected."""
        return not self.faults


def judge(
    module: ModuleOp,
    test: WorkflowTest,
    read_file: Callable[[str], bytes | None],
    trace: TraceLevel = "none",
) -> Verdict:
    """Run a test and compare."""
    world = World(
        answers=test.mocks,
        read_file=read_file,
        now_us=NOW_US,
        config=test.config,
        trace=trace,
    )
    source = test.source or source_of(module, test.workflow)
    events = [Event(f"event-{i}", source, payload) for i, payload in enumerate(test.given, 1)]
    done = run(module, test.workflow, events, world)
    return Verdict(test, done, tuple(_faults(test, done)))


def source_of(module: ModuleOp, workflow: str) -> str:
    """Return the source whose events a test gives: the first that the workflow reads."""
    for op in module.ops:
        if isinstance(op, WorkflowOp) and op.symbol == workflow:
            bodies = [inner for inner in op.body.block.ops if isinstance(inner, OnOp)]
            return bodies[0].source_names[0] if bodies else ""
    return ""


def _faults(test: WorkflowTest, done: Run) -> list[Fault]:
    faults = [Fault(_told(d)) for d in done.diagnostics if has_errors([d])]
    for target, patterns in test.expect.items():
        actual = dead_letters(done) if target == DEAD_LETTER else done.payloads(target)
        faults += _compare(target, patterns, actual)
    if DEAD_LETTER not in test.expect:
        faults += [Fault(f"an event failed: {_failure(p)}") for p in dead_letters(done)]
    for agent, wanted in test.calls.items():
        count = sum(call.agent == agent for call in done.calls)
        if count != wanted:
            faults.append(Fault(f"`{agent}` is called {_times(count)}, expected {_times(wanted)}"))
    return faults + _causes(test, done) if faults else faults


def _causes(test: WorkflowTest, done: Run) -> list[Fault]:
    """Return the failures that went to a target at which the test does not look."""
    unseen = [r for r in done.reports if r.target is not None and r.target not in test.expect]
    return [Fault(f"`{r.target}` got a failure: {_failure(r.payload)}") for r in unseen]


def dead_letters(done: Run) -> list[Any]:
    """Return the failures that nothing handled, with their events."""
    return [report.payload for report in done.reports if report.target is None]


def _compare(target: str, patterns: Sequence[Any], actual: Sequence[Any]) -> list[Fault]:
    """Compare messages in the order in which they were sent."""
    if len(patterns) != len(actual):
        counts = f"{_messages(len(actual))}, expected {len(patterns)}"
        return [Fault(f"`{target}` gets {counts}", tuple(difference(list(patterns), list(actual))))]
    faults: list[Fault] = []
    for number, (pattern, payload) in enumerate(zip(patterns, actual, strict=True), 1):
        places = [mismatch.path or "." for mismatch in mismatches(pattern, payload)]
        if places:
            which = f"message {number} of `{target}`" if len(actual) > 1 else f"`{target}`"
            headline = f"{which} differs at {', '.join(f'`{place}`' for place in places)}"
            faults.append(Fault(headline, tuple(difference(pattern, payload))))
    return faults


def _told(diagnostic: Diagnostic) -> str:
    return f"{diagnostic.headline} [{diagnostic.code}]"


def _failure(payload: Any) -> str:
    error = payload["error"]
    by = f" (agent `{error['agent']}`)" if error["agent"] else ""
    return f"{error['message']}{by} [{error['code']}]"


def _times(count: int) -> str:
    return {0: "never", 1: "once"}.get(count, f"{count} times")


def _messages(count: int) -> str:
    return {0: "no message", 1: "1 message"}.get(count, f"{count} messages")
