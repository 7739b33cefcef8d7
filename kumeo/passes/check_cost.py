"""`check-cost`: what one event can cost at worst, against the `budget` of the workflow.

    budget: { calls: 2 }
    agents: [LLM(id: "a", …, retry: 3)]        // error: an event can make 3 calls

It changes nothing. Counted are calls (attempts of agents that ask or act outside), tokens, price
and latency. An attempt of a language model is as many calls as it may ask questions: for each
engine of its chain one, one for each malformed answer that it asks again for (`reask`, 1 unless the
answer is free text) and, with tools, one for each round of them (`max_steps`). Its own `budget` of
one event limits its tokens and its price. Of branches the dearest counts, number by number; a
fallback comes on top of all attempts and a handler on top of its body; a `for` multiplies by the
longest list. That length is known from a condition around the `for` or from `items` of the budget;
else the cost has no limit, which is an error only where the budget limits it. Latency is the
longest chain of agents that read each other, by timeouts and pauses; waiting for people does not
count. A remark shows the table, an error the parts that cost most.

Sound as an upper bound in calls, because an activation makes no other calls than these: failures
only shorten it, cancelled agents make none. What tools do themselves, and what the network sends
again, is not counted. Tokens and prices are as good as the estimates.
"""

from dataclasses import dataclass
from typing import ClassVar

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp

from kumeo.analysis.bills import bills_of
from kumeo.analysis.budgets import over_budget, table_of
from kumeo.passes.base import KumeoPass


@dataclass(frozen=True)
class CheckCostPass(KumeoPass):
    """Report events that can cost more than the budget allows."""

    name = "check-cost"
    LEVELS: ClassVar[tuple[str, ...]] = ("workflow",)

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        """Compare the worst case of each workflow with its budget."""
        for workflow, body, bill in bills_of(op):
            self.remark(body, f"one event of `{workflow.symbol}` at worst: {table_of(bill)}")
            self.count("bodies measured")
            for diagnostic in over_budget(workflow, body, bill):
                self.count("limits exceeded")
                self.report(diagnostic)
