"""Agents that may run at the same time: those of one block to which `schedule` gave one wave.

    mood, topic = await together(MOOD(act, prompt=text), TOPIC(act, prompt=text_2))

None of them reads what another one makes, none has a fallback, and all are discardable: nobody can
tell when they ran. Only data operations stand between them; what these make comes afterwards.
"""

from collections.abc import Sequence, Set
from typing import TYPE_CHECKING

from xdsl.ir import Block, Operation, SSAValue

from kumeo.dialects.agent import AgentOp, BayesOp, DecideOp, ModelOp, ProcessOp, ReviewOp
from kumeo.dialects.data import ConstantOp
from kumeo.dialects.data.op import DataOp
from kumeo.dialects.facts import facts_of
from kumeo.dialects.messaging import JournalOp
from kumeo.passes.schedule import WAVE

if TYPE_CHECKING:
    from kumeo.backends.python.printer import Printer

PURE = (ModelOp, BayesOp, DecideOp, ReviewOp)
"""Agents that are called like functions; all others are awaited."""
TOGETHER_MAX = 5
"""How many agents are awaited in one statement."""


def overlapping(p: "Printer", ops: Sequence[Operation]) -> list[AgentOp]:
    """Return the agents at the front of some ops that may run at the same time."""
    found: list[AgentOp] = []
    later: set[Operation] = set()
    for op in ops:
        agent = _agent_in(p, op)
        if agent is None and (_prints_nothing(p, op) or (found and _may_wait(p, op))):
            later.add(op)
            continue
        if agent is None or len(found) == TOGETHER_MAX:
            break
        is_same = not found or agent.attributes[WAVE] == found[0].attributes[WAVE]
        if not is_same or any(_needs(p, value, later) for value in agent.operands):
            break
        found.append(agent)
        later.add(agent)
    return found


def _agent_in(p: "Printer", op: Operation) -> AgentOp | None:
    """Return the agent that an op is or holds, if another one may run beside it."""
    if isinstance(op, JournalOp) and p.uses.is_only_name(op):
        op = op.agent or op
    if not isinstance(op, AgentOp) or op not in p.uses.live or op.optional_regions():
        return None
    is_awaited = not isinstance(op, (*PURE, ProcessOp))
    return op if is_awaited and WAVE in op.attributes and facts_of(op).discardable else None


def _prints_nothing(p: "Printer", op: Operation) -> bool:
    if op not in p.uses.live:
        return not p.uses.is_only_name(op)
    return isinstance(op, ConstantOp) and p.is_small(op.result)


def _may_wait(p: "Printer", op: Operation) -> bool:
    """Say whether an op may come after agents that stand behind it: its failure ends nothing."""
    return isinstance(op, DataOp) and not any(each in p.uses.exits for each in op.results)


def _needs(p: "Printer", value: SSAValue, later: Set[Operation]) -> bool:
    """Say whether a value is made of what is there only later."""
    found = p.uses.resolve(value)
    if found in p.bound or not isinstance(found.owner, Operation):
        return False
    return found.owner in later or any(_needs(p, each, later) for each in found.owner.operands)


def holder(op: Operation, block: Block) -> Operation:
    """Return the op of a block that an op is or stands in."""
    while op.parent_block() is not block:
        around = op.parent_op()
        assert around is not None, "the op stands in the block"
        op = around
    return op
