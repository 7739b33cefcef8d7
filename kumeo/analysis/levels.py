"""The levels of the IR: which dialects exist at which level.

A module names its level in the attribute `kumeo.level`. A module without one is not checked: it
may be a piece that a test or a tool works on.
"""

from xdsl.dialects.builtin import ModuleOp, StringAttr, UnregisteredOp
from xdsl.ir import Operation

from kumeo.analysis.errors import IrLevel
from kumeo.analysis.places import point_of
from kumeo.analysis.walk import walk_ops
from kumeo.diagnostics import Diagnostic

LEVEL_ATTRIBUTE = "kumeo.level"

LEVELS: dict[str, tuple[str, ...]] = {
    "workflow": ("builtin", "workflow", "agent", "data"),
    "numeric": ("builtin", "workflow", "agent", "data", "infer"),
    "stages": ("builtin", "workflow", "agent", "data", "infer"),
    "messaging": ("builtin", "messaging", "agent", "data", "infer"),
}
"""Dialects of each level, in the order of lowering."""


def level_of(module: ModuleOp) -> str | None:
    """Return the level that the module names, or None."""
    level = module.attributes.get(LEVEL_ATTRIBUTE)
    return level.data if isinstance(level, StringAttr) else None


def set_level(module: ModuleOp, level: str) -> None:
    """Name the level of the module."""
    module.attributes[LEVEL_ATTRIBUTE] = StringAttr(level)


def find_misplaced_ops(module: ModuleOp) -> list[Diagnostic]:
    """Return a diagnostic for each op that does not exist at the level of the module."""
    if LEVEL_ATTRIBUTE not in module.attributes:
        return []
    level = level_of(module)
    if level is None or level not in LEVELS:
        shown = module.attributes[LEVEL_ATTRIBUTE]
        known = ", ".join(f'"{name}"' for name in LEVELS)
        return [IrLevel(point_of(module), f"unknown level {shown}: write one of {known}")]
    allowed = LEVELS[level]
    known = ", ".join(allowed)
    return [
        IrLevel(point_of(op), f"`{_name_of(op)}` does not exist at the level `{level}`", known)
        for op in walk_ops(module)
        if _name_of(op).partition(".")[0] not in allowed
    ]


def _name_of(op: Operation) -> str:
    return op.op_name.data if isinstance(op, UnregisteredOp) else op.name
