"""`drop-dead-features`: do not carry features that no tree compares and no weight reads.

    %x = infer.concat (%a, %b, %c) axis 1 …
    %y = infer.trees (%x) … feature array<i64: 0, 2> …

becomes a `concat` of `%a` and `%c` with the features numbered anew. Constants of a scaler between
the two lose the same columns. What only made `%b` goes, and `agent.infer` loses the operand, unless
it may fail: then its failure is the agent's, read or not.

Sound because a node of a tree reads one column and no other. A weight of zero still reads: zero
times NaN is NaN. So a matrix loses a column only if its number is always finite: a truth value or
a whole number.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from xdsl.builder import Builder
from xdsl.context import Context
from xdsl.dialects.builtin import f32, f64, i1, i64
from xdsl.ir import BlockArgument, Operation, SSAValue
from xdsl.rewriter import InsertPoint, Rewriter

from kumeo.analysis.walk import walk_ops
from kumeo.dialects import infer
from kumeo.dialects.agent import InferOp
from kumeo.dialects.agent.base import names_attr
from kumeo.dialects.data.failure import never_fails
from kumeo.dialects.infer.shapes import integers, integers_of
from kumeo.dialects.infer.tensors import element_of, shape_of
from kumeo.models.emitting import array_of, dense
from kumeo.passes.base import OpPass
from kumeo.passes.numeric.affine import Chain, Step, chain_to

Reader = infer.TreesOp | infer.LinearOp


@dataclass(frozen=True)
class DropDeadFeaturesPass(OpPass):
    """Remove features that no tree compares and no weight reads."""

    name = "drop-dead-features"
    LEVELS: ClassVar[tuple[str, ...]] = ("numeric", "stages", "messaging")

    def apply_to(self, ctx: Context, root: Operation) -> None:
        """Shrink the matrices of features, then the programs around them."""
        for op in [o for o in walk_ops(root) if isinstance(o, Reader)]:
            self._shrink(op)
        for program in [o for o in walk_ops(root) if isinstance(o, InferOp)]:
            self._drop_operands(program)

    def _shrink(self, op: Reader) -> None:
        """Leave out the parts of a `concat` none of whose columns is read."""
        chain = chain_to(op.inputs[0])
        joined = chain.source.owner
        if not isinstance(joined, infer.ConcatOp) or shape_of(chain.source.type)[0] != infer.BATCH:
            return
        parts = _parts(joined)
        kept = [part for part in parts if _is_read(op, part)]
        if len(kept) == len(parts) or not kept:
            return
        if chain.is_shared or chain.source.uses.get_length() != 1:
            self.remark(op, "unread features stay: something else reads all of them")
            return
        self.count("features dropped", sum(len(part.columns) for part in parts if part not in kept))
        _rebuild(op, chain, joined, kept)

    def _drop_operands(self, program: InferOp) -> None:
        """Drop operands of a program that nothing in it reads; at least one stays."""
        block = program.body.block
        names = program.operand_names()
        for at in reversed(range(len(block.args))):
            operand, argument = program.inputs[at], block.args[at]
            if argument.uses or len(block.args) == 1:
                continue
            if not never_fails(operand):
                self.remark(program, f"`{_name(names, at)}` stays: its failure is the agent's")
                continue
            block.erase_arg(argument)
            program.operands = [v for i, v in enumerate(program.operands) if i != at]
            names = tuple(name for i, name in enumerate(names) if i != at)
            self.count("operands dropped")
        if names:
            program.properties["names"] = names_attr(names)


def _name(names: Sequence[str], at: int) -> str:
    return names[at] if at < len(names) else str(at)


@dataclass(frozen=True)
class Part:
    """One operand of a `concat` and the columns that it fills."""

    value: SSAValue
    columns: range


def _parts(joined: infer.ConcatOp) -> list[Part]:
    start, parts = 0, list[Part]()
    for value in joined.inputs:
        width = shape_of(value.type)[1]
        parts.append(Part(value, range(start, start + width)))
        start += width
    return parts


def _is_read(op: Reader, part: Part) -> bool:
    if isinstance(op, infer.TreesOp):
        inner = np.array(integers_of(op.true_child)) >= 0
        read = set(np.array(integers_of(op.feature))[inner].tolist())
        return not read.isdisjoint(part.columns)
    weights = array_of(op.weights)[part.columns.start : part.columns.stop]
    return bool(np.any(weights != 0.0)) or not _is_finite(part.value)


def _is_finite(value: SSAValue) -> bool:
    """Return whether numbers are finite whatever the event: they come from whole numbers."""
    owner = value.owner
    while isinstance(owner, infer.ExpandDimsOp | infer.CastOp):
        source = owner.operands[0]
        if element_of(source.type) in (i1, i64) and element_of(owner.results[0].type) == f64:
            return True
        owner = source.owner
    return False


def _rebuild(op: Reader, chain: Chain, joined: infer.ConcatOp, kept: list[Part]) -> None:
    """Write the concat, the steps and the reader again with fewer columns."""
    columns = np.array([column for part in kept for column in part.columns])
    builder = Builder(InsertPoint.before(op))
    value = kept[0].value
    if len(kept) > 1:
        value = _like(builder, joined, infer.ConcatOp([part.value for part in kept], 1))
    for step in chain.steps:
        value = _again(builder, step, value, columns)
    op.operands[0] = value
    if isinstance(op, infer.TreesOp):
        places = {int(column): i for i, column in enumerate(columns)}
        feature = [places.get(f, 0) for f in integers_of(op.feature)]
        op.properties["feature"] = integers(feature)
    else:
        op.properties["weights"] = dense(array_of(op.weights)[columns])
    for dead in (*reversed(chain.steps), None):
        _erase_unread(joined if dead is None else dead.op)


def _like(builder: Builder, old: Operation, made: infer.InferOpBase) -> SSAValue:
    made.attributes.update(old.attributes)
    made.location = old.location
    made.results[0].name_hint = old.results[0].name_hint
    return builder.insert(made).results[0]


def _again(builder: Builder, step: Step, value: SSAValue, columns: Any) -> SSAValue:
    """Write a step again on the columns that are left."""
    if step.numbers is None or step.constant is None:
        return _like(builder, step.op, infer.CastOp(value, f32))
    numbers = step.numbers[columns]
    if element_of(value.type) == f32:
        numbers = numbers.astype(np.float32)
    constant = builder.insert(infer.ConstantOp(dense(numbers))).results[0]
    kind: Any = type(step.op)
    return _like(builder, step.op, kind(value, constant))


def _erase_unread(op: Operation) -> None:
    """Erase an op that nothing reads, and then what only it has read."""
    if any(result.uses for result in op.results):
        return
    operands = [operand for operand in op.operands if not isinstance(operand, BlockArgument)]
    Rewriter.erase_op(op)
    for owner in dict.fromkeys(operand.owner for operand in operands):
        if isinstance(owner, Operation):
            _erase_unread(owner)
