"""Which values can hold a failure at run time. A rewrite may not lose or add one.

A data operation reads its operands strictly, so `get` of `record` is only the field's value if no
other field of the record can be a failure.
"""

from xdsl.ir import Block, SSAValue

from kumeo.dialects.base import KumeoOp

DEPTH_MAX = 12


def never_fails(value: SSAValue, depth: int = DEPTH_MAX) -> bool:
    """Say whether `value` provably holds no failure; False means "not known".

    Looks at most `depth` operations back, so it costs little on any program.
    """
    from kumeo.dialects.data.op import DataOp

    owner = value.owner
    if isinstance(owner, Block):
        parent = owner.parent_op()
        return isinstance(parent, KumeoOp) and parent.ARGUMENTS_NEVER_FAIL
    if not isinstance(owner, DataOp) or owner.can_fail() or owner.regions or depth == 0:
        return False
    return all(never_fails(operand, depth - 1) for operand in owner.operands)
