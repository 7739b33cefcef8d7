"""What a Kumeo pass is: an xDSL pass that can also count, remark and report.

    @dataclass(frozen=True)
    class EraseEmptyPass(OpPass):
        \"\"\"Erase regions that do nothing.\"\"\"

        name = "erase-empty"

        def apply_to(self, ctx: Context, root: Operation) -> None:
            ...
            self.count("regions erased")
            self.remark(op, "does nothing")

Counts and remarks go to the `PassReport` of the running pipeline. Outside of one (plain
`xdsl-opt`) they are dropped, and a reported error becomes a `PassFailedException`.
"""

from abc import abstractmethod
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import ClassVar

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Operation
from xdsl.passes import ModulePass
from xdsl.utils.exceptions import PassFailedException

from kumeo.analysis.levels import EVERY_LEVEL
from kumeo.analysis.places import point_of
from kumeo.diagnostics import Diagnostic, Severity, render_one
from kumeo.passes.errors import PassRemark


@dataclass
class PassReport:
    """What one run of one pass told: the manager owns it, the pass adds to it."""

    statistics: dict[str, int] = field(default_factory=dict[str, int])
    diagnostics: list[Diagnostic] = field(default_factory=list[Diagnostic])


_CURRENT: ContextVar[PassReport | None] = ContextVar("kumeo-pass-report", default=None)


@contextmanager
def reporting() -> Generator[PassReport]:
    """Collect what passes tell inside the `with` block."""
    report = PassReport()
    token = _CURRENT.set(report)
    try:
        yield report
    finally:
        _CURRENT.reset(token)


@dataclass(frozen=True)
class KumeoPass(ModulePass):
    """A pass over a whole module. Fields are options; `name` is what a pipeline says.

    `LEVELS` says at which levels of the IR it works; the manager refuses a module of another one.
    `LOWERS_TO` is the level at which a lowering leaves the module.
    """

    LEVELS: ClassVar[tuple[str, ...]] = EVERY_LEVEL
    LOWERS_TO: ClassVar[str | None] = None

    def count(self, what: str, amount: int = 1) -> None:
        """Add to a statistic, shown by `--pass-statistics`."""
        report = _CURRENT.get()
        if report is not None:
            report.statistics[what] = report.statistics.get(what, 0) + amount

    def remark(self, op: Operation, text: str) -> None:
        """Tell the user what the pass did, or why it did not, shown by `--remarks`."""
        self.report(PassRemark(point_of(op), self.name, text))

    def report(self, diagnostic: Diagnostic) -> None:
        """Report a diagnostic; an error ends the pipeline after this pass."""
        report = _CURRENT.get()
        if report is not None:
            report.diagnostics.append(diagnostic)
        elif diagnostic.severity is Severity.ERROR:
            raise PassFailedException(render_one(diagnostic))


@dataclass(frozen=True)
class OpPass(KumeoPass):
    """A pass that works inside any op, so a pipeline can anchor it: `workflow.on(cse)`."""

    @abstractmethod
    def apply_to(self, ctx: Context, root: Operation) -> None:
        """Change the ops inside `root`; never `root` itself or anything outside."""

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        """Apply the pass to a whole module."""
        self.apply_to(ctx, op)
