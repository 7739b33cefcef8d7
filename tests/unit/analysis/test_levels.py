"""At which levels a module may be: what it names, else what its ops show."""

import pytest

from kumeo.analysis.levels import ACTIVATIONS, LEVELS, possible_levels
from kumeo.analysis.text import parse_module
from kumeo.tools.catalog import make_catalog

BODY = "workflow.on @s (%x: f64) { workflow.return }"
STAGE = "agent.stage @on.s (%x: f64) entry [@s] { agent.done }"


def levels_of(text: str) -> tuple[str, ...]:
    module, found = parse_module(text, "case.mlir", make_catalog().ctx)
    assert module is not None, found
    return possible_levels(module)


def workflow(*ops: str) -> str:
    return 'workflow.workflow @W { workflow.source @s nats("a") : f64\n' + "\n".join(ops) + "}"


def test_levels_of_a_module_that_names_one_are_that_one() -> None:
    text = f'builtin.module attributes {{kumeo.level = "stages"}} {{ {workflow(BODY)} }}'
    assert levels_of(text) == ("stages",)


@pytest.mark.parametrize("text", ["builtin.module {}", "func.func private @f() -> i64"])
def test_levels_of_a_module_without_workflows_are_all(text: str) -> None:
    assert levels_of(text) == tuple(LEVELS)


def test_levels_of_a_workflow_without_bodies_are_those_that_have_workflows() -> None:
    assert levels_of(workflow()) == ("workflow", "numeric", "stages", "messaging")


def test_levels_of_a_workflow_with_a_body_are_those_of_activations() -> None:
    assert levels_of(workflow(BODY)) == ACTIVATIONS


def test_levels_of_a_workflow_with_a_stage_are_stages() -> None:
    assert levels_of(workflow(STAGE)) == ("stages",)


@pytest.mark.parametrize("ops", [(BODY, STAGE), (STAGE, BODY)])
def test_levels_of_a_module_that_is_lowered_in_part_are_the_earlier_ones(ops: list[str]) -> None:
    assert levels_of(workflow(*ops)) == ACTIVATIONS
