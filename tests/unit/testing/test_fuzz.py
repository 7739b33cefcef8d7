"""The fuzzer: the passes of Kumeo keep what random modules do, and a wrong pass is told."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp

from kumeo.dialects.workflow import EmitOp, IfOp
from kumeo.passes.base import KumeoPass
from kumeo.passes.pipelines import pipeline_text
from kumeo.passes.registry import PASSES
from kumeo.testing.fuzz import Job, check_many, check_seed, main

MODULES = 120


@pytest.mark.parametrize("pipeline", ["canonicalize,cse,canonicalize,dce", "O2", "O2+numeric"])
def test_pipeline_keeps_what_random_modules_do(pipeline: str) -> None:
    job = Job(pipeline)
    failures = [failure for _, failure in check_many(job, range(MODULES), 1) if failure]
    assert failures == []


@pytest.mark.parametrize("level", ["O0", "O1", "O2"])
def test_lowering_to_messages_keeps_what_random_modules_do(level: str) -> None:
    job = Job(pipeline_text(level, "messaging"))
    failures = [failure for _, failure in check_many(job, range(60), 1) if failure]
    assert failures == []


@dataclass(frozen=True)
class EraseBranchEmits(KumeoPass):
    """Erase what branches send."""

    name = "erase-branch-emits"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        for branch in list(op.walk()):
            for inner in list(branch.walk()) if isinstance(branch, IfOp) else ():
                if isinstance(inner, EmitOp) and inner.parent is not None:
                    inner.detach()
                    inner.erase()


@pytest.fixture
def wrong_pass(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setitem(PASSES, "erase-branch-emits", lambda: EraseBranchEmits)  # pyright: ignore
    return "cse,erase-branch-emits,dce"


def test_wrong_pass_is_named(wrong_pass: str) -> None:
    found = (check_seed(Job(wrong_pass), seed) for seed in range(50))
    failure = next(failure for failure in found if failure is not None)
    assert "pass `erase-branch-emits` changes what workflow `Random` does" in failure.report


def test_failure_is_saved_and_reduced(
    wrong_pass: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "failure.mlir"
    arguments = ["100", "--pipeline", wrong_pass, "--processes", "1", "--size", "6"]
    assert main([*arguments, "--save", str(file)]) == 1
    small = (tmp_path / "failure.small.mlir").read_text()
    assert "workflow.if" in small
    assert small.count("\n") < file.read_text().count("\n") / 2
    assert "is broken" in capsys.readouterr().err


def test_run_in_two_processes_counts_all(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["60", "--pipeline", "cse", "--size", "3", "--processes", "2"]) == 0
    assert "60 of 60 modules" in capsys.readouterr().err
