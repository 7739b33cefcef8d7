"""The generator: valid, repeatable, and nothing of the language is left out."""

from collections import Counter
from collections.abc import Iterator

import pytest
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Operation

from kumeo.analysis.levels import ABSENT
from kumeo.analysis.text import print_module
from kumeo.analysis.verify import verify_module
from kumeo.dialects.agent import AGENT, EFFECTS, MODES, REDUCERS, AgentOp, CallOp, DecideOp
from kumeo.dialects.data import DATA, FLOAT, RemOp
from kumeo.dialects.data.functions import FUNCTIONS
from kumeo.dialects.workflow import WORKFLOW, EmitOp, TryOp
from kumeo.interp import run
from kumeo.interp.oracle import make_trials
from kumeo.passes.numeric.tensor_values import reaches
from kumeo.testing.generator import random_module

SEEDS = 500


@pytest.fixture(scope="module")
def modules() -> list[ModuleOp]:
    return [random_module(seed) for seed in range(SEEDS)]


def ops(modules: list[ModuleOp], *kinds: type[Operation]) -> Iterator[Operation]:
    return (op for module in modules for op in module.walk() if isinstance(op, kinds))


def test_modules_are_valid(modules: list[ModuleOp]) -> None:
    assert [seed for seed, module in enumerate(modules) if verify_module(module)] == []


def test_every_op_occurs(modules: list[ModuleOp]) -> None:
    found = {type(op) for module in modules for op in module.walk()}
    level = [op for d in (DATA, AGENT, WORKFLOW) for op in d.operations if is_high(op)]
    assert {op.name for op in level if op not in found} == set()


def is_high(op: type[Operation]) -> bool:
    """Whether an op exists at the level `workflow`."""
    return op.name not in ABSENT["workflow"]


def test_every_kind_of_agent_has_policies_and_fallbacks(modules: list[ModuleOp]) -> None:
    agents = [op for op in ops(modules, AgentOp) if isinstance(op, AgentOp)]
    kinds = {op.name for op in agents} - {"agent.aggregate"}
    assert {op.name for op in agents if op.policy and op.policy.attempts > 1} >= kinds
    assert {op.name for op in agents if op.fallback is not None} >= kinds


def test_every_variant_occurs(modules: list[ModuleOp]) -> None:
    assert {op.mode.data for op in ops(modules, DecideOp)} == set(MODES)  # type: ignore[attr-defined]
    assert {op.effects.data for op in ops(modules, CallOp)} == set(EFFECTS)  # type: ignore[attr-defined]
    text = "".join(print_module(module, False, False) for module in modules)
    missing = {name for name in FUNCTIONS if f'data.call "{name}"' not in text}
    assert missing == {"range"}
    assert {name for name in REDUCERS if f'"{name}"' not in text} <= {"first"}


def test_fallbacks_give_values_ask_agents_and_emit(modules: list[ModuleOp]) -> None:
    agents = [op for op in ops(modules, AgentOp) if isinstance(op, AgentOp)]
    inside = [list(op.fallback.walk()) for op in agents if op.fallback is not None]
    assert any(isinstance(op, EmitOp) for found in inside for op in found)
    assert any(isinstance(op, AgentOp) for found in inside for op in found)
    assert any(not any(isinstance(op, AgentOp | EmitOp) for op in found) for found in inside)


def test_failures_are_observed_caught_and_dead_lettered(modules: list[ModuleOp]) -> None:
    seen: Counter[str] = Counter()
    for seed, module in enumerate(modules[:150]):
        for trial in make_trials(module, 6, seed, 1):
            done = run(module, trial.workflow, trial.events, trial.world)
            seen.update(f"to {report.target}" for report in done.reports)
            seen.update("call" for _ in done.calls)
            seen.update("failed call" for call in done.calls if "code" in repr(call.outcome))
            seen.update("message" for _ in done.emitted)
    handlers = {inner.site for op in ops(modules[:150], TryOp) for inner in emits_in_handler(op)}
    assert handlers
    assert min(seen["to None"], seen["to errors"], seen["failed call"]) > 20
    assert seen["message"] > 1000


def emits_in_handler(op: Operation) -> Iterator[EmitOp]:
    assert isinstance(op, TryOp)
    return (inner for inner in op.handler.walk() if isinstance(inner, EmitOp))


def test_caught_failures_run_handlers(modules: list[ModuleOp]) -> None:
    sent = 0
    for seed, module in enumerate(modules[:150]):
        sites = {inner.site for op in ops([module], TryOp) for inner in emits_in_handler(op)}
        for trial in make_trials(module, 6, seed, 1) if sites else ():
            done = run(module, trial.workflow, trial.events, trial.world)
            sent += sum(message.site in sites for message in done.emitted)
    assert sent > 5


def test_equal_seeds_give_equal_modules() -> None:
    first, second = (print_module(random_module("x", 20), False, False) for _ in range(2))
    assert first == second


def test_size_decides_how_many_statements() -> None:
    small, large = (
        sum(1 for seed in range(20) for _ in random_module(seed, size).walk()) for size in (3, 60)
    )
    assert large > 3 * small


def test_values_are_read_inside_of_the_module_only(modules: list[ModuleOp]) -> None:
    values = (result for module in modules for op in module.walk() for result in op.results)
    readers = (use.operation for value in values for use in value.uses)
    assert all(isinstance(op.get_toplevel_object(), ModuleOp) for op in readers)


def test_remainders_of_floats_read_no_agent(modules: list[ModuleOp]) -> None:
    floats = [op for op in ops(modules, RemOp) if op.results[0].type == FLOAT]
    agents = {op.results[0] for op in ops(modules, AgentOp)}
    assert floats
    assert not any(reaches(value, agents) for op in floats for value in op.operands)
