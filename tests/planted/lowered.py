"""Wrong changes to lowered numeric programs: mistakes of `fuse-infer`, `lower-decisions` and
`lower-bayes`. Each takes one op of a module after these passes.
"""

from xdsl.dialects.builtin import IntegerAttr, StringAttr, i64
from xdsl.ir import Operation
from xdsl.rewriter import Rewriter

from kumeo.dialects import infer
from kumeo.dialects.agent import InferOp
from kumeo.dialects.data import GetOp


def read_another_field(op: Operation) -> None:
    """`fuse-infer`: give a reader the field of the other program."""
    if isinstance(op, GetOp) and isinstance(program := op.base.owner, InferOp):
        names = [n for n, kind in program.record.fields if kind == op.result.type]
        others = [n for n in names if n != op.field.data]
        if others:
            op.properties["field"] = StringAttr(others[0])


def swap_operands_of_programs(op: Operation) -> None:
    """`fuse-infer`: mix up what two programs read."""
    if isinstance(op, InferOp):
        for i, j in _pairs(len(op.inputs)):
            if op.inputs[i].type == op.inputs[j].type and op.inputs[i] is not op.inputs[j]:
                op.operands[i], op.operands[j] = op.operands[j], op.operands[i]
                return


def let_the_last_rule_decide(op: Operation) -> None:
    """`lower-decisions`: try rules from the end."""
    later = op.operands[2].owner if isinstance(op, infer.SelectOp) else None
    if isinstance(later, infer.SelectOp):
        (first, chosen, _), (last, other, none) = op.operands, later.operands
        inner = infer.SelectOp(first, chosen, none)
        Rewriter.replace_op(op, [inner, infer.SelectOp(last, other, inner.result)])


def choose_the_other_way(op: Operation) -> None:
    """`lower-decisions`: take a rule that does not hold."""
    if isinstance(op, infer.SelectOp):
        op.operands[1], op.operands[2] = op.operands[2], op.operands[1]


def forget_weights(op: Operation) -> None:
    """`lower-decisions`: count every criterion once."""
    if isinstance(op, infer.MulOp) and isinstance(op.operands[1].owner, infer.ConstantOp):
        Rewriter.replace_op(op, [], [op.operands[0]])


def forget_the_sum(op: Operation) -> None:
    """`lower-bayes`: give weights that do not sum to one."""
    if isinstance(op, infer.DivOp) and op.operands[0].type == op.results[0].type:
        Rewriter.replace_op(op, [], [op.operands[0]])


def call_everything_possible(op: Operation) -> None:
    """`lower-bayes`: take evidence of probability zero for possible."""
    if isinstance(op, infer.CompareOp) and op.predicate.data == "gt":
        op.properties["predicate"] = StringAttr("ge")


def look_up_the_next_state(op: Operation) -> None:
    """`lower-bayes`: forget the offset of missing evidence, or add one."""
    if isinstance(op, infer.GatherOp) and isinstance(op.operands[1].owner, infer.AddOp):
        op.operands[1] = op.operands[1].owner.operands[0]


def take_another_column(op: Operation) -> None:
    """`lower-bayes`: mix up the states of the answer."""
    if isinstance(op, infer.ColumnOp) and op.index.value.data == 0:
        columns = op.operands[0].type.get_shape()[-1]  # type: ignore[attr-defined]
        if columns > 1:
            op.properties["index"] = IntegerAttr(1, i64)


CHANGES = (
    read_another_field,
    swap_operands_of_programs,
    let_the_last_rule_decide,
    choose_the_other_way,
    forget_weights,
    forget_the_sum,
    call_everything_possible,
    look_up_the_next_state,
    take_another_column,
)


def _pairs(count: int) -> list[tuple[int, int]]:
    return [(i, j) for j in range(count) for i in range(j)]
