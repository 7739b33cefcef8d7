"""What the domains prove never happens does not happen when random workflows run."""

from dataclasses import replace

import pytest
from xdsl.dialects.builtin import ModuleOp

from kumeo.analysis.domains.decisions import read_table
from kumeo.analysis.domains.regions import State
from kumeo.analysis.domains.terms import Terms
from kumeo.analysis.domains.values import Domain
from kumeo.analysis.domains.walk import Observer, walk_module
from kumeo.dialects.agent import AgentOp, DecideOp
from kumeo.dialects.workflow import EmitOp, OnOp, SubworkflowOp
from kumeo.interp import run
from kumeo.interp.oracle import make_trials
from kumeo.testing.generator import random_module

SEEDS = range(40)


class Look(Observer):
    """Collects the sites of emits and agents that no event reaches, and rules that never fire."""

    def __init__(self) -> None:
        self.dead: set[str] = set()
        self.rules: set[tuple[str, str]] = set()
        self.in_workflow = False

    def at_body(self, op: OnOp | SubworkflowOp, terms: Terms) -> None:
        # Sites are unique in a workflow; those of subworkflows may repeat them.
        super().at_body(op, terms)
        self.in_workflow = isinstance(op, OnOp)

    def at_emit(self, op: EmitOp, state: State) -> None:
        if not state and self.in_workflow:
            self.dead.add(op.site)

    def at_agent(self, op: AgentOp, state: State) -> None:
        if not state and self.in_workflow:
            self.dead.add(op.site)

    def at_decide(self, op: DecideOp, state: State) -> Domain | None:
        table = read_table(op, self.terms, state)
        if table is not None and self.in_workflow:
            fired = zip(table.names, table.fired, strict=True)
            self.rules |= {(op.site, name) for name, found in fired if not found}
        return None


def reached(module: ModuleOp) -> tuple[set[str], set[tuple[str, str]]]:
    """Run a module on generated events: sites that sent or were called, and rules that fired."""
    sites: set[str] = set()
    rules: set[tuple[str, str]] = set()
    for trial in make_trials(module, events=12, seed=3):
        done = run(module, trial.workflow, trial.events, replace(trial.world, trace="agents"))
        sites |= {sent.site for sent in done.emitted}
        sites |= {call.site for call in done.calls}
        for traced in done.trace:
            if isinstance(traced.value, dict) and isinstance(traced.value.get("rule"), str):
                rules.add((traced.name, traced.value["rule"]))
    return sites, rules


@pytest.mark.parametrize("seed", SEEDS)
def test_walk_random_workflow_never_calls_a_reached_site_dead(seed: int) -> None:
    module = random_module(seed, 25)
    look = Look()
    walk_module(module, look)
    sites, rules = reached(module)
    assert look.dead & sites == set()
    assert look.rules & rules == set()


def test_walk_random_workflows_finds_dead_sites() -> None:
    dead = 0
    for seed in SEEDS:
        look = Look()
        walk_module(random_module(seed, 25), look)
        dead += len(look.dead)
    assert dead > 0
