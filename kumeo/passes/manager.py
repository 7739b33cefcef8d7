"""Runs the steps of a pipeline on a module, verifies in between and says what went wrong.

Holds on entry: the module is valid. On exit: the module is valid when the outcome has no error;
otherwise it is in the state in which the failing pass left it. A pass is foreign code: whatever it
raises becomes an outcome, never an exception of the manager. A pass does not get a module
of a level at which it does not work.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple, Protocol

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Operation
from xdsl.utils.exceptions import DiagnosticException

from kumeo.diagnostics import Diagnostic, Severity, has_errors
from kumeo.frontend.collector import without_gc
from kumeo.passes.base import OpPass, reporting
from kumeo.passes.errors import PassBrokeIr, PassCrashed, PassFailed
from kumeo.passes.levels import judge_step
from kumeo.passes.resolve import Step
from kumeo.passes.snapshot import Snapshot, snapshot_of
from kumeo.passes.timing import Timer

Verifier = Callable[[ModuleOp], list[Diagnostic]]


class Observer(Protocol):
    """Looks at the module around each pass. It changes nothing."""

    def before(self, step: Step, module: ModuleOp) -> None:
        """See the module that a pass is about to get."""
        ...

    def after(self, step: Step, module: ModuleOp) -> None:
        """See the module that a pass has left, also when it failed."""
        ...


class Check(Protocol):
    """Judges what a pass did to a module that is valid before and after it. It changes nothing."""

    def before(self, step: Step, module: ModuleOp) -> None:
        """See the module that a pass is about to get."""
        ...

    def after(self, step: Step, module: ModuleOp) -> list[Diagnostic]:
        """Return what is wrong with what the pass did; an error ends the pipeline."""
        ...


class Statistic(NamedTuple):
    """One count of one run of a pass."""

    name: str
    what: str
    amount: int


@dataclass
class Outcome:
    """What a run of a pipeline told."""

    diagnostics: list[Diagnostic] = field(default_factory=list[Diagnostic])
    statistics: list[Statistic] = field(default_factory=list[Statistic])
    failed: Step | None = None
    """The step that ended the run early."""
    failed_index: int = -1
    verified: Snapshot | None = None
    """The module as it was when it was last verified in this run."""
    crash: BaseException | None = None
    """What the failed step raised, when it was not a refusal."""


@dataclass(frozen=True)
class Manager:
    """How pipelines are run; it can run several modules, one after the other."""

    ctx: Context
    timer: Timer
    verify: Verifier | None = None
    """Called after each pass; None to trust the passes."""
    observers: Sequence[Observer] = ()
    check: Check | None = None
    """Called after each pass that left a valid module."""

    def run(self, steps: Sequence[Step], module: ModuleOp) -> Outcome:
        """Run the steps in order, up to the first that fails."""
        # The caller hands in a valid module.
        outcome = Outcome(verified=None if self.verify is None else snapshot_of(module))
        for index, step in enumerate(steps):
            if not self._run_step(step, module, outcome):
                outcome.failed, outcome.failed_index = step, index
                break
        return outcome

    def _run_step(self, step: Step, module: ModuleOp, outcome: Outcome) -> bool:
        misplaced = judge_step(step, module)
        if misplaced is not None:
            outcome.diagnostics.append(misplaced)
            return False
        for observer in self.observers:
            observer.before(step, module)
        if self.check is not None:
            self.check.before(step, module)
        with reporting() as report, self.timer.measure(step.name):
            failure = self._apply(step, module, outcome)
        for observer in self.observers:
            observer.after(step, module)
        counts = report.statistics.items()
        outcome.statistics += [Statistic(step.name, what, n) for what, n in counts if n]
        outcome.diagnostics += [_signed(found, step.name) for found in report.diagnostics]
        if failure is not None:
            outcome.diagnostics.append(failure)
        if failure is not None or has_errors(report.diagnostics):
            return False
        return self._verify_after(step, module, outcome) and self._check_after(
            step, module, outcome
        )

    def _apply(self, step: Step, module: ModuleOp, outcome: Outcome) -> Diagnostic | None:
        try:
            with without_gc():
                apply_step(self.ctx, step, module)
        except DiagnosticException as error:
            return PassFailed(None, step.name, first_line(error))
        except (Exception, SystemExit) as error:
            # A pass is foreign code; its faults are reported, with the traceback kept. It may not
            # end the tool either.
            outcome.crash = error
            return PassCrashed(None, step.name, describe_exception(error))
        return None

    def _verify_after(self, step: Step, module: ModuleOp, outcome: Outcome) -> bool:
        """Verify what the pass left; a module that is the same as before is still valid."""
        if self.verify is None or self._is_unchanged(module, outcome):
            return True
        with self.timer.measure("verify"):
            found = self.verify(module)
        note = f"found after pass `{step.name}`"
        outcome.diagnostics += [replace(d, notes=(*d.notes, note)) for d in found]
        if not has_errors(found):
            return True
        outcome.diagnostics.append(PassBrokeIr(None, step.name))
        return False

    def _is_unchanged(self, module: ModuleOp, outcome: Outcome) -> bool:
        now = snapshot_of(module)
        before, outcome.verified = outcome.verified, now
        return now == before

    def _check_after(self, step: Step, module: ModuleOp, outcome: Outcome) -> bool:
        if self.check is None:
            return True
        with self.timer.measure("check"):
            found = self.check.after(step, module)
        outcome.diagnostics += found
        return not has_errors(found)


def _signed(found: Diagnostic, pass_name: str) -> Diagnostic:
    """Return a diagnostic that says which pass reported it; a remark does so by itself."""
    if found.severity is Severity.REMARK:
        return found
    return replace(found, notes=(*found.notes, f"reported by pass `{pass_name}`"))


def apply_step(ctx: Context, step: Step, module: ModuleOp) -> None:
    """Apply one pass to the module, or to each op that its anchors select."""
    if not step.anchors:
        step.runs.apply(ctx, module)
        return
    assert isinstance(step.runs, OpPass), "the resolver lets no other pass into a group"
    for root in list(anchored(module, step.anchors)):
        if root.get_toplevel_object() is module:
            step.runs.apply_to(ctx, root)


def anchored(root: Operation, anchors: tuple[str, ...]) -> Iterator[Operation]:
    """Yield the ops of the last kind that are inside ops of the kinds before it."""
    if not anchors:
        yield root
        return
    for op in root.walk():
        if op is not root and op.name == anchors[0]:
            yield from anchored(op, anchors[1:])


def describe_exception(error: BaseException) -> str:
    """Return the type and the first line of an exception."""
    text = first_line(error)
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def first_line(error: BaseException) -> str:
    """Return the first line of an exception's text that is not empty."""
    lines = [line.strip() for line in str(error).splitlines()]
    return next((line for line in lines if line), "")
