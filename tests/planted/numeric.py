"""Wrong changes to outlined modules, each one a mistake that a numeric pass might make."""

from xdsl.ir import Operation
from xdsl.rewriter import Rewriter

from kumeo.dialects import infer
from kumeo.dialects.agent import InferOp
from kumeo.dialects.data import IndexOp, RequireOp


def forget_impossible_evidence(op: Operation) -> None:
    """Give numbers where there are none."""
    if isinstance(op, RequireOp):
        Rewriter.replace_op(op, [], [op.value])


def fail_otherwise(op: Operation) -> None:
    """Name another failure."""
    if isinstance(op, RequireOp):
        other = RequireOp(op.condition, op.value, "no-answer", op.message.data)
        Rewriter.replace_op(op, [other])


def swap_states(op: Operation) -> None:
    """Give the probability of a state for that of the next one."""
    if isinstance(op, IndexOp):
        first = next((o for o in _before(op) if isinstance(o, IndexOp)), None)
        if first is not None and first.base is op.base:
            op.operands[1] = first.index


def take_null_for_the_first_state(op: Operation) -> None:
    """Forget that evidence may be missing."""
    if isinstance(op, infer.BayesOp):
        op.properties.pop("optional", None)


def take_names_in_their_own_order(op: Operation) -> None:
    """Mix up the states of evidence."""
    if isinstance(op, infer.GatherOp) and op.operands[1].type == op.results[0].type:
        Rewriter.replace_op(op, [], [op.operands[1]])


def _before(op: Operation) -> list[Operation]:
    block = op.parent_block()
    assert block is not None
    return list(block.ops)[: block.get_operation_index(op)]


CHANGES = (
    forget_impossible_evidence,
    fail_otherwise,
    swap_states,
    take_null_for_the_first_state,
    take_names_in_their_own_order,
)


def is_outlined(module: Operation) -> bool:
    """Say whether a module has a numeric program."""
    return any(isinstance(op, InferOp) for op in module.walk())
