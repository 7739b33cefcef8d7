"""What an operation is expected to take: the sum over the agents in it.

    %r = workflow.if %c -> (…) { %a = agent.llm … ; workflow.yield %a } …     // costs what %a costs

A loop counts once: how often it runs is not known here.
"""

from xdsl.ir import Operation

from kumeo.analysis.walk import walk_ops
from kumeo.dialects.agent.attrs import Cost
from kumeo.dialects.agent.base import AgentOp


def cost_of(op: Operation) -> Cost:
    """Return the estimate for one run of `op` if everything in it runs once, in a row."""
    found = [inner.cost_estimate() for inner in walk_ops(op) if isinstance(inner, AgentOp)]
    return Cost(
        sum(cost.latency_us for cost in found),
        sum(cost.price_usd for cost in found),
        sum(cost.tokens for cost in found),
    )


def is_costly(op: Operation, latency_us: int = 1) -> bool:
    """Return whether one run takes at least this long, or costs money or tokens."""
    cost = cost_of(op)
    return cost.latency_us >= latency_us or cost.price_usd > 0 or cost.tokens > 0
