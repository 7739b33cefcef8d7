"""Random programs do the same before and after they are split, fused and placed."""

import pytest
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp

from kumeo.analysis.stages import graphs_of
from kumeo.analysis.verify import verify_module
from kumeo.dialects.agent import AgentOp
from kumeo.dialects.registry import make_context
from kumeo.interp.oracle import compare, make_trials
from kumeo.passes.pipelines import LOWERINGS
from kumeo.passes.registry import load_pass
from kumeo.passes.split_stages import SplitStagesPass
from kumeo.testing.generator import random_module

SEEDS = range(12)


def split(module: ModuleOp) -> ModuleOp:
    after = module.clone()
    SplitStagesPass().apply(Context(), after)
    return after


@pytest.mark.parametrize("seed", SEEDS)
def test_split_random_module_keeps_the_meaning(seed: int) -> None:
    before = random_module(seed=seed, size=18)
    after = split(before)
    assert verify_module(after) == []
    assert compare(before, after, events=5, seed=seed) is None


@pytest.mark.parametrize("seed", SEEDS)
def test_split_random_module_gives_each_agent_a_stage(seed: int) -> None:
    for graph in graphs_of(split(random_module(seed=seed, size=18))):
        for stage in graph.order:
            assert sum(isinstance(op, AgentOp) for op in stage.body.block.ops) <= 1


def test_oracle_finds_events_for_a_module_of_stages() -> None:
    after = split(random_module(seed=1, size=18))
    assert any(trial.events for trial in make_trials(after))


@pytest.mark.parametrize("seed", SEEDS)
def test_lowering_random_module_keeps_the_meaning(seed: int) -> None:
    before = random_module(seed=100 + seed, size=18)
    after = before.clone()
    for name in LOWERINGS["stages"]["O2"]:
        load_pass(name)().apply(make_context(), after)
    assert verify_module(after) == []
    assert compare(before, after, events=5, seed=seed) is None
