"""`agent-batch`: let a stage take several tokens at once, where its agent can.

    agent.stage @run.score (%x: f64) { %r = agent.model @m (%x) … }
    agent.stage @run.score (%x: f64) batch_max 256 batch_wait_us 1000 { … }      // becomes

A stage gets a batch if messages enter it, if it does not act, and if its first agent works on
several inputs at once: its kind says so, and up to how many. The wait is at most `wait_share` of
the agent's time, and never more than `wait_us`.

Sound because a batch is only about when tokens run: each has its own values, failures and path. A
stage that acts gets none, because a batch that fails is run again item by item. A keyed source
orders its events; inside a batch they keep that order, so the order per key stays.
"""

from dataclasses import dataclass
from math import inf
from typing import ClassVar

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp

from kumeo.analysis.stages import agents_of, graphs_of
from kumeo.analysis.units import units_of
from kumeo.dialects.agent import StageOp
from kumeo.dialects.facts import own_facts
from kumeo.passes.base import KumeoPass


@dataclass(frozen=True)
class AgentBatchPass(KumeoPass):
    """Let stages take several tokens at once where their agents can."""

    name = "agent-batch"
    LEVELS: ClassVar[tuple[str, ...]] = ("stages",)

    size_max: int = 256
    """Largest batch."""

    wait_us: int = 1_000
    """Longest time that a token waits for others."""

    wait_share: float = 1.0
    """Longest wait as a share of the time that the agent takes."""

    def __post_init__(self) -> None:
        """Refuse numbers that mean nothing."""
        if self.size_max < 1 or self.wait_us < 0 or not 0 <= self.wait_share < inf:
            raise ValueError("`size-max` is at least 1, waits are neither negative nor infinite")

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        """Give batches to the roots of units; a stage that is only inlined runs in theirs."""
        for graph in graphs_of(op):
            for root in units_of(graph).members:
                self._decide(root)

    def _decide(self, stage: StageOp) -> None:
        agents = agents_of(stage)
        if not agents:
            return
        size = min(self.size_max, agents[0].BATCH_MAX)
        if size < 2:
            self.remark(stage, f"has no batch: `{agents[0].name}` takes one input at a time")
            return
        if any(not own_facts(agent).discardable for agent in agents):
            self.remark(stage, "has no batch: it acts on the outside")
            return
        share = int(self.wait_share * agents[0].cost_estimate().latency_us)
        stage.set_batch(size, min(self.wait_us, share))
        self.count("stages with a batch")
        self.remark(stage, f"takes up to {size} tokens at once")
