"""The engine under faults: no seed may go wrong, and every broken rule must be seen."""

import logging
from collections.abc import Iterator

import pytest
from kumeo_runtime.testing.mutants import MUTANTS, Mutant
from kumeo_runtime.testing.simulate import SCENARIOS, Run

pytestmark = pytest.mark.filterwarnings(
    "ignore:coroutine .* was never awaited", "ignore::pytest.PytestUnraisableExceptionWarning"
)
SEEDS = 200
BLOCK = 20


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize("first", range(0, SEEDS, BLOCK))
def test_engine_any_schedule_keeps_every_promise(first: int) -> None:
    bad = {}
    for seed in range(first, first + BLOCK):
        found = Run(seed, SCENARIOS[seed % len(SCENARIOS)]).main()
        if found:
            bad[seed] = found
    assert bad == {}


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.rule)
def test_simulation_broken_rule_is_seen(mutant: Mutant) -> None:
    with mutant.broken():
        seeds = [mutant.hint, *range(SEEDS)]
        assert any(Run(seed, mutant.scenario, mutant.settings).main() for seed in seeds)


def test_run_same_seed_gives_same_schedule() -> None:
    first, second = Run(7, "calls"), Run(7, "calls")
    first.main()
    second.main()
    assert (first.steps, first.kills) == (second.steps, second.kills)


def test_rule_unbroken_with_the_settings_of_its_mutant_is_clean() -> None:
    (mutant,) = [mutant for mutant in MUTANTS if mutant.rule == "inputs seen before outputs"]
    assert Run(mutant.hint, mutant.scenario, mutant.settings).main() == set()
