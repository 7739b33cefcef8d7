"""Levels of passes: what each declares, and that a module of another level is refused."""

from dataclasses import dataclass
from typing import Any, ClassVar

import pytest
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Operation

from kumeo.analysis.levels import LEVELS, set_level
from kumeo.backends.registry import TARGETS
from kumeo.passes.base import KumeoPass, OpPass
from kumeo.passes.levels import (
    Lowering,
    fix_for,
    judge_pipeline,
    levels_read,
    registered_lowerings,
)
from kumeo.passes.manager import Manager, Outcome
from kumeo.passes.pipelines import LOWERINGS, PIPELINES, pipeline_text
from kumeo.passes.registry import PASSES
from kumeo.passes.resolve import PassTable, Step, resolve
from kumeo.passes.timing import Timer
from kumeo.tools.catalog import make_catalog

GENERAL = {"canonicalize", "cse", "dce", "rewrite", "strip-locations", "verify-level"}
"""Passes that look at single ops of any dialect, or only at the level itself."""

SPLIT = Lowering("split", ("workflow", "numeric"), "stages")
SEND = Lowering("send", ("stages",), "messaging")


@dataclass(frozen=True)
class StagesPass(OpPass):
    name = "place"
    LEVELS: ClassVar[tuple[str, ...]] = ("stages",)

    def apply_to(self, ctx: Context, root: Operation) -> None:
        self.count("runs")


@dataclass(frozen=True)
class SplitPass(KumeoPass):
    name = "split"
    LEVELS: ClassVar[tuple[str, ...]] = ("workflow",)
    LOWERS_TO: ClassVar[str | None] = "stages"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        set_level(op, "stages")


class StagesTarget:
    name = "services"
    LEVELS: ClassVar[tuple[str, ...]] = ("stages",)


class AnyTarget:
    name = "any"


PLACE, SPLITS = Step(StagesPass(), "place"), Step(SplitPass(), "split")


def module_at(level: str) -> ModuleOp:
    module = ModuleOp([])
    set_level(module, level)
    return module


def run(*steps: Step, level: str = "workflow") -> Outcome:
    return Manager(Context(), Timer(lambda: 0.0)).run(steps, module_at(level))


def codes(outcome: Outcome) -> list[str]:
    return [found.code for found in outcome.diagnostics]


@pytest.mark.parametrize("name", sorted(PASSES))
def test_pass_declares_levels_or_is_general(name: str) -> None:
    assert (levels_read(PASSES[name]()) == ()) == (name in GENERAL)


@pytest.mark.parametrize("name", sorted(PASSES))
def test_levels_of_a_pass_exist(name: str) -> None:
    cls: Any = PASSES[name]()
    assert {*levels_read(cls), getattr(cls, "LOWERS_TO", None)} <= {*LEVELS, None}


@pytest.mark.parametrize("name", sorted(TARGETS))
def test_output_form_declares_its_levels(name: str) -> None:
    assert set(vars(TARGETS[name]())["LEVELS"]) <= set(LEVELS)


@pytest.mark.parametrize("name", sorted(name for name in PASSES if name.startswith("check-")))
def test_check_works_on_workflows_only(name: str) -> None:
    assert levels_read(PASSES[name]()) == ("workflow",)


def test_lowerings_are_found_in_the_registry() -> None:
    assert SPLIT._replace(name="split-stages") in registered_lowerings()


@pytest.mark.parametrize("level", sorted(PIPELINES))
@pytest.mark.parametrize("lower_to", sorted(LOWERINGS))
def test_built_in_pipeline_fits_a_workflow(level: str, lower_to: str) -> None:
    text = pipeline_text(level, lower_to)
    catalog = make_catalog()
    table = PassTable(catalog.find_pass, catalog.pass_names, catalog.nearest_op)
    steps, found = resolve(text, table) if text else ((), ())
    assert not found
    assert judge_pipeline(steps, module_at("workflow")) is None


def test_pass_at_another_level_is_not_run() -> None:
    outcome = run(PLACE)
    assert codes(outcome) == ["wrong-level"]
    assert outcome.statistics == []
    assert outcome.failed is PLACE


def test_pass_at_its_level_is_run() -> None:
    assert [count.what for count in run(PLACE, level="stages").statistics] == ["runs"]


def test_anchored_pass_at_another_level_is_not_run() -> None:
    assert codes(run(Step(StagesPass(), "place", ("workflow.workflow",)))) == ["wrong-level"]


def test_pass_behind_a_lowering_gets_the_lower_level() -> None:
    assert codes(run(SPLITS, PLACE)) == []


def test_lowering_behind_itself_is_refused() -> None:
    outcome = run(SPLITS, SPLITS)
    assert codes(outcome) == ["wrong-level"]
    assert outcome.failed_index == 1


def test_module_without_workflows_fits_every_pass() -> None:
    outcome = Manager(Context(), Timer(lambda: 0.0)).run([PLACE], ModuleOp([]))
    assert codes(outcome) == []


def test_pipeline_is_judged_before_it_runs() -> None:
    module = module_at("workflow")
    found = judge_pipeline([SPLITS, SPLITS], module)
    assert found is not None
    assert "pass `split` works at the level `workflow`" in found.headline
    assert "the module is at the level `stages`" in found.headline
    assert judge_pipeline([SPLITS, PLACE], module) is None


def test_target_behind_a_pipeline_of_the_wrong_level_is_named() -> None:
    found = judge_pipeline([], module_at("workflow"), StagesTarget())
    assert found is not None
    assert found.headline.startswith("target `services` works at the level `stages`")
    assert judge_pipeline([SPLITS], module_at("workflow"), StagesTarget()) is None


def test_target_that_says_nothing_about_levels_fits() -> None:
    assert judge_pipeline([SPLITS], module_at("workflow"), AnyTarget()) is None


@pytest.mark.parametrize(
    ("actual", "wanted", "fix"),
    [
        ("workflow", ("stages",), "run `split` before it"),
        ("workflow", ("messaging",), "run `split,send` before it"),
        ("stages", ("workflow", "numeric"), "run it before `split`"),
        ("messaging", ("stages",), "run it before `send`"),
        ("messaging", ("workflow",), "run it before `split`"),
        ("stages", ("numeric",), "run it before `split`"),
        ("workflow", ("numeric",), None),
    ],
)
def test_fix_says_where_a_pass_belongs(
    actual: str, wanted: tuple[str, ...], fix: str | None
) -> None:
    assert fix_for(actual, wanted, [SPLIT, SEND]) == fix
