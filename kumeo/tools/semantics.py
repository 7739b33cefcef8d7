"""`--check-semantics`: after every pass, is what the workflows do still the same?

The oracle belongs to the interpreter, which passes may not import; so the tools hand it to the
pass manager as a check. A pass with `changes_meaning` is not judged, and the passes after it are
compared with what it left.
"""

from dataclasses import dataclass, field, replace

from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Operation

from kumeo.diagnostics import Diagnostic
from kumeo.interp.evaluate import Rule, Rules
from kumeo.interp.oracle import Difference, Oracle, Trial, make_trials
from kumeo.interp.world import World, no_files
from kumeo.passes.errors import MeaningChanged, PassRemark
from kumeo.passes.files import current_reader
from kumeo.passes.resolve import Step


@dataclass
class SemanticsCheck:
    """Compares the module after each pass with the one before it."""

    events: int = 8
    seed: int = 0
    trials: int = 3
    reduce: bool = True
    """Whether a difference is shown on the smallest events; that takes time."""
    rules: Rules = field(default_factory=dict[type[Operation], Rule])
    """What the ops of other dialects do."""
    _oracle: Oracle | None = field(default=None, init=False)

    def before(self, step: Step, module: ModuleOp) -> None:
        """Copy the module that the first pass gets."""
        if self._oracle is None:
            trials = make_trials(module, self.events, self.seed, self.trials)
            known = tuple(replace(t, world=self._world_of(t)) for t in trials)
            self._oracle = Oracle(module, trials=known)

    def _world_of(self, trial: Trial) -> World:
        """Return the world of a trial, with the files that passes read."""
        return replace(trial.world, rules=self.rules, read_file=current_reader() or no_files)

    def after(self, step: Step, module: ModuleOp) -> list[Diagnostic]:
        """Return an error if the pass changed what a workflow does."""
        oracle = self._oracle
        assert oracle is not None, "the manager calls `before` first"
        if not oracle.trials:
            return [_not_checked(step, "the module has no workflow to run")]
        if getattr(step.runs, "changes_meaning", False):
            oracle.accept(module)
            return [_not_checked(step, "this pass means to change what workflows do")]
        difference = oracle.check(module, reduce=self.reduce, rounds=rounds_of(step))
        return [] if difference is None else [meaning_changed(step.name, difference)]


def meaning_changed(pass_name: str, found: Difference) -> MeaningChanged:
    """Return the diagnostic of a difference."""
    before, after = ("\n".join(side or ("(nothing)",)) for side in (found.before, found.after))
    workflow, text = found.trial.workflow, found.input_text()
    return MeaningChanged(found.place, pass_name, workflow, found.what, text, before, after)


def rounds_of(step: Step) -> float:
    """Return how far a pass may move numbers; 0 unless it says so."""
    return float(getattr(step.runs, "ROUNDS", 0.0))


def _not_checked(step: Step, reason: str) -> PassRemark:
    return PassRemark(None, step.name, f"what it does is not checked: {reason}")
