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
from kumeo.dialects.base import KumeoOp

LEVEL_ATTRIBUTE = "kumeo.level"

LEVELS: dict[str, tuple[str, ...]] = {
    "workflow": ("builtin", "workflow", "agent", "data"),
    "numeric": ("builtin", "workflow", "agent", "data", "infer"),
    "stages": ("builtin", "workflow", "agent", "data", "infer"),
    "messaging": ("builtin", "messaging", "agent", "data", "infer"),
}
"""Dialects of each level, in the order of lowering."""

_STAGE_OPS = frozenset(
    f"agent.{name}"
    for name in (
        "stage",
        "goto",
        "branch",
        "switch",
        "park",
        "done",
        "watch",
        "observe",
        "failure_of",
    )
)
ABSENT: dict[str, frozenset[str]] = {
    "workflow": _STAGE_OPS,
    "numeric": _STAGE_OPS,
    "stages": frozenset({"workflow.on"}),
}
"""Ops of the dialects of a level that do not exist there."""


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
    allowed, absent = LEVELS[level], ABSENT.get(level, frozenset())
    known = ", ".join(allowed)
    found: list[Diagnostic] = []
    for op in walk_ops(module):
        name = _name_of(op)
        message = f"`{name}` does not exist at the level `{level}`"
        if level in _levels_of(op):
            continue
        if name.partition(".")[0] not in allowed:
            found.append(IrLevel(point_of(op), message, known))
        elif name in absent:
            found.append(IrLevel(point_of(op), message))
    return found


def _levels_of(op: Operation) -> tuple[str, ...]:
    """Return the levels that an op of another package names for itself."""
    return op.LEVELS if isinstance(op, KumeoOp) else ()


def _name_of(op: Operation) -> str:
    return op.op_name.data if isinstance(op, UnregisteredOp) else op.name
