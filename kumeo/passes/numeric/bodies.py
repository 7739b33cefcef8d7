"""Small steps on the region of `agent.infer` and on the block around it."""

from collections.abc import Sequence

from xdsl.ir import Block, Operation
from xdsl.rewriter import Rewriter

from kumeo.dialects import infer


def block_of(op: Operation) -> Block:
    """Return the block that an agent stands in."""
    block = op.parent_block()
    assert block is not None, "an agent stands in a block"
    return block


def drop_dead(body: Block) -> None:
    """Erase what nobody reads, from the end."""
    for op in reversed(list(body.ops)):
        is_read = any(result.uses for result in op.results)
        if not is_read and not isinstance(op, infer.YieldOp):
            Rewriter.erase_op(op)


def distinct(names: Sequence[str]) -> list[str]:
    """Return the names, numbered where one stands twice."""
    found: list[str] = []
    for name in names:
        number, fresh = 1, name
        while fresh in found:
            number += 1
            fresh = f"{name}_{number}"
        found.append(fresh)
    return found
