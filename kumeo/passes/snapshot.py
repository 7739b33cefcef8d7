"""Whether a pass changed anything: the ops of a module with all that they hold, by identity.

Attributes never change, so a module whose ops hold the same objects in the same order is the same
module. A snapshot keeps the objects alive, so no other object can take the place of one of them.
"""

from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Operation

Snapshot = list[tuple[object, ...]]


def snapshot_of(module: ModuleOp) -> Snapshot:
    """Return what a module holds; two equal snapshots mean that nothing changed between them."""
    return [_held_by(op) for op in module.walk()]


def _held_by(op: Operation) -> tuple[object, ...]:
    settings = (*op.properties.items(), *op.attributes.items())
    blocks = [block for region in op.regions for block in region.blocks]
    shapes = [(block, *block.args, *(arg.type for arg in block.args)) for block in blocks]
    types = (result.type for result in op.results)
    held = (*op.operands, None, *types, None, *op.successors, None, *settings, *shapes)
    return (op, op.parent, op.location, *held)
