"""Which ops act: an act may not be dropped, so a failure that prevents it is observed."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from xdsl.ir import Operation, Region

from kumeo.analysis.walk import walk_ops
from kumeo.dialects.facts import own_facts
from kumeo.dialects.workflow import CallOp, SubworkflowOp


@dataclass
class Effects:
    """Answers whether ops and regions act; it looks into subworkflows and nested regions."""

    symbols: Mapping[str, Operation]
    _callees: dict[str, bool] = field(default_factory=dict[str, bool])

    def acts(self, op: Operation) -> bool:
        """Return whether `op` may not be dropped, or holds or calls something that may not."""
        return self._any_acts([op])

    def region_acts(self, region: Region) -> bool:
        """Return whether something in a region acts."""
        return self._any_acts([op for block in region.blocks for op in block.ops])

    def is_deterministic(self, op: Operation) -> bool:
        """Return whether equal inputs give equal results, without regard to regions."""
        return own_facts(op).deterministic

    def _any_acts(self, ops: list[Operation]) -> bool:
        return any(self._acts_alone(op) for root in ops for op in walk_ops(root))

    def _acts_alone(self, op: Operation) -> bool:
        if isinstance(op, CallOp):
            return self._callee_acts(op.callee_name)
        return not own_facts(op).discardable

    def _callee_acts(self, name: str) -> bool:
        """Look into a subworkflow, once. A subworkflow cannot call itself, directly or not."""
        if name not in self._callees:
            self._callees[name] = False
            callee = self.symbols.get(name)
            acts = isinstance(callee, SubworkflowOp) and self.region_acts(callee.body)
            self._callees[name] = acts
        return self._callees[name]
