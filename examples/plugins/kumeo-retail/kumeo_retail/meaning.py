"""What the ops of `retail` do, for Kumeo's interpreter and so for `--check-semantics`.

`retail.stock` needs no rule: the warehouse is outside, mocks and stubs answer in its place.
"""

from collections.abc import Sequence

from kumeo.interp.agents import computed_by
from kumeo.interp.answers import Compute
from kumeo.interp.evaluate import Frame, Program, Rules, Step, strict
from kumeo.interp.values import Value
from kumeo_retail.dialect import DiscountOp, ReorderOp


def discount(op: DiscountOp, program: Program) -> Step:
    """Multiply; a price that is a failure stays one."""

    def less(price: float) -> float:
        return price * op.factor

    return strict(op, program, less)


def reorder(op: ReorderOp, program: Program) -> Compute:
    """Compute what is missing. Operands, attempts and the fallback are the agent rule's matter."""
    weeks = op.weeks.value.data

    def compute(values: Sequence[Value], frame: Frame) -> Value:
        on_hand, sold = values
        return max(sold * weeks - on_hand, 0.0)

    return compute


RULES: Rules = {DiscountOp: discount, ReorderOp: computed_by(reorder)}
