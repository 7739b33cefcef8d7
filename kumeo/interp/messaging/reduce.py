"""`reduce_scenario`: a simpler schedule that fails in the same way, with its trace.

Faults are taken away kind by kind, then events. A simpler scenario is another schedule, so several
seeds are tried for each step, and the step is kept if one of them fails alike.
"""

from collections.abc import Iterator
from dataclasses import replace

from kumeo.interp.messaging.program import Prepared
from kumeo.interp.messaging.rules import Rules
from kumeo.interp.messaging.simulation import Outcome, Scenario, simulate

SEEDS = 12


def reduce_scenario(prepared: Prepared, failed: Outcome, rules: Rules) -> Outcome:
    """Return a simple failing schedule of the same kind, with a trace."""
    best, kind = failed.scenario, _kind(failed)
    progress = True
    while progress:
        progress = False
        for simpler in _simpler(best):
            found = _failing(prepared, simpler, rules, kind)
            if found is not None:
                best, progress = found, True
                break
    return simulate(prepared, best, rules, tracing=True)


def _kind(outcome: Outcome) -> str:
    return outcome.violations[0].partition(":")[0] if outcome.violations else ""


def _failing(prepared: Prepared, scenario: Scenario, rules: Rules, kind: str) -> Scenario | None:
    for seed in range(scenario.seed, scenario.seed + SEEDS):
        tried = replace(scenario, seed=seed)
        if _kind(simulate(prepared, tried, rules)) == kind:
            return tried
    return None


def _simpler(scenario: Scenario) -> Iterator[Scenario]:
    plain: dict[str, object] = {
        "poison": False,
        "is_small": False,
        "slow_calls": False,
        "fail_one_in": 0,
        "replicas": 1,
    }
    for name, value in plain.items():
        if getattr(scenario, name) != value:
            yield replace(scenario, **{name: value})  # pyright: ignore[reportArgumentType]
    faults = scenario.faults
    for name in ("crash_ms", "delay", "pause", "lose", "kill"):
        if getattr(faults, name):
            less = replace(faults, **{name: type(getattr(faults, name))(0)})
            yield replace(scenario, faults=less)
    if scenario.events > 1:
        yield replace(scenario, events=scenario.events - 1)
