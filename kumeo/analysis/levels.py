"""The levels of the IR: which dialects exist at which level.

A module names its level in the attribute `kumeo.level`. A module without one is not checked: it
may be a piece that a test or a tool works on. The ops of its workflows tell at which levels it may
be (`possible_levels`).
"""

from collections.abc import Iterator
from functools import cache

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
    "messaging": ("builtin", "workflow", "messaging", "agent", "data", "infer"),
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
    "workflow": _STAGE_OPS | {"agent.infer"},
    "numeric": _STAGE_OPS,
    "stages": frozenset({"workflow.on"}),
    "messaging": frozenset({"workflow.on", "agent.stage"}),
}
"""Ops of the dialects of a level that do not exist there."""

EVERY_LEVEL: tuple[str, ...] = ()
"""What a pass or an output form says that works at every level."""
ACTIVATIONS = ("workflow", "numeric")
"""The levels at which an activation is one op, `workflow.on`."""


def level_of(module: ModuleOp) -> str | None:
    """Return the level that the module names, or None."""
    level = module.attributes.get(LEVEL_ATTRIBUTE)
    return level.data if isinstance(level, StringAttr) else None


def set_level(module: ModuleOp, level: str) -> None:
    """Name the level of the module."""
    module.attributes[LEVEL_ATTRIBUTE] = StringAttr(level)


def possible_levels(module: ModuleOp) -> tuple[str, ...]:
    """Return the levels at which the module may be, in the order of lowering.

    It is the one that the module names, else those at which the ops of its workflows exist: all of
    them if it holds no workflow. A module that is lowered in part is at the level it comes from.
    Only ops at the top and one region below are looked at: deeper ones stand inside of these.
    """
    named = level_of(module)
    if named is not None:
        return (named,)
    found = tuple(LEVELS)
    for op in _outer_ops(module):
        here = _levels_of(op) or _levels_with(_name_of(op)) or found
        both = tuple(level for level in found if level in here)
        found = both or min(found, here, key=lambda levels: list(LEVELS).index(levels[0]))
    return found


def _outer_ops(module: ModuleOp) -> Iterator[Operation]:
    for op in module.ops:
        yield op
        for block in (block for region in op.regions for block in region.blocks):
            yield from block.ops


@cache
def _levels_with(name: str) -> tuple[str, ...]:
    """Return the levels at which an op of this name exists; none if its dialect is of no level."""
    dialect = name.partition(".")[0]
    allowed = [level for level, dialects in LEVELS.items() if dialect in dialects]
    return tuple(level for level in allowed if name not in ABSENT.get(level, ()))


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
