"""`lower-retail`: say what `retail` computes in terms of `data`.

    %net = retail.discount %price percent 20.0 : f64

becomes

    %left = data.constant 0.8 : f64
    %net = data.mul %price, %left : f64

and `retail.reorder` becomes an `agent.process` with the same id, site and policy. One with a
fallback stays: a process is isolated, so its fallback could not read the values that this one may.

Sound because the new ops compute what the rules of `kumeo_retail.meaning` say, in the same order of
operations. Floats neither overflow nor fail here, so there is no failure that was not there. The
process is an agent like the one that it replaces: equal calls are made, and equal attempts.
`retail.stock` stays: it reads the outside world.
"""

from dataclasses import dataclass

from xdsl.context import Context
from xdsl.ir import Block, Operation, Region
from xdsl.rewriter import Rewriter

from kumeo.dialects.agent import ProcessOp, YieldOp
from kumeo.dialects.base import at
from kumeo.dialects.data import FLOAT, CallOp, ConstantOp, MulOp, SubOp, to_attribute
from kumeo.passes.base import OpPass
from kumeo_retail.dialect import DiscountOp, ReorderOp


@dataclass(frozen=True)
class LowerRetailPass(OpPass):
    """Replace discounts and reorders by `data`."""

    name = "lower-retail"

    def apply_to(self, ctx: Context, root: Operation) -> None:
        """Lower the ops inside `root`."""
        for op in list(root.walk()):
            if isinstance(op, DiscountOp):
                self._lower_discount(op)
            elif isinstance(op, ReorderOp):
                self._lower_reorder(op)

    def _lower_discount(self, op: DiscountOp) -> None:
        self.count("discounts lowered")
        if op.factor == 1:
            self.remark(op, "a discount of nothing is the price")
            Rewriter.replace_op(op, [], [op.price])
            return
        left = at(constant(op.factor), op.location)
        Rewriter.replace_op(op, [left, at(MulOp(op.price, left.result), op.location)])

    def _lower_reorder(self, op: ReorderOp) -> None:
        if op.optional_regions():
            self.remark(op, f"agent `{op.agent_id}` stays: it has a fallback")
            return
        self.count("agents lowered")
        process = ProcessOp(
            op.agent_id,
            op.site,
            list(op.operands),
            FLOAT,
            Region(reorder_body(op)),
            policy=op.policy,
            cost=op.cost,
        )
        Rewriter.replace_op(op, at(process, op.location))


def reorder_body(op: ReorderOp) -> Block:
    """Return a block that computes `max(sold * weeks - on_hand, 0)`."""
    block = Block(arg_types=[FLOAT, FLOAT])
    on_hand, sold = block.args
    weeks, nothing = constant(op.weeks.value.data), constant(0.0)
    needed = MulOp(sold, weeks.result)
    missing = SubOp(needed.result, on_hand)
    order = CallOp("max", [missing.result, nothing.result], FLOAT)
    ops = [weeks, nothing, needed, missing, order, YieldOp([order.result])]
    block.add_ops([at(each, op.location) for each in ops])
    return block


def constant(value: float) -> ConstantOp:
    """Return a constant number."""
    return ConstantOp(to_attribute(value, FLOAT), FLOAT)
