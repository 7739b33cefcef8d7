"""Random programs do the same before and after they are split."""

import pytest
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp

from kumeo.analysis.stages import graphs_of
from kumeo.analysis.verify import verify_module
from kumeo.dialects.agent import AgentOp
from kumeo.interp.oracle import compare
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
