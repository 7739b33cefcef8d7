"""What the ONNX backend refuses."""

from dataclasses import dataclass
from typing import ClassVar

from xdsl.ir import Operation

from kumeo.analysis.places import point_of
from kumeo.diagnostics import Diagnostic
from kumeo.dialects import infer

PASSES: dict[type[Operation], str] = {
    infer.BayesOp: "lower-bayes",
    infer.RulesOp: "lower-decisions",
    infer.ScoreOp: "lower-decisions",
}
"""The pass that turns an op into others, where there is one."""


@dataclass(frozen=True)
class NotEmitted(Diagnostic):
    """A numeric program holds an operation that no ONNX graph can be made of.

    Networks, rules and scores are lowered by passes first; `-O2` has them in the right order.

    Example::

        kumeo-opt flow.mlir -t onnx      // flow.mlir holds `infer.bayes`

    Fix::

        kumeo-opt flow.mlir -p lower-bayes,lower-decisions -t onnx
    """

    code: ClassVar[str] = "not-emitted"
    title: ClassVar[str] = "`{name}` has no form in ONNX"
    label: ClassVar[str] = "this operation"

    name: str
    fix: str

    def help(self) -> str | None:
        """Say what to do."""
        return self.fix


class Unemitted(Exception):  # noqa: N818 - carries a diagnostic out of the emitter
    """The emitter has met something that no graph can be made of."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.headline)
        self.diagnostic = diagnostic


def not_emitted(op: Operation) -> Unemitted:
    """Return the refusal of an op."""
    lowering = PASSES.get(type(op))
    fix = f"run `{lowering}` first" if lowering else "lower it with a pass of its package first"
    return Unemitted(NotEmitted(point_of(op), op.name, fix))


def no_model(op: Operation, diagnostic: Diagnostic | None, path: str) -> Unemitted:
    """Return the refusal of an imported model that is not there or cannot be used."""
    fix = f"put the file `{path}` beside the workflow"
    return Unemitted(diagnostic or NotEmitted(point_of(op), op.name, fix))
