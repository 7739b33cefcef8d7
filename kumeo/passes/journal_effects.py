"""`journal-effects`: record the answers of agents that are not deterministic.

    %a = agent.llm "m" (prompt = %p) id "a" site "a" : (!data.str) -> !data.str

becomes

    %a = messaging.journal "a" {
      %0 = agent.llm "m" (prompt = %p) id "a" site "a" : (!data.str) -> !data.str
      agent.yield %0 : !data.str
    } : !data.str

An activation that is delivered again then takes the way that it took before. The key of a record is
the activation, the site and the iterations of the loops around. What the facts of the agent itself
say decides; agents inside a fallback have records of their own. The agent that heads the handler of
a parked edge has no record: the message brings its answer.

Sound because without faults a record is written once and read by nobody: the value is the answer.
With faults it is what makes the second run equal to the first.
"""

from dataclasses import dataclass
from typing import ClassVar

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Block, Region
from xdsl.rewriter import InsertPoint, Rewriter

from kumeo.analysis.messaging import answers_of, messaging_graphs
from kumeo.analysis.walk import walk_ops
from kumeo.dialects.agent import AgentOp, YieldOp
from kumeo.dialects.base import at
from kumeo.dialects.facts import own_facts
from kumeo.dialects.messaging import JournalOp
from kumeo.passes.base import KumeoPass


@dataclass(frozen=True)
class JournalEffectsPass(KumeoPass):
    """Record the answers of agents that are not deterministic."""

    name = "journal-effects"
    LEVELS: ClassVar[tuple[str, ...]] = ("messaging",)

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        """Put a journal around each such agent, in services and in subworkflows that they call."""
        brought = {agent for graph in messaging_graphs(op) for agent in answers_of(graph)}
        for agent in [inner for inner in walk_ops(op) if isinstance(inner, AgentOp)]:
            if own_facts(agent).deterministic or isinstance(agent.parent_op(), JournalOp):
                continue
            if agent in brought:
                self.remark(agent, f"`{agent.site}` has no record: the message brings its answer")
                continue
            record(agent)
            self.remark(agent, f"the answer of `{agent.site}` is recorded")
            self.count("records")


def record(agent: AgentOp) -> None:
    """Put a journal around an agent."""
    body = Block()
    journal = at(JournalOp(agent.site, agent.result.type, Region(body)), agent.location)
    Rewriter.insert_op(journal, InsertPoint.before(agent))
    journal.result.name_hint = agent.result.name_hint
    agent.result.name_hint = None
    agent.result.replace_all_uses_with(journal.result)
    agent.detach()
    body.add_ops([agent, at(YieldOp([agent.result]), agent.location)])
