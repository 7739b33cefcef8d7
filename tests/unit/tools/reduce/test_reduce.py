"""`kumeo-reduce`: small, still failing, valid, the same every time."""

import io
from pathlib import Path

import pytest
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp

from kumeo.analysis.text import print_module
from kumeo.analysis.verify import verify_module
from kumeo.dialects.agent import LlmOp
from kumeo.dialects.workflow import EmitOp, ForeachOp, IfOp
from kumeo.passes.base import KumeoPass
from kumeo.passes.registry import PASSES
from kumeo.testing.generator import random_module
from kumeo.tools.reduce import reduce_module, size_of
from kumeo.tools.reduce.main import run


class EraseEmits(KumeoPass):
    """Erase every message that a loop sends."""

    name = "erase-emits"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        for loop in list(op.walk()):
            for inner in list(loop.walk()) if isinstance(loop, ForeachOp) else ():
                if isinstance(inner, EmitOp) and inner.parent is not None:
                    inner.detach()
                    inner.erase()


def holds_model_in_branch(module: ModuleOp) -> bool:
    branches = (op for op in module.walk() if isinstance(op, IfOp))
    return any(isinstance(inner, LlmOp) for op in branches for inner in op.walk())


def seed_with_model_in_branch() -> int:
    return next(s for s in range(50) if holds_model_in_branch(random_module(s, 40)))


def test_reduce_keeps_little_but_what_fails() -> None:
    module = random_module(seed_with_model_in_branch(), 40)
    small = reduce_module(module, holds_model_in_branch)
    assert holds_model_in_branch(small)
    assert verify_module(small) == []
    kinds = sorted(op.name for op in small.walk() if op.name.startswith("agent."))
    assert kinds == ["agent.llm"]
    assert size_of(small)[2] <= 14


def test_reduce_twice_gives_the_same() -> None:
    seed = seed_with_model_in_branch()
    texts = [
        print_module(reduce_module(random_module(seed, 20), holds_model), False, False)
        for _ in range(2)
    ]
    assert texts[0] == texts[1]


def holds_model(module: ModuleOp) -> bool:
    return any(isinstance(op, LlmOp) for op in module.walk())


def test_reduce_leaves_the_input_alone() -> None:
    module = random_module(3, 10)
    before = print_module(module, False, False)
    reduce_module(module, lambda _: True)
    assert print_module(module, False, False) == before


def call(*arguments: str) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    return run(arguments, "", out, err), out.getvalue(), err.getvalue()


@pytest.fixture
def module_file(tmp_path: Path) -> Path:
    path = tmp_path / "big.mlir"
    seed = next(
        s for s in range(100) if any(isinstance(o, ForeachOp) for o in random_module(s).walk())
    )
    path.write_text(print_module(random_module(seed), False, False))
    return path


def test_command_that_fails_decides(module_file: Path) -> None:
    code, out, err = call(str(module_file), "--command", "! grep -q foreach {}")
    assert code == 0
    assert "foreach" in out
    assert len(out) < len(module_file.read_text()) / 3
    assert "ops are left" in err


def test_expected_output_decides_too(module_file: Path) -> None:
    code, _, err = call(
        str(module_file), "--command", "! grep foreach {}", "--expect", "no such text"
    )
    assert code == 1
    assert "nothing-to-reduce" in err


def test_semantics_check_decides(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(PASSES, "erase-emits", lambda: EraseEmits)  # pyright: ignore
    path, small = tmp_path / "big.mlir", tmp_path / "small.mlir"
    path.write_text(
        """workflow.workflow @W {
          workflow.source @s nats("s") : !data.list<i64>
          workflow.target @t nats("t")
          workflow.on @s (%e: !data.list<i64>) {
            %n = data.len %e
            workflow.emit %n : i64 to @t site "a"
            workflow.foreach (%x: i64) in %e {
              %y = data.add %x, %n : i64
              workflow.emit %y : i64 to @t site "b"
              workflow.yield
            }
            workflow.return
          }
        }"""
    )
    code, _, _ = call(str(path), "--check-semantics", "cse,erase-emits", "-o", str(small))
    text = small.read_text()
    assert code == 0
    assert "workflow.foreach" in text
    assert 'site "b"' in text
    assert "data.add" not in text
    assert 'site "a"' not in text


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["x.mlir"], "write either"),
        (["x.mlir", "--command", "false"], "has no `{}`"),
        (["x.mlir", "--command", "a {}", "--check-semantics", "cse"], "write either"),
        (["x.mlir", "--nothing"], "unrecognized"),
        (["x.mlir", "--check-semantics", "cse", "--events", "0"], "`--events` is at least 1"),
        (["x.mlir", "--check-semantics", "cse", "--tries", "-1"], "`--tries` is at least 1"),
        (["missing.mlir", "--check-semantics", "cse"], "cannot-read"),
    ],
)
def test_wrong_usage_is_told(arguments: list[str], problem: str) -> None:
    code, _, err = call(*arguments)
    assert code == 2
    assert problem in err


def test_unknown_pass_is_told(module_file: Path) -> None:
    code, _, err = call(str(module_file), "--check-semantics", "csee")
    assert code == 2
    assert "write `cse`" in err


def test_pipeline_of_the_wrong_level_is_told(module_file: Path) -> None:
    code, out, err = call(str(module_file), "--check-semantics", "agent-fuse")
    assert (code, out) == (1, "")
    assert err.startswith("error[wrong-level]: pass `agent-fuse`")


def test_invalid_module_is_told(tmp_path: Path) -> None:
    path = tmp_path / "bad.mlir"
    path.write_text("workflow.on @s")
    code, _, err = call(str(path), "--check-semantics", "cse")
    assert code == 1
    assert "ir-syntax" in err


def test_help_has_the_options() -> None:
    code, out, _ = call("--help")
    assert code == 0
    assert "--check-semantics" in out
