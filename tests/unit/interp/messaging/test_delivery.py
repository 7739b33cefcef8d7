"""The delivery protocol under faults: right rules find nothing, each broken rule is caught."""

from dataclasses import replace
from pathlib import Path

import pytest

from kumeo.interp.messaging.program import Prepared
from kumeo.interp.messaging.rules import RARE, RIGHT, VARIANTS, Rules
from kumeo.interp.messaging.simulation import scenario_of, simulate
from kumeo.testing.generator import random_module
from kumeo.testing.simulate import load, lowered, main

HERE = Path(__file__).parent
ORDERS = HERE / "orders.kumeo"
SEEDS = 250
"""A broken rule shows within so many schedules of each module."""


@pytest.fixture(scope="module")
def modules(tmp_path_factory: pytest.TempPathFactory) -> list[Prepared]:
    """Return one workflow in three forms: many services, few services, without order."""
    loose = tmp_path_factory.mktemp("loose") / "orders.kumeo"
    loose.write_text(ORDERS.read_text().replace(", key: source.customer)\n", ")\n", 1))
    return [load(str(ORDERS), "O1"), load(str(ORDERS), "O2"), load(str(loose), "O1")]


@pytest.mark.parametrize("name", VARIANTS)
def test_protocol_with_a_broken_rule_is_caught(name: str, modules: list[Prepared]) -> None:
    rules, _, scenario = VARIANTS[name]
    tried = (
        simulate(module, scenario_of(seed, **scenario), rules).violations
        for seed in range(SEEDS)
        for module in modules
    )
    assert next(filter(None, tried), ()) != ()


@pytest.mark.parametrize("name", RARE)
def test_protocol_with_a_rule_broken_that_rarely_matters_is_caught(name: str) -> None:
    rules, _, scenario = RARE[name]
    small = load(str(HERE / "restarts.mlir"))
    tried = (
        simulate(small, scenario_of(seed, **scenario), rules).violations for seed in range(200)
    )
    assert next(filter(None, tried), ()) != ()


def test_right_protocol_has_no_violation(modules: list[Prepared]) -> None:
    found = [simulate(m, scenario_of(seed)).violations for seed in range(25) for m in modules]
    assert [violations for violations in found if violations] == []


def test_copies_of_finished_messages_count_as_old_ones_breaks_the_order() -> None:
    module = load(str(HERE / "copies.mlir"), "O0")
    scenario = scenario_of(3002389)
    counted = simulate(module, scenario, replace(RIGHT, done_stays_done=False))
    assert counted.violations == ("order: e2 comes late at out",)
    assert simulate(module, scenario).violations == ()


_HARD = {name: VARIANTS[name] for name in ("no-age", "fresh-floor", "no-lease", "gap-unseen")}


@pytest.mark.parametrize("name", _HARD)
def test_right_protocol_has_no_violation_in_what_shows_a_broken_one(
    name: str, modules: list[Prepared]
) -> None:
    found = [
        simulate(module, scenario_of(seed, **_HARD[name].scenario)).violations
        for seed in range(6)
        for module in modules
    ]
    assert [violations for violations in found if violations] == []


@pytest.mark.parametrize("seed", range(8))
def test_random_workflows_have_no_violation(seed: int) -> None:
    prepared = Prepared(lowered(random_module(f"delivery {seed}", 8)))
    found = [simulate(prepared, scenario_of(number)).violations for number in range(10)]
    assert [violations for violations in found if violations] == []


def test_same_seed_gives_the_same_schedule(modules: list[Prepared]) -> None:
    first, second = (simulate(modules[0], scenario_of(3), RIGHT, True) for _ in range(2))
    assert first.trace == second.trace


def test_answers_without_a_journal_are_noticed() -> None:
    module = random_module(4, 8)
    prepared = Prepared(lowered(module))
    blind = Rules(journal_read=False)
    found = [simulate(prepared, scenario_of(seed), blind).violations for seed in range(40)]
    assert any(found)


def test_command_prints_a_reduced_schedule(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["40", str(ORDERS), "--variant", "early-ack", "--processes", "1"]
    assert main(arguments) == 1
    told = capsys.readouterr().out
    assert "a simpler schedule that fails alike:" in told
    assert "Scenario(seed=" in told
    assert "lost: message to" in told


def test_command_tells_that_nothing_was_found(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["20", "--size", "4", "--each", "10", "--processes", "1"]) == 0
    assert "no violation (seed 0" in capsys.readouterr().err
