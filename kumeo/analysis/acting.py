"""What acts: an op that may not be dropped, or that holds or calls one.

    acting = Acting(module)
    acting.acts(op)             // an emit, a statement with an emit inside, a call that emits

A failed condition is observed if something in its statement acts, and an agent that acts observes
its failed operands, so passes ask this before they move or drop anything.
"""

from collections.abc import Mapping

from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Operation

from kumeo.analysis.walk import walk_ops
from kumeo.dialects.facts import own_facts
from kumeo.dialects.workflow import CallOp, SubworkflowOp


class Acting:
    """Answers whether ops act, also through calls of subworkflows. It never changes the IR."""

    def __init__(self, root: Operation) -> None:
        self._callees = _find_callees(root)
        self._known: dict[str, bool] = {}

    def acts(self, op: Operation) -> bool:
        """Return whether `op` may not be dropped, or holds or calls something that may not."""
        return any(self.acts_itself(inner) for inner in walk_ops(op))

    def acts_itself(self, op: Operation) -> bool:
        """Return whether `op` acts, without regard to its regions."""
        if isinstance(op, CallOp):
            return self._callee_acts(op.callee_name)
        return not own_facts(op).discardable

    def _callee_acts(self, name: str) -> bool:
        """Look into a subworkflow, once; what is not known acts."""
        if name not in self._known:
            self._known[name] = True
            callee = self._callees.get(name)
            body = [] if callee is None else [o for b in callee.body.blocks for o in b.ops]
            self._known[name] = callee is None or any(self.acts(op) for op in body)
        return self._known[name]


def _find_callees(root: Operation) -> Mapping[str, SubworkflowOp]:
    module = root.get_toplevel_object()
    if not isinstance(module, ModuleOp):
        return {}
    return {op.symbol: op for op in module.ops if isinstance(op, SubworkflowOp)}
