"""The pass manager: order, verification, failures, observers, anchors, timing."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count

import pytest
from xdsl.context import Context
from xdsl.dialects.arith import Arith
from xdsl.dialects.builtin import Builtin, ModuleOp, StringAttr
from xdsl.dialects.func import Func
from xdsl.ir import Operation
from xdsl.parser import Parser
from xdsl.passes import ModulePass
from xdsl.utils.exceptions import PassFailedException, VerifyException

from kumeo.diagnostics import Diagnostic
from kumeo.passes.base import KumeoPass, OpPass
from kumeo.passes.errors import PassFailed
from kumeo.passes.manager import Manager, Outcome, Verifier, anchored
from kumeo.passes.resolve import PassTable, Step, format_steps, resolve
from kumeo.passes.timing import Timer

TEXT = """
func.func @outer() { func.return }
builtin.module { func.func @inner() { func.return } }
"""


@dataclass(frozen=True)
class MarkPass(OpPass):
    name = "mark"
    word: str = "x"

    def apply_to(self, ctx: Context, root: Operation) -> None:
        old = root.attributes.get("marks", StringAttr(""))
        assert isinstance(old, StringAttr)
        root.attributes["marks"] = StringAttr(old.data + self.word)
        self.count("marks")


@dataclass(frozen=True)
class RaisePass(ModulePass):
    name = "raise"
    kind: str = "crash"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        kinds: dict[str, BaseException] = {
            "crash": KeyError("k"),
            "exit": SystemExit(0),
            "refuse": PassFailedException("no\nmore"),
            "verify": VerifyException("bad"),
        }
        raise kinds[self.kind]


@dataclass(frozen=True)
class ReportPass(KumeoPass):
    name = "report"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        self.remark(op, "seen")
        self.report(PassFailed(None, self.name, "an error of its own"))


@dataclass(frozen=True)
class MarkAndErasePass(MarkPass):
    name = "mark-and-erase"

    def apply_to(self, ctx: Context, root: Operation) -> None:
        super().apply_to(ctx, root)
        for op in [op for op in root.walk() if op is not root]:
            op.detach()


CLASSES = {cls.name: cls for cls in (MarkPass, RaisePass, ReportPass, MarkAndErasePass)}
TABLE = PassTable(CLASSES.get, lambda: CLASSES, lambda name: (name in OPS, "func.func"))
OPS = ("func.func", "builtin.module", "func.return")


def steps_of(text: str) -> tuple[Step, ...]:
    steps, found = resolve(text, TABLE)
    assert found == ()
    return steps


def make_module() -> tuple[Context, ModuleOp]:
    ctx = Context()
    for dialect in (Builtin, Arith, Func):
        ctx.load_dialect(dialect)
    return ctx, Parser(ctx, TEXT).parse_module()


def run(text: str, verify: Verifier | None = None) -> tuple[Outcome, ModuleOp]:
    ctx, module = make_module()
    ticks = count()
    manager = Manager(ctx, Timer(lambda: float(next(ticks))), verify)
    return manager.run(steps_of(text), module), module


def marks(module: ModuleOp) -> list[str]:
    found = [op.attributes.get("marks") for op in module.walk()]
    return [mark.data for mark in found if isinstance(mark, StringAttr)]


def codes(outcome: Outcome) -> list[str]:
    return [found.code for found in outcome.diagnostics]


def test_run_passes_in_order() -> None:
    _, module = run("mark{word=a},mark{word=b}")
    assert marks(module) == ["ab"]


def test_run_anchored_pass_sees_each_op() -> None:
    _, module = run("func.func(mark{word=a},mark{word=b})")
    assert marks(module) == ["ab", "ab"]


def test_run_nested_anchor_sees_inner_ops_only() -> None:
    _, module = run("builtin.module(builtin.module(func.func(mark)))")
    assert marks(module) == ["x"]


def test_run_op_that_an_earlier_run_detached_is_left_alone() -> None:
    ctx = Context()
    ctx.load_dialect(Builtin)
    text = "builtin.module { builtin.module { builtin.module {} } }"
    module = Parser(ctx, text).parse_module()
    outer, inner = anchored(module, ("builtin.module",))
    steps = steps_of("builtin.module(builtin.module(mark-and-erase))")
    Manager(ctx, Timer(lambda: 0.0)).run(steps, module)
    assert ("marks" in outer.attributes, "marks" in inner.attributes) == (True, False)


def test_run_statistics_name_the_pass() -> None:
    outcome, _ = run("mark,func.func(mark)")
    assert outcome.statistics == [("mark", "marks", 1), ("mark", "marks", 2)]


@pytest.mark.parametrize(
    ("kind", "code", "headline"),
    [
        ("crash", "pass-crashed", "pass `raise` crashed: KeyError: 'k'"),
        ("exit", "pass-crashed", "pass `raise` crashed: SystemExit: 0"),
        ("refuse", "pass-failed", "pass `raise` failed: no"),
        ("verify", "pass-failed", "pass `raise` failed: bad"),
    ],
)
def test_run_exception_becomes_a_diagnostic(kind: str, code: str, headline: str) -> None:
    outcome, _ = run(f"raise{{kind={kind}}}")
    assert [(d.code, d.headline) for d in outcome.diagnostics] == [(code, headline)]
    assert (outcome.crash is not None) == (code == "pass-crashed")


def test_run_stops_at_the_first_failure() -> None:
    outcome, module = run("mark,raise,mark")
    assert outcome.failed_index == 1
    assert marks(module) == ["x"]


def test_run_reported_error_stops_too() -> None:
    outcome, module = run("report,mark")
    assert codes(outcome) == ["pass-remark", "pass-failed"]
    assert marks(module) == []


def complain(module: ModuleOp) -> list[Diagnostic]:
    return [PassFailed(None, "nobody", "not valid")] if marks(module) else []


def test_run_invalid_module_names_the_pass() -> None:
    outcome, _ = run("mark,mark", complain)
    assert codes(outcome) == ["pass-failed", "pass-broke-ir"]
    assert outcome.diagnostics[0].notes == ("found after pass `mark`",)
    assert outcome.diagnostics[1].headline == "the module is not valid after pass `mark`"
    assert outcome.failed_index == 0


def test_run_without_verifier_goes_on() -> None:
    outcome, module = run("mark,mark", None)
    assert (codes(outcome), marks(module)) == ([], ["xx"])


def test_report_outside_of_a_manager_raises() -> None:
    ctx, module = make_module()
    with pytest.raises(PassFailedException, match="an error of its own"):
        ReportPass().apply(ctx, module)


def test_report_after_a_run_is_not_collected_any_more() -> None:
    outcome, module = run("mark")
    before = list(outcome.statistics)
    MarkPass().apply(Context(), module)
    assert outcome.statistics == before


@pytest.mark.parametrize(
    ("text", "code", "help_text"),
    [
        ("marc", "unknown-pass", "write `mark`"),
        ("zzzzzz", "unknown-pass", "`kumeo-opt --list-passes` lists the passes"),
        ("func.func(raise)", "invalid-pipeline", "move it out of the group"),
        ("func.fnc(mark)", "invalid-pipeline", "write `func.func`"),
        ("mark{wrod=x}", "unknown-pass-option", "write `word`"),
    ],
)
def test_resolve_fault(text: str, code: str, help_text: str) -> None:
    steps, (found,) = resolve(text, TABLE)
    assert (steps, found.code, found.help()) == ((), code, help_text)


def test_resolve_tells_all_faults() -> None:
    assert len(resolve("marc,mark{wrod=x},nonsense", TABLE)[1]) == 3


@pytest.mark.parametrize(
    "text",
    [
        "",
        "mark,raise",
        'mark{word="two words"}',
        "func.func(mark,mark{word=a}),mark",
        "builtin.module(func.func(mark))",
        "builtin.module(builtin.module(func.func(mark)))",
    ],
)
def test_format_steps_is_read_back(text: str) -> None:
    steps = steps_of(text)
    assert steps_of(format_steps(steps)) == steps


def test_format_steps_leaves_out_defaults() -> None:
    assert format_steps(steps_of("builtin.module( mark{word=x} , raise )")) == "mark,raise"


@pytest.fixture
def clock() -> Callable[[], float]:
    return iter([0.0, 1.0, 2.0, 3.0, 4.0, 8.0]).__next__


def test_timer_report_is_a_tree_with_shares(clock: Callable[[], float]) -> None:
    timer = Timer(clock)
    with timer.measure("outer"), timer.measure("inner"):
        pass
    assert timer.report().splitlines() == [
        "===- timing: 8.000 s -===",
        "  3.000 s   37.5%  outer",
        "  1.000 s   12.5%    inner",
        "  5.000 s   62.5%  other",
    ]


def test_timer_runs_of_one_name_add_up() -> None:
    ticks = count()
    timer = Timer(lambda: float(next(ticks)))
    for _ in range(3):
        with timer.measure("a"):
            pass
    assert "  3.000 s" in timer.report().splitlines()[1]
