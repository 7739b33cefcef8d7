"""`fuse-questions`: ask several typed questions about one input in one call. Changes the meaning.

    %p = data.format "Mail: {{ m }}\\nWhat is its topic?" (m = %m)
    %a = agent.llm "m" (prompt = %p) id "topic" … -> !topic
    %q = data.format "Mail: {{ m }}\\nHow urgent is it?" (m = %m)
    %b = agent.llm "m" (prompt = %q) id "urgent" … -> i1

becomes

    %p = data.format "Mail: {{ m }}
      ## topic
      What is its topic?
      ## urgent
      How urgent is it?" (m = %m)
    %r = agent.llm "m" (prompt = %p) id "topic" {kumeo.questions = ["topic", "urgent"]} …
      -> !data.record<{topic: !topic, urgent: i1}>
    %a = data.get %r["topic"]
    %b = data.get %r["urgent"]

The lines that all prompts begin with are written once, then follow the questions under the ids of
their agents. Agents that read the very same prompt keep it: only the type of the answer grows.

It may not be on by default. One text with several questions is another input than several texts, so
the answers may differ; the questions now fail together, and are tried again together. What it does
keep: it joins agents of one block only, so none runs that would not have run; with equal engine,
settings, policy, language, `system` and holes; that are discardable and have no fallback, so that
no failure is observed where none was. The first agent is the place of the call, and what the others
read is there, since it is the same. An act whose answer the program waits for stands between two
calls for a reason: it ends a group. An agent with tools is left out, since rounds of tools for one
question would go on for all of them; so is one with a budget, since one call would have to do with
what two may use. A chain of engines is a setting: agents with the same chain go together.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from xdsl.context import Context
from xdsl.dialects.builtin import ArrayAttr, StringAttr
from xdsl.ir import Block, Operation, SSAValue
from xdsl.rewriter import Rewriter

from kumeo.analysis.levels import ACTIVATIONS
from kumeo.analysis.placement import is_awaited_act
from kumeo.dialects.agent.attrs import CostAttr
from kumeo.dialects.agent.base import AgentOp
from kumeo.dialects.agent.language_models import LlmOp
from kumeo.dialects.base import at
from kumeo.dialects.data.ops_calls import FormatOp
from kumeo.dialects.data.ops_records import GetOp
from kumeo.dialects.data.types import RecordType
from kumeo.dialects.facts import facts_of
from kumeo.passes.base import OpPass
from kumeo.passes.locations import fuse
from kumeo.passes.templates import parts_of

QUESTIONS = "kumeo.questions"
"""Attribute of a joined agent: the ids of the agents that it stands for."""

OWN = frozenset({"id", "site", "cost"})
"""Properties in which joined agents may differ."""


@dataclass(frozen=True)
class FuseQuestionsPass(OpPass):
    """Join the language-model agents of a block that ask about the same input."""

    name = "fuse-questions"
    LEVELS: ClassVar[tuple[str, ...]] = ACTIVATIONS
    changes_meaning: ClassVar[bool] = True

    max_questions: int = 8
    """At most so many questions go into one call."""

    def __post_init__(self) -> None:
        """Refuse groups of one."""
        if self.max_questions < 2:
            raise ValueError("a call takes at least 2 questions")

    def apply_to(self, ctx: Context, root: Operation) -> None:
        """Find the groups of every block below `root`, then join them."""
        groups: list[list[AgentOp]] = []
        todo = [block for region in root.regions for block in region.blocks]
        while todo:
            block = todo.pop()
            groups += self._groups(block)
            todo += (b for op in block.ops for region in op.regions for b in region.blocks)
        for group in groups:
            names = ", ".join(f"`{op.agent_id}`" for op in group)
            self.count("agents joined", len(group))
            self.remark(group[0], f"agents {names} are asked in one call")
            join_agents(group)

    def _groups(self, block: Block) -> list[list[AgentOp]]:
        """Return the agents of a block that can be joined, in program order."""
        found: list[list[AgentOp]] = []
        open_groups: dict[Hashable, list[AgentOp]] = {}
        for op in block.ops:
            if is_awaited_act(op):
                open_groups.clear()
            if not isinstance(op, AgentOp) or not _is_asked(op):
                continue
            fault = _fault(op)
            if fault is not None:
                self.remark(op, f"agent `{op.agent_id}` is asked alone: {fault}")
                continue
            group = open_groups.setdefault(_key(op), [])
            if not group or len(group) == self.max_questions:
                group = open_groups[_key(op)] = []
                found.append(group)
            group.append(op)
        return [group for group in found if len(group) > 1]


def _is_asked(op: AgentOp) -> bool:
    """Return whether `op` reads a prompt, and does not stand for joined agents already."""
    # A feature of a model and a rule may be called `prompt`, too: they are no fixed operands.
    return "prompt" in op.OPERANDS and QUESTIONS not in op.attributes


def _fault(op: AgentOp) -> str | None:
    """Return why an agent cannot share a call, or None."""
    if op.fallback is not None or not facts_of(op).discardable:
        return "it has a fallback, or acts"
    if isinstance(op, LlmOp) and op.tool_names:
        return "its tools are called for it alone"
    if isinstance(op, LlmOp) and op.setting("budget") is not None:
        return "its budget is its own"
    if isinstance(op, LlmOp) and op.setting("mode") and isinstance(op.result.type, RecordType):
        return "its answer decides several things already"
    return None


def _key(op: AgentOp) -> Hashable:
    """Return what joined agents have in common."""
    settings = frozenset((k, v) for k, v in op.properties.items() if k not in OWN)
    prompt = op.operands[op.operand_names().index("prompt")]
    others = tuple(operand for operand in op.operands if operand is not prompt)
    return (type(op), settings, others, _input(prompt))


def _input(prompt: SSAValue) -> Hashable:
    """Return the holes of a plain template, or the prompt itself."""
    template = prompt.owner
    if not isinstance(template, FormatOp) or parts_of(template.template.data) is None:
        return prompt
    return frozenset(zip(template.names, template.values, strict=True))


def join_agents(group: Sequence[AgentOp]) -> None:
    """Replace agents by one, in the place of the first, and by the fields of its answer."""
    first = group[0]
    position = first.operand_names().index("prompt")
    prompts = [op.operands[position] for op in group]
    operands = list(first.operands)
    made: list[Operation] = []
    if any(prompt is not prompts[0] for prompt in prompts):
        template = _template(group, prompts)
        operands[position] = template.result
        made.append(template)
    types = {op.agent_id: op.result.type for op in group}
    joined = type(first).create(
        operands=operands,
        result_types=[RecordType.of(types)],
        properties={**first.properties, "cost": _cost(group)},
        attributes={**first.attributes, QUESTIONS: ArrayAttr([StringAttr(n) for n in types])},
        regions=[first.detach_region(region) for region in list(first.regions)],
    )
    location = first.location
    for op in group[1:]:
        location = fuse(location, op.location)
    parts = [at(GetOp(joined.results[0], op.agent_id), op.location) for op in group]
    for op in (*made, joined):
        op.location = location
    for op, part in zip(group, parts, strict=True):
        part.result.name_hint = op.result.name_hint
        Rewriter.replace_op(op, [*made, joined, *parts] if op is first else [], [part.result])
    for prompt in dict.fromkeys(prompts):
        if prompt.first_use is None and isinstance(prompt.owner, FormatOp):
            Rewriter.erase_op(prompt.owner)


def _cost(group: Sequence[AgentOp]) -> CostAttr:
    """Return an estimate: the time and price of one call for each, until somebody measures."""
    costs = [op.cost_estimate() for op in group]
    return CostAttr(
        max(cost.latency_us for cost in costs),
        max(cost.price_usd for cost in costs),
        max(cost.tokens for cost in costs),
    )


def _template(group: Sequence[AgentOp], prompts: Sequence[SSAValue]) -> FormatOp:
    """Return the template of the joined prompt: the common lines, then a part for each agent."""
    owners = [prompt.owner for prompt in prompts]
    formats = [owner for owner in owners if isinstance(owner, FormatOp)]
    texts = [op.template.data.splitlines() for op in formats]
    common = 0
    while all(common < len(t) and t[common] == texts[0][common] for t in texts):
        common += 1
    lines = texts[0][:common]
    for op, text in zip(group, texts, strict=True):
        lines += [f"## {op.agent_id}", *text[common:]]
    return FormatOp("\n".join(lines) + "\n", list(formats[0].names), list(formats[0].values))
