"""`outline-infer`: move the numeric work of several agents into one program on tensors.

    %risk = agent.bayes @risk (Night = %night) query ["Fraud"] id "risk" …
    %route = agent.decide first_match (hot = %hot) outcomes ["block"] default "pass" id "route" …

becomes

    %n = agent.infer (night = %night) do (%x: tensor<?xi64>) { infer.bayes … infer.rules … }
    %risk = agent.process (%shares, %possible) do { … data.require … } id "risk" …
    %route = agent.process (%decision, %rule, %risk) do { … } id "route" …

In each block it collects models, networks and the decisions that read them, as long as one program
can compute them before the first of them runs, with what stands between them: comparisons,
arithmetic, `max`, `min`, defaults for null (`??`) and the bodies of processes. A decision that
reads no model or network stays code: that is faster than a call of a graph.

Why it is sound. The agents compute, so they may run early and together. The program never fails;
each agent stays as a process with its id, site, policy and fallback, which makes its result from
numbers and fails where a flag of the program says so, with the failure the agent had. What an agent
of the program reads of another one is an operand of its process too, so it is cancelled by the same
failure as before; where a flag tells that the other one fails, a constant fallback is read. A group
holds only agents that need the same outside values that may fail, and conditions that fail exactly
when one of these does. Numbers may differ in their last digits.

What cannot go in stays as it is, and a remark says why: a file that is missing or that cannot be
compiled, text, a network that costs too much (with a warning), values that come later, arithmetic
that may fail.
"""

from dataclasses import dataclass
from typing import ClassVar

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Block, Operation

from kumeo.analysis.levels import ACTIVATIONS, LEVEL_ATTRIBUTE, set_level
from kumeo.analysis.networks import too_costly
from kumeo.dialects.agent import AgentOp, BayesOp, DecideOp, InferOp, ModelOp
from kumeo.passes.base import OpPass
from kumeo.passes.files import path_of
from kumeo.passes.numeric.costs import TooCostlyError
from kumeo.passes.numeric.grouping import Group, Opened
from kumeo.passes.numeric.tensor_values import NotNumericError

_KIND_OF: dict[type[Operation], str] = {
    ModelOp: "models",
    BayesOp: "networks",
    DecideOp: "decisions",
}


@dataclass(frozen=True)
class OutlineInferPass(OpPass):
    """Move the numeric work of several agents into one program on tensors."""

    name = "outline-infer"
    LEVELS: ClassVar[tuple[str, ...]] = ACTIVATIONS
    LOWERS_TO: ClassVar[str | None] = "numeric"
    ROUNDS: ClassVar[float] = 1e-6

    models: bool = True
    """Whether models go in."""

    networks: bool = True
    """Whether Bayesian networks go in."""

    decisions: bool = True
    """Whether decisions go in that read a model or a network of the program."""

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        """Outline in every block; a module that names its level is at `numeric` then."""
        self.apply_to(ctx, op)
        if LEVEL_ATTRIBUTE in op.attributes:
            set_level(op, "numeric")

    def apply_to(self, ctx: Context, root: Operation) -> None:
        """Outline in every block below `root`, outer blocks first."""
        files = Opened()
        blocks = [block for region in root.regions for block in region.blocks]
        while blocks:
            block = blocks.pop()
            if not isinstance(block.parent_op(), InferOp):
                self._outline(block, files)
            blocks += (b for op in block.ops for region in op.regions for b in region.blocks)

    def _outline(self, block: Block, files: Opened) -> None:
        groups: list[Group] = []
        for op in [op for op in block.ops if self._takes(op)]:
            assert isinstance(op, AgentOp), "`_takes` looks"
            self._place(op, groups, files)
        for group in groups:
            group.write()
            self.count("programs made")

    def _takes(self, op: Operation) -> bool:
        kind = _KIND_OF.get(type(op))
        return kind is not None and bool(getattr(self, kind))

    def _place(self, op: AgentOp, groups: list[Group], files: Opened) -> None:
        """Put an agent into the last group that can take it, else into a new one."""
        reason = ""
        for group in reversed(groups):
            try:
                group.join(op)
                self.remark(op, f"`{op.agent_id}` is computed in `{group.name}`")
                self.count("agents outlined")
                return
            except NotNumericError as refusal:
                reason = reason or str(refusal)
        if isinstance(op, DecideOp):
            stays = reason or "it reads no model or network of a program"
            self.remark(op, f"`{op.agent_id}` stays code: {stays}")
            return
        group = Group(op, files)
        try:
            group.join(op)
        except NotNumericError as refusal:
            self.remark(op, f"`{op.agent_id}` stays as it is: {refusal}")
            self._warn(op, refusal)
            return
        apart = f", apart from `{groups[-1].name}`: {reason}" if reason else ""
        self.remark(op, f"`{op.agent_id}` starts the program `{group.name}`{apart}")
        self.count("agents outlined")
        groups.append(group)

    def _warn(self, op: AgentOp, refusal: NotNumericError) -> None:
        """Tell the author of a network that costs too much: an event may take long then."""
        if isinstance(op, BayesOp) and isinstance(refusal, TooCostlyError):
            path = path_of(op, op.network_name) or op.network_name
            found = refusal.found
            self.report(too_costly(op, path, found.query, found.cost, found.largest))
