"""`agent-fuse`: let a stage run in the process of the one before it, where that costs less.

    agent.goto message @run.route(%x : f64)     // becomes `agent.goto inline @run.route(%x : f64)`

It decides edge by edge, in program order, by this model. All numbers are microseconds of CPU time
for one token; they are options. The defaults were measured on two cores with messages of 1 KiB.

    gain  hop_us        decode, encode, publish, ack: 20 to 35 in the client, 16 to 20 in the server
    loss  journal_us    a stage behind an answer that is not deterministic: the message would have
                        kept the answer, inline it needs a journal entry of its own, one publish
          retry_rate    the share of tokens that are delivered again; each does the deterministic
                        work of its unit before this stage again (journaled answers are not asked
                        for again). An assumption, not measured.

An edge becomes inline if the gain is larger than the loss. It stays a message

- if it parks: a person answers later;
- if no language fits all agents that would be in one process;
- if the stage acts on the outside by more than emits: a repetition of what stands before it must
  not repeat it, and a message bounds what is repeated;
- if the hop is less than `hop_share` of the work of the stage: it costs almost nothing there, and
  keeps the failures, the concurrency and the scaling of slow work apart;
- if the stage would be compiled into more than `copies_max` services.

What it assumes: tokens are spread evenly, an agent takes what its kind says (a loop counts once),
and the memory of a service is no limit.

Sound because an edge decides where a stage runs and not what it does: values, order, sites and
iteration paths stay as they are, and what was answered comes from the journal when a token is
delivered again. Emits and calls have ids that do not depend on stages.
"""

from dataclasses import dataclass, field
from typing import ClassVar

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp

from kumeo.analysis.stages import EdgeRef, StageGraph, agents_of, graphs_of
from kumeo.analysis.symbols import SymbolIndex
from kumeo.analysis.units import Roots, common, languages_of
from kumeo.analysis.walk import walk_ops
from kumeo.dialects.agent import INLINE, PARK, StageOp
from kumeo.dialects.facts import own_facts
from kumeo.passes.base import KumeoPass


@dataclass(frozen=True)
class AgentFusePass(KumeoPass):
    """Make edges inline where a hop costs more than it buys."""

    name = "agent-fuse"
    LEVELS: ClassVar[tuple[str, ...]] = ("stages",)

    hop_us: float = 55.0
    """CPU time of one hop, client and server."""

    journal_us: float = 30.0
    """CPU time of one entry in the journal."""

    retry_rate: float = 0.001
    """Share of tokens that are delivered again."""

    hop_share: float = 0.01
    """A hop below this share of the work of a stage is kept."""

    op_us: float = 0.5
    """CPU time of one operation on data."""

    copies_max: int = 8
    """Into how many services of stages before it one stage may be compiled."""

    def __post_init__(self) -> None:
        """Refuse numbers that mean nothing."""
        numbers = (self.hop_us, self.journal_us, self.retry_rate, self.hop_share, self.op_us)
        if min(numbers) < 0 or self.hop_share == 0 or self.copies_max < 1:
            raise ValueError("times and rates are not negative, `hop-share` is positive")

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        """Decide every edge of every workflow."""
        index = SymbolIndex(op)
        for graph in graphs_of(op):
            state = _State(graph, {s: self._load(s, index) for s in graph.order})
            for stage in graph.order:
                self._enter(stage, state)

    def _load(self, stage: StageOp, index: SymbolIndex) -> "_Load":
        agents = agents_of(stage)
        facts = [own_facts(agent) for agent in agents]
        ops = self.op_us * sum(1 for _ in walk_ops(stage))
        repeated = [
            a.cost_estimate().latency_us
            for a, f in zip(agents, facts, strict=True)
            if f.deterministic
        ]
        return _Load(
            work_us=ops + sum(agent.cost_estimate().latency_us for agent in agents),
            again_us=ops + sum(repeated),
            acts=any(not fact.discardable for fact in facts),
            asks=any(not fact.deterministic for fact in facts),
            languages=languages_of(stage, index),
        )

    def _enter(self, stage: StageOp, state: "_State") -> None:
        """Decide the edges that lead into one stage; those before it are decided."""
        roots: Roots = {}
        again_us = 0.0
        is_root = stage.is_entry
        for edge in state.graph.entering[stage]:
            reason = None if edge.edge.mode == INLINE else self._obstacle(edge, roots, state)
            if reason is not None:
                self.remark(edge.stage.end, f"the edge to `@{stage.symbol}` stays: {reason}")
                self.count("edges kept")
                is_root = True
                continue
            if edge.edge.mode != INLINE:
                edge.set_mode(INLINE)
                self.remark(edge.stage.end, f"the edge to `@{stage.symbol}` is inline now")
                self.count("edges fused")
            roots |= state.roots[edge.stage]
            again_us = max(again_us, state.again_us[edge.stage])
        state.enter(stage, {stage: None, **roots} if is_root else roots, again_us)

    def _obstacle(self, edge: EdgeRef, roots: Roots, state: "_State") -> str | None:
        """Return why an edge has to stay a message, or None."""
        load, before = state.loads[edge.target], state.loads[edge.stage]
        added = state.roots[edge.stage]
        if edge.edge.mode == PARK:
            return "it parks"
        if load.acts:
            return "the stage acts on the outside"
        if self.hop_us < self.hop_share * load.work_us:
            return f"a hop is less than {self.hop_share:.0%} of its work of {load.work_us:.0f} us"
        if len({**roots, **added}) > self.copies_max:
            return f"it would be compiled into more than {self.copies_max} services"
        if any(not common([state.languages[root], load.languages]) for root in added):
            return "no language fits both stages"
        loss = self.retry_rate * state.again_us[edge.stage] + before.asks * self.journal_us
        if loss >= self.hop_us:
            return f"fusing would cost {loss:.0f} us, a hop costs {self.hop_us:.0f} us"
        return None


@dataclass(frozen=True)
class _Load:
    """What the model knows about one stage."""

    work_us: float
    again_us: float
    """Work that is done again after a retry."""
    acts: bool
    asks: bool
    """Whether it has an answer that has to be journaled."""
    languages: tuple[str, ...]


@dataclass
class _State:
    """What has been decided so far."""

    graph: StageGraph
    loads: dict[StageOp, _Load]
    roots: dict[StageOp, Roots] = field(default_factory=dict[StageOp, Roots])
    languages: dict[StageOp, tuple[str, ...]] = field(
        default_factory=dict[StageOp, tuple[str, ...]]
    )
    """For each root, what its unit can still be compiled to."""
    again_us: dict[StageOp, float] = field(default_factory=dict[StageOp, float])
    """Work that a retry of what follows a stage does again."""

    def enter(self, stage: StageOp, roots: Roots, again_us: float) -> None:
        """Add a stage to the units of its roots."""
        self.roots[stage] = roots
        self.again_us[stage] = again_us + self.loads[stage].again_us
        for root in roots:
            before = self.languages.get(root, self.loads[stage].languages)
            self.languages[root] = common([before, self.loads[stage].languages])
