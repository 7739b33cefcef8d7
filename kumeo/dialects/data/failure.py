"""Which values can hold a failure at run time. A rewrite may not lose or add one.

A data operation reads its operands strictly, so `get` of `record` is only the field's value if no
other field of the record can be a failure.
"""

from xdsl.ir import Block, BlockArgument, Operation, SSAValue

from kumeo.dialects.base import KumeoOp

OPS_MAX = 32


def never_fails(value: SSAValue) -> bool:
    """Say whether `value` provably holds no failure; False means "not known".

    Looks at no more than `OPS_MAX` operations, so it costs little on any program.
    """
    from kumeo.dialects.data.op import DataOp

    open_values, seen = [value], set[Operation]()
    while open_values:
        found = open_values.pop()
        owner = found.owner
        if isinstance(owner, Block):
            if not _is_promised(found):
                return False
            continue
        if owner in seen:
            continue
        seen.add(owner)
        if isinstance(owner, KumeoOp) and owner.RESULTS_NEVER_FAIL:
            continue
        if len(seen) > OPS_MAX or not isinstance(owner, DataOp):
            return False
        if owner.regions or owner.can_fail():
            return False
        open_values.extend(owner.operands)
    return True


def _is_promised(value: SSAValue) -> bool:
    """Say whether an argument of a block is promised to be no failure."""
    if not isinstance(value, BlockArgument):
        return False
    parent = value.block.parent_op()
    return isinstance(parent, KumeoOp) and parent.argument_never_fails(value)
