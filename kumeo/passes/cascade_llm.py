"""`cascade-llm`: ask a cheap model first, and the dear one only if need be. Changes the meaning.

    %a = agent.llm "openai/large" (prompt = %p) id "a" site "a" -> !answer

becomes, with `cascade-llm{cheap="ollama/small" dear="openai/large" field="sure" at-least=0.8}`,

    %ok, %c = workflow.try -> (i1, !data.option<!answer>) {
      %first = agent.llm "ollama/small" (prompt = %p) id "a:cheap" site "a:cheap" -> !answer
      %sure = data.get %first["sure"] : f64
      %good = data.compare ge, %sure, 0.8
      …                                              // yields %good and %first
    } catch (%err: …) { … }                          // yields false and null
    %a = workflow.if %ok -> (!answer) { …the cheap answer… } else {
      %dear = agent.llm "openai/large" (prompt = %p) id "a" site "a" -> !answer
      workflow.yield %dear
    }

Without `field` the dear model is asked only if the cheap one failed: it did not answer, or its
answer did not fit the type. Policy and fallback stay with the dear agent; the cheap one is tried
once.

It is never on by itself: another model gives other answers, and there are calls (of the new site)
that the program did not make. Only the user can say whether an answer is good enough, and should
measure it. What it does keep: a failure of the cheap agent is observed by the `try` around it and
nowhere else; the condition never fails, so nothing else is observed; the dear agent, with its id
and site, runs at most where it ran before. A chain of engines stays with the dear agent: the cheap
one asks one engine. An agent whose tools act, or that has a budget, is left as it is.
"""

from dataclasses import dataclass
from typing import ClassVar

from xdsl.context import Context
from xdsl.dialects.builtin import DictionaryAttr, FloatAttr, IntegerAttr, StringAttr, f64, i1
from xdsl.ir import Attribute, Block, Operation, Region, SSAValue

from kumeo.analysis.levels import ACTIVATIONS
from kumeo.analysis.walk import walk_ops
from kumeo.dialects.agent.base import AgentOp
from kumeo.dialects.agent.language_models import LlmOp
from kumeo.dialects.data.ops_options import NoneOp, SomeOp, UnwrapOp
from kumeo.dialects.data.ops_records import GetOp
from kumeo.dialects.data.ops_scalars import CompareOp
from kumeo.dialects.data.ops_values import ConstantOp
from kumeo.dialects.data.types import JSON, OptionType, RecordType
from kumeo.dialects.facts import ACTS
from kumeo.dialects.workflow.control import IfOp, TryOp, YieldOp
from kumeo.passes.base import OpPass
from kumeo.passes.locations import settle

CASCADE = "kumeo.cascade"
"""Attribute of the dear agent: the engine that is asked before it."""


@dataclass(frozen=True)
class CascadeLlmPass(OpPass):
    """Put a call of a cheap engine before the calls of a dear one."""

    name = "cascade-llm"
    LEVELS: ClassVar[tuple[str, ...]] = ACTIVATIONS
    changes_meaning: ClassVar[bool] = True

    cheap: str
    """The engine that is asked first, such as `ollama/llama3`."""

    dear: str
    """The engine whose agents are changed."""

    field: str | None = None
    """A number in the answer that tells how good it is."""

    at_least: float = 0.5
    """The cheap answer is taken if `field` is at least this."""

    def __post_init__(self) -> None:
        """Refuse one engine for both."""
        if self.cheap == self.dear:
            raise ValueError("`cheap` and `dear` name the same engine")

    def apply_to(self, ctx: Context, root: Operation) -> None:
        """Find the agents of the dear engine below `root`, then change them."""
        found = [op for op in walk_ops(root) if isinstance(op, AgentOp) and self._is_dear(op)]
        for op in found:
            fault = self._fault(op)
            if fault is not None:
                self.remark(op, f"agent `{op.agent_id}` is not changed: {fault}")
                continue
            self.count("agents cascaded")
            self.remark(op, f"agent `{op.agent_id}` asks `{self.cheap}` first")
            self._cascade(op)

    def _is_dear(self, op: AgentOp) -> bool:
        return op.properties.get("engine") == StringAttr(self.dear) and CASCADE not in op.attributes

    def _fault(self, op: AgentOp) -> str | None:
        """Return why an agent cannot be changed, or None."""
        kind = op.result.type
        if op.effect_facts() == ACTS:
            return "its tools act, and two models would call them"
        if isinstance(op, LlmOp) and op.setting("budget") is not None:
            return "it has a budget, and two agents would have it each"
        if isinstance(kind, OptionType) or kind == JSON:
            return "its answer may be null, which stands for no answer here"
        is_number = isinstance(kind, RecordType) and kind.field(self.field or "") == f64
        if self.field is not None and not is_number:
            return f"its answer has no number `{self.field}`"
        return None

    def _cascade(self, op: AgentOp) -> None:
        kind, location = op.result.type, op.location
        attempt = TryOp([i1, OptionType(kind)], self._attempt(op), _no_answer(OptionType(kind)))
        unwrapped = UnwrapOp(attempt.results[1])
        taken = Region(Block([unwrapped, YieldOp([unwrapped.result])]))
        choice = IfOp(attempt.results[0], [kind], taken, Region(Block()))
        choice.results[0].name_hint = op.result.name_hint
        place = op.parent
        assert place is not None, "the agent stands in a block"
        place.insert_ops_before([attempt, choice], op)
        op.result.replace_all_uses_with(choice.results[0])
        op.detach()
        op.attributes[CASCADE] = StringAttr(self.cheap)
        choice.else_region.block.add_ops([op, YieldOp([op.result])])
        settle([attempt, choice], location)

    def _attempt(self, op: AgentOp) -> Region:
        """Return the body that asks the cheap engine and yields whether to take the answer."""
        dropped = ("policy", "fallback", "cost")
        kept = {name: attr for name, attr in op.properties.items() if name not in dropped}
        own: dict[str, Attribute] = {
            "engine": StringAttr(self.cheap),
            "id": StringAttr(f"{op.agent_id}:cheap"),
            "site": StringAttr(f"{op.site}:cheap"),
            "settings": _without_chain(op),
        }
        cheap = type(op).create(
            operands=list(op.operands),
            result_types=[op.result.type],
            properties={**kept, **own},
            regions=[Region() for _ in op.regions],
        )
        good = self._is_good(cheap.results[0])
        some = SomeOp(cheap.results[0])
        return Region(Block([cheap, *good, some, YieldOp([good[-1].results[0], some.result])]))

    def _is_good(self, answer: SSAValue) -> list[Operation]:
        if self.field is None:
            return [ConstantOp(IntegerAttr(-1, i1), i1)]
        value = GetOp(answer, self.field)
        limit = ConstantOp(FloatAttr(self.at_least, f64), f64)
        return [value, limit, CompareOp("ge", value.result, limit.result)]


def _without_chain(op: AgentOp) -> Attribute:
    """Return the settings of an agent that asks one engine only."""
    settings = op.properties.get("settings")
    entries: dict[str, Attribute] = {}
    if isinstance(settings, DictionaryAttr):
        entries.update(settings.data)
    for name in ("engines", "strategy"):
        entries.pop(name, None)
    return DictionaryAttr(entries)


def _no_answer(kind: OptionType) -> Region:
    """Return the handler for a cheap engine that failed."""
    handler = TryOp().handler.clone()
    no, none = ConstantOp(IntegerAttr(0, i1), i1), NoneOp(kind)
    handler.block.add_ops([no, none, YieldOp([no.result, none.result])])
    return handler
