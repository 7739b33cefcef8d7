"""What a run looks like to the oracle, and when a failure may be blamed on another agent."""

from collections import Counter
from collections.abc import Iterable

import pytest

from kumeo.interp import Event, World
from kumeo.interp.oracle import Observation, Trial, observe
from kumeo.interp.oracle.observe import Report, blame_may_move
from kumeo.testing.small_workflows import module_of

FAILURE = ("attempt-failed", "no luck")
Failed = dict[str, frozenset[tuple[str, str]]]
BOTH: Failed = {"left": frozenset({FAILURE}), "right": frozenset({FAILURE})}
ONE: Failed = {"right": frozenset({FAILURE})}


def observation(failed: Failed) -> Observation:
    by_event = {("e0", site): failures for site, failures in failed.items()}
    return Observation(Counter(), Counter(), frozenset(), frozenset(), by_event, {}, {}, {})


def report(agent: str, code: str = FAILURE[0]) -> Report:
    return Report(None, code, FAILURE[1], "e0", agent)


def test_blame_of_an_agent_that_was_merged_may_move() -> None:
    assert blame_may_move(observation(BOTH), observation(ONE), report("left"), report("right"))


@pytest.mark.parametrize(
    ("before", "after", "new"),
    [
        (BOTH, BOTH, report("right")),
        (BOTH, ONE, report("right", "other-code")),
        ({**BOTH, "right": frozenset[tuple[str, str]]()}, ONE, report("right")),
        ({**BOTH, "right": frozenset({("other-code", "bad")})}, ONE, report("right")),
        (ONE, ONE, report("right")),
        ({"left": frozenset({FAILURE})}, ONE, report("right")),
    ],
    ids=["still runs", "other code", "did not fail", "failed otherwise", "ran not", "is new"],
)
def test_blame_of_another_agent_may_not_move(before: Failed, after: Failed, new: Report) -> None:
    assert not blame_may_move(observation(before), observation(after), report("left"), new)


def failures_of(body: str, world: World, outside: str = "") -> Iterable[frozenset[tuple[str, str]]]:
    trial = Trial("W", (Event("e0", "s", 1),), world)
    return observe(module_of(body, outside=outside), trial).failed.values()


def test_observe_failure_of_work_is_kept_by_site() -> None:
    outside = 'agent.extern @f python("m:f") effects "pure" : (i64) -> i64'
    call = '%a = agent.call @f (%e) effects "pure" id "a" site "a" : (i64) -> i64'
    (failures,) = failures_of(call, World(fail_work_one_in=1), outside)
    assert {code for code, _ in failures} == {"attempt-failed"}


def test_observe_failure_from_outside_is_no_proof() -> None:
    llm = '%a = agent.llm "m" (prompt = %p) id "a" site "a" : (!data.str) -> i64'
    ask = '%p = data.format "x" ()\n' + llm
    assert list(failures_of(ask, World(fail_one_in=1))) == [frozenset()]
