"""Every planted bug is found by the oracle in a bounded number of random modules."""

import pytest
from xdsl.context import Context

from kumeo.analysis.verify import verify_module
from kumeo.interp.oracle import Difference, Oracle
from kumeo.testing.generator import random_module

from .passes import PASSES, PlantedPass

MODULES_MAX = 600


def first_difference(cls: type[PlantedPass]) -> Difference | None:
    """Return what the oracle says about the first module that the pass breaks."""
    for seed in range(MODULES_MAX):
        module = random_module(seed)
        oracle = Oracle(module, seed=seed, trials_each=2)
        cls().apply(Context(), module)
        if oracle.module.is_structurally_equivalent(module):
            continue
        assert verify_module(module) == []
        found = oracle.check(module, reduce=False)
        if found is not None:
            return found
    return None


@pytest.mark.parametrize("name", sorted(PASSES))
def test_planted_bug_is_found(name: str) -> None:
    found = first_difference(PASSES[name])
    assert found is not None, f"no difference in {MODULES_MAX} modules"
