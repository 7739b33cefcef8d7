"""`endless_waits`: values that may never arrive, because a person may never answer."""

from collections.abc import Iterator

from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Operation, SSAValue

from kumeo.analysis import late
from kumeo.analysis.domains.describe import listing
from kumeo.analysis.places import point_of
from kumeo.analysis.waiting import setting_of, waits_for_people
from kumeo.analysis.walk import walk_ops
from kumeo.diagnostics import Diagnostic
from kumeo.dialects.agent import AgentOp
from kumeo.dialects.workflow import EmitOp

OPS_MAX = 1_000
"""How many ops behind a wait are looked at; a message needs only some of them."""


def endless_waits(module: ModuleOp) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each wait for a person that has no timeout."""
    for op in walk_ops(module):
        if not isinstance(op, AgentOp) or not waits_for_people(op):
            continue
        if setting_of(op, "timeout_us") is None:
            waiting = dict.fromkeys(_waiting_for(op.result))
            names = listing([f"`{name}`" for name in waiting], "and")
            text = f", and {names} wait{'s' * (len(waiting) == 1)} for it" if names else ""
            yield late.domain_errors.EndlessWait(point_of(op), op.agent_id, text)


def _waiting_for(value: SSAValue) -> Iterator[str]:
    """Yield the targets and agents that get something only when the value is there."""
    seen: dict[Operation, None] = {}
    todo = [use.operation for use in value.uses]
    while todo and len(seen) < OPS_MAX:
        op = todo.pop()
        if op in seen:
            continue
        seen[op] = None
        todo += [use.operation for result in op.results for use in result.uses]
        todo += [inner for region in op.regions for block in region.blocks for inner in block.ops]
        around = op.parent_op()
        if not op.results and around is not None and op.name.endswith(".yield"):
            todo += [use.operation for result in around.results for use in result.uses]
    for op in seen:
        if isinstance(op, EmitOp):
            yield op.target_name
        elif isinstance(op, AgentOp):
            yield op.agent_id
