"""`--check-semantics` as a check of the pass manager."""

import time
from dataclasses import dataclass
from typing import ClassVar

import pytest
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp, StringAttr
from xdsl.passes import ModulePass

from kumeo.analysis.verify import verify_module
from kumeo.dialects.workflow import EmitOp
from kumeo.passes.manager import Manager, Outcome
from kumeo.passes.resolve import Step
from kumeo.passes.timing import Timer
from kumeo.testing.small_workflows import module_of
from kumeo.tools.options import UsageError, parse_arguments
from kumeo.tools.semantics import SemanticsCheck

EMIT = 'workflow.emit %e : i64 to @t site "x"'


@dataclass(frozen=True)
class RenameSites(ModulePass):
    """A wrong pass."""

    name = "rename-sites"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        for emit in op.walk():
            if isinstance(emit, EmitOp):
                emit.properties["site"] = StringAttr(emit.site + "2")


@dataclass(frozen=True)
class MeansIt(RenameSites):
    """The same, on purpose."""

    name = "means-it"
    changes_meaning: ClassVar[bool] = True


@dataclass(frozen=True)
class Nothing(ModulePass):
    """A right pass."""

    name = "nothing"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        pass


def run(module: ModuleOp, *passes: ModulePass) -> Outcome:
    check = SemanticsCheck(events=4)
    manager = Manager(Context(), Timer(time.perf_counter), verify_module, (), check)
    return manager.run([Step(each, each.name) for each in passes], module)


def codes(outcome: Outcome) -> list[str]:
    return [found.code for found in outcome.diagnostics]


def test_right_passes_say_nothing() -> None:
    assert codes(run(module_of(EMIT), Nothing(), Nothing())) == []


def test_wrong_pass_ends_the_pipeline_and_is_named() -> None:
    outcome = run(module_of(EMIT), Nothing(), RenameSites(), Nothing())
    assert codes(outcome) == ["meaning-changed"]
    assert outcome.failed is not None
    assert outcome.failed.name == "rename-sites"
    assert outcome.failed_index == 1


def test_pass_that_changes_meaning_is_not_judged() -> None:
    outcome = run(module_of(EMIT), MeansIt(), Nothing())
    assert codes(outcome) == ["pass-remark"]
    assert "means to change" in outcome.diagnostics[0].headline


def test_pass_after_one_that_changes_meaning_is_judged() -> None:
    assert codes(run(module_of(EMIT), MeansIt(), RenameSites())) == [
        "pass-remark",
        "meaning-changed",
    ]


def test_module_without_workflow_is_not_judged() -> None:
    outcome = run(ModuleOp([]), Nothing())
    assert "no workflow" in outcome.diagnostics[0].headline


def test_difference_points_to_the_emit() -> None:
    outcome = run(module_of(EMIT), RenameSites())
    help_text = outcome.diagnostics[0].help() or ""
    assert "before the pass:" in help_text
    assert "event e" in help_text


@pytest.mark.parametrize(
    ("words", "events"),
    [((), None), (("--check-semantics",), 8), (("--check-semantics=3",), 3)],
)
def test_option_says_how_many_events(words: tuple[str, ...], events: int | None) -> None:
    assert parse_arguments(["flow.mlir", *words]).check_semantics == events


@pytest.mark.parametrize("word", ["--check-semantics=0", "--check-semantics=x"])
def test_option_refuses_what_is_no_number_of_events(word: str) -> None:
    with pytest.raises(UsageError):
        parse_arguments([word])
