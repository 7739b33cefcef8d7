"""`verify-level`: fail unless the module is at a level of the IR, with nothing of another left.

    verify-level{level=workflow}

    module attributes {kumeo.level = "workflow"} { func.func @f() { ... } }    // refused: `func`

It changes nothing. A pipeline places it after a lowering, to be sure that the lowering is whole;
`kumeo-opt --level NAME` places it at the end.
"""

from dataclasses import dataclass

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp

from kumeo.analysis.errors import IrLevel
from kumeo.analysis.levels import LEVELS, find_misplaced_ops, level_of
from kumeo.analysis.places import point_of
from kumeo.diagnostics import nearest
from kumeo.passes.base import KumeoPass


@dataclass(frozen=True)
class VerifyLevelPass(KumeoPass):
    """Fail unless the module names the level and has only the dialects of it."""

    name = "verify-level"

    level: str | None = None
    """The level that the module must name; without it any level will do."""

    def __post_init__(self) -> None:
        """Refuse a level that does not exist."""
        if self.level is not None and self.level not in LEVELS:
            close = nearest(self.level, LEVELS)
            raise ValueError(
                f"there is no such level, write `{close}`"
                if close
                else f"the levels are {', '.join(LEVELS)}"
            )

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        """Report what is not as it must be."""
        actual = level_of(op)
        if actual is None or actual != (self.level or actual):
            wanted = f"the level `{self.level}`" if self.level else "a level"
            named = f"`{actual}`" if actual else "none"
            self.report(IrLevel(point_of(op), f"the module must name {wanted}, it names {named}"))
            return
        for found in find_misplaced_ops(op):
            self.report(found)
