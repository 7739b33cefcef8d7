"""Whether a region that never runs may be removed.

    workflow.if %failed {              // observed, because the emit inside would act
      workflow.if %false {
        workflow.emit %x : f64 to @t site "never"
        workflow.yield
      }
      workflow.yield
    }

A condition that failed is observed if something in its statement acts, whether that would have run
or not; an agent with a fallback that acts observes its failed operands alike. So removing the emit
above would silence the failure of `%failed`.
"""

from collections.abc import Iterable

from xdsl.ir import Operation, Region

from kumeo.dialects.data.failure import never_fails
from kumeo.dialects.facts import own_facts
from kumeo.dialects.workflow.leaves import CallOp
from kumeo.dialects.workflow.program import OnOp, SubworkflowOp

OPS_MAX = 256
"""Ops that the search for another act looks at; it gives up on larger statements."""


def may_forget(regions: Iterable[Region], around: Operation | None) -> bool:
    """Say whether regions that never run may be removed; False means "not known".

    They may if nothing in them acts. Else each statement from `around` outwards has to go on
    acting, or to have operands that never fail. `around` is the first op that stays.
    """
    dropped = frozenset(regions)
    if not any(_acts(op) for region in dropped for op in region.walk()):
        return True
    while around is not None and not isinstance(around, OnOp):
        if isinstance(around, SubworkflowOp) or not all(map(never_fails, around.operands)):
            # What is further out contains the act that is looked for here.
            return _acts_besides(around, dropped)
        around = around.parent_op()
    return True


def _acts_besides(root: Operation, dropped: frozenset[Region]) -> bool:
    """Say whether an act inside `root` and not in the dropped regions is found soon."""
    todo: list[Operation] = []
    _push_inner(root, dropped, todo)
    for _ in range(OPS_MAX):
        if not todo:
            return False
        op = todo.pop()
        if not isinstance(op, CallOp) and _acts(op):
            return True
        _push_inner(op, dropped, todo)
    return False


def _push_inner(op: Operation, dropped: frozenset[Region], todo: list[Operation]) -> None:
    for region in op.regions:
        if region not in dropped:
            todo += [inner for block in region.blocks for inner in block.ops]


def _acts(op: Operation) -> bool:
    """Say whether `op` may act by itself; a call is taken to."""
    return not own_facts(op).discardable
