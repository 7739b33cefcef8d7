"""Every wrong change to a numeric program is found by the oracle in a few random modules."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import pytest
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Operation

from kumeo.analysis.verify import verify_module
from kumeo.interp.oracle import Oracle, make_trials
from kumeo.passes.files import reading
from kumeo.passes.numeric.fuse_infer import FuseInferPass
from kumeo.passes.numeric.lower_bayes import LowerBayesPass
from kumeo.passes.numeric.lower_decisions import LowerDecisionsPass
from kumeo.passes.numeric.outline_infer import OutlineInferPass
from kumeo.testing.generator import random_files, random_module

from .lowered import CHANGES as LOWERED
from .numeric import CHANGES, is_outlined

MODULES_MAX = 200


LOWERING = (FuseInferPass, LowerDecisionsPass, LowerBayesPass)


@cache
def lowered(seed: int) -> ModuleOp | None:
    """Return the module of a seed with its programs lowered, None if it has none."""
    module = outlined(seed)
    if module is None:
        return None
    module = module.clone()
    with reading(random_files(seed)):
        for each in LOWERING:
            each().apply(Context(), module)
    return module


@cache
def outlined(seed: int) -> ModuleOp | None:
    """Return the module of a seed with its numeric programs, None if it has none."""
    module = random_module(seed)
    with reading(random_files(seed)):
        OutlineInferPass().apply(Context(), module)
    return module if is_outlined(module) else None


def is_found(change: Callable[[Operation], None], seed: int, module: ModuleOp | None) -> bool:
    """Say whether the oracle finds what a change does to the module of a seed."""
    if module is None:
        return False
    changed = module.clone()
    for op in list(changed.walk()):
        if op.parent is not None:
            change(op)
    if module.is_structurally_equivalent(changed):
        return False
    assert verify_module(changed) == []
    read_file = random_files(seed)
    trials = make_trials(module, 8, seed, 2)
    known = [replace(t, world=replace(t.world, read_file=read_file)) for t in trials]
    oracle = Oracle(module, trials=tuple(known))
    return oracle.check(changed, reduce=False, rounds=1e-6) is not None


@pytest.mark.parametrize("change", CHANGES, ids=[change.__name__ for change in CHANGES])
def test_planted_numeric_bug_is_found(change: Callable[[Operation], None]) -> None:
    assert any(is_found(change, seed, outlined(seed)) for seed in range(MODULES_MAX))


@pytest.mark.parametrize("change", LOWERED, ids=[change.__name__ for change in LOWERED])
def test_planted_bug_of_a_lowering_is_found(change: Callable[[Operation], None]) -> None:
    assert any(is_found(change, seed, lowered(seed)) for seed in range(MODULES_MAX))
