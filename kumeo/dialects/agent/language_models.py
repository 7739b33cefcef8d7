"""Language models as agents: which engines answer, what they may call, what they may use up.

    %r = agent.llm "openai/large" (prompt = %p)
      settings {engines = ["openai/large", "ollama/small"]} tools [@stock]
      id "assess" site "assess" : (!data.str) -> !data.str

The frontend makes these ops; the interpreter answers them from outside, back ends print them.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Unpack, cast

from xdsl.dialects.builtin import ArrayAttr, DictionaryAttr, StringAttr, SymbolRefAttr
from xdsl.ir import Attribute, Operation
from xdsl.irdl import irdl_op_definition, operand_def, opt_operand_def, opt_prop_def, prop_def

from kumeo.dialects.agent.attrs import Cost
from kumeo.dialects.agent.base import AgentOp, Shared, Value, require
from kumeo.dialects.agent.functions import ExternOp
from kumeo.dialects.data.types import BOOL, STR, EnumType, RecordType
from kumeo.dialects.facts import ACTS, READ, Facts
from kumeo.dialects.settings import Setting, from_setting, strings_of, to_settings
from kumeo.dialects.symbols import Wanted

STRATEGIES = ("fallback", "round_robin")
MODES = ("auto", "decision")
PERIODS = ("event", "hour", "day")
REASKS, STEPS_MAX = 1, 8
"""How often a malformed answer is asked for again, and how many rounds of tools there are, when
the settings do not say."""


@irdl_op_definition
class LlmOp(AgentOp):
    """Asks a language model. The answer has the type of the result.

    %r = agent.llm "ollama/llama3" (prompt = %p, system = %s) settings {temperature = 0.0 : f64}
      id "assess" site "assess" : (!data.str, !data.str) -> !data.record<{level: !level}>

    `engines` in the settings is the whole chain, `engine` its first one. `tools` are functions that
    the model may call while it answers; with one that acts, `effects "acts"` stands behind them.
    """

    name = "agent.llm"

    engine = prop_def(StringAttr)
    settings = prop_def(DictionaryAttr)
    tools = opt_prop_def(ArrayAttr[SymbolRefAttr])
    effects = opt_prop_def(StringAttr)
    prompt = operand_def(STR)
    system = opt_operand_def(STR)

    HEAD: ClassVar[tuple[tuple[str, str], ...]] = (("engine", "text"),)
    SYMBOLS: ClassVar[Mapping[str, tuple[Wanted, ...]]] = {"tools": (Wanted("function"),)}
    OPERANDS: ClassVar[tuple[str, ...]] = ("prompt", "system")
    CLAUSES: ClassVar[tuple[str, ...]] = ("settings", "tools", "effects")
    JUDGES: ClassVar[bool] = True
    COST: ClassVar[Cost] = Cost(latency_us=1_500_000, price_usd=0.002, tokens=1_000)

    def __init__(
        self,
        agent_id: str,
        site: str,
        engine: str,
        prompt: Value,
        system: Value | None,
        result_type: Attribute,
        settings: Mapping[str, Setting] | None = None,
        tools: Sequence[str] = (),
        effects: str | None = None,
        **shared: Unpack[Shared],
    ) -> None:
        properties: dict[str, Attribute | None] = {
            "engine": StringAttr(engine),
            "settings": to_settings(settings),
            "tools": ArrayAttr([SymbolRefAttr(name) for name in tools]) if tools else None,
            "effects": None if effects is None else StringAttr(effects),
        }
        self.fill(agent_id, site, [prompt, system], properties, result_type, shared)

    @property
    def engines(self) -> tuple[str, ...]:
        """The engines of the chain, in the order in which they are written."""
        found = strings_of(self.settings.data.get("engines"))
        return found or (self.engine.data,)

    @property
    def tool_names(self) -> tuple[str, ...]:
        """Names of the `agent.extern`s that the model may call."""
        return () if self.tools is None else tuple(each.string_value() for each in self.tools)

    @property
    def is_free_text(self) -> bool:
        """Whether every answer fits: nothing can be malformed."""
        return self.result.type in (STR, RecordType.of({"text": STR}))

    @property
    def questions_max(self) -> int:
        """The most questions of one attempt: over all engines, with tools and corrections."""
        given = self.setting("reask")
        reasks = 0 if self.is_free_text else REASKS if given is None else given
        steps = (self.setting("max_steps") or STEPS_MAX) if self.tool_names else 0
        return len(self.engines) * (1 + reasks + steps)

    def setting(self, name: str) -> Any:
        """Return a setting as plain data, or None when it is not given."""
        found = self.settings.data.get(name)
        return None if found is None else from_setting(found)

    def effect_facts(self) -> Facts:
        """Return what the model may do: it acts with tools that act, else it only reads."""
        is_acting = self.effects is not None and self.effects.data == "acts"
        return ACTS if is_acting else READ

    def verify_agent(self) -> None:
        """Check the engines, the limits and what they exclude."""
        require(bool(self.engine.data), 'names no model: write for instance "ollama/llama3"')
        engines = self.engines
        is_first = engines[0] == self.engine.data
        require(is_first, "the first of `engines` is another one than its engine")
        require(len(set(engines)) == len(engines), "names an engine twice")
        _one_of("strategy", self.setting("strategy"), STRATEGIES)
        _one_of("mode", self.setting("mode"), MODES)
        if self.setting("mode") == "decision":
            require(is_decision(self.result.type), f"decides, but gives {self.result.type}")
        self._verify_budget()
        self._verify_tools()

    def _verify_budget(self) -> None:
        budget = self.setting("budget")
        if budget is None:
            return
        require(isinstance(budget, dict), "the budget is no dictionary")
        given = cast(dict[str, Any], budget)
        _one_of("per", given.get("per"), PERIODS)
        limits = [given[name] for name in ("tokens", "usd") if name in given]
        require(bool(limits), "the budget limits nothing: write `tokens` or `usd`")
        is_positive = all(isinstance(each, int | float) and each > 0 for each in limits)
        require(is_positive, "the limits of a budget are above zero")

    def _verify_tools(self) -> None:
        names = self.tool_names
        require(len(set(names)) == len(names), "names a tool twice")
        _one_of("effects", None if self.effects is None else self.effects.data, ("acts",))
        is_shared = self.effect_facts() == ACTS and bool(self.setting("cache"))
        require(not is_shared, "acts, so its answers cannot come from a cache")

    def verify_symbols(self, declared: Mapping[str, Sequence[Operation]]) -> None:
        """Check that `effects` says whether a tool acts."""
        functions = [op for op in declared.get("tools", ()) if isinstance(op, ExternOp)]
        for op in functions:
            is_named = len(op.parameters) == len(op.function_type.inputs.data)
            require(is_named, f"calls `@{op.symbol}`, whose parameters have no names")
        acting = [op.symbol for op in functions if op.effects.data == "acts"]
        is_acting = self.effect_facts() == ACTS
        require(is_acting or not acting, f'calls `@{"".join(acting[:1])}`: write effects "acts"')
        require(not is_acting or bool(acting), 'says effects "acts", but no tool of it acts')


def is_decision(kind: Attribute) -> bool:
    """Say whether a type is a decision: a boolean, an enum, or a record of these."""
    parts = kind.types if isinstance(kind, RecordType) else (kind,)
    return bool(parts) and all(part == BOOL or isinstance(part, EnumType) for part in parts)


def _one_of(name: str, given: Any, known: Sequence[str]) -> None:
    listed = ", ".join(known)
    require(given is None or given in known, f"unknown {name} `{given}`: write one of {listed}")
