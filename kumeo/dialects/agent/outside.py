"""Agents that ask the outside world (`READ`) or change it (`ACTS`)."""

from collections.abc import Mapping, Sequence
from typing import ClassVar, Unpack

from xdsl.dialects.builtin import (
    ArrayAttr,
    DictionaryAttr,
    FunctionType,
    IntegerAttr,
    StringAttr,
    SymbolRefAttr,
    f64,
    i64,
)
from xdsl.ir import Attribute, Operation
from xdsl.irdl import (
    irdl_op_definition,
    operand_def,
    opt_operand_def,
    opt_prop_def,
    prop_def,
    traits_def,
    var_operand_def,
)
from xdsl.parser import Parser
from xdsl.printer import Printer
from xdsl.traits import IsTerminator, Pure

from kumeo.dialects.agent.attrs import Cost
from kumeo.dialects.agent.base import (
    LANGUAGES,
    AgentOp,
    Shared,
    Value,
    names_attr,
    reference,
    require,
)
from kumeo.dialects.base import KumeoOp
from kumeo.dialects.data.types import STR, EnumType, ListType, RecordType
from kumeo.dialects.facts import ACTS, PURE, READ, Facts
from kumeo.dialects.settings import Setting, strings_of, to_settings
from kumeo.dialects.symbols import Wanted
from kumeo.dialects.syntax import (
    ends_other_body,
    parent_name,
    parse_extras,
    parse_symbol,
    parse_values,
    print_extras,
    print_symbol,
    print_values,
    print_word,
)
from kumeo.dialects.workflow.declarations import Declaration

REDUCERS = ("count", "sum", "min", "max", "mean", "last", "first")
EFFECTS = {"pure": PURE, "read": READ, "acts": ACTS}
PASSAGE = RecordType.of({"text": STR, "source": STR, "score": f64})
"""One passage that a knowledge base finds."""


@irdl_op_definition
class LlmOp(AgentOp):
    """Asks a language model. The answer has the type of the result.

    %r = agent.llm "ollama/llama3" (prompt = %p, system = %s) settings {temperature = 0.0 : f64}
      id "assess" site "assess" : (!data.str, !data.str) -> !data.record<{level: !level}>
    """

    name = "agent.llm"

    engine = prop_def(StringAttr)
    settings = prop_def(DictionaryAttr)
    prompt = operand_def(STR)
    system = opt_operand_def(STR)

    HEAD: ClassVar[tuple[tuple[str, str], ...]] = (("engine", "text"),)
    OPERANDS: ClassVar[tuple[str, ...]] = ("prompt", "system")
    CLAUSES: ClassVar[tuple[str, ...]] = ("settings",)
    COST: ClassVar[Cost] = Cost(latency_us=1_500_000, price_usd=0.002, tokens=1_000)
    FACTS: ClassVar[Facts] = READ

    def __init__(
        self,
        agent_id: str,
        site: str,
        engine: str,
        prompt: Value,
        system: Value | None,
        result_type: Attribute,
        settings: Mapping[str, Setting] | None = None,
        **shared: Unpack[Shared],
    ) -> None:
        properties: dict[str, Attribute | None] = {
            "engine": StringAttr(engine),
            "settings": to_settings(settings),
        }
        self.fill(agent_id, site, [prompt, system], properties, result_type, shared)

    def verify_agent(self) -> None:
        """Check that a model is named."""
        require(bool(self.engine.data), 'names no model: write for instance "ollama/llama3"')


@irdl_op_definition
class RetrieveOp(AgentOp):
    """Reads a context: the passages that fit a query, or all of its text without one.

    %r = agent.retrieve @policies (query = %q) settings {top = 5 : i64} id "find" site "find"
      : (!data.str) -> !data.list<!data.record<{text: !data.str, source: !data.str, score: f64}>>
    """

    name = "agent.retrieve"

    context = prop_def(SymbolRefAttr)
    settings = prop_def(DictionaryAttr)
    query = opt_operand_def(STR)

    HEAD: ClassVar[tuple[tuple[str, str], ...]] = (("context", "symbol"),)
    SYMBOLS: ClassVar[Mapping[str, tuple[Wanted, ...]]] = {
        "context": (Wanted("context", ("knowledge", "table")),)
    }
    OPERANDS: ClassVar[tuple[str, ...]] = ("query",)
    CLAUSES: ClassVar[tuple[str, ...]] = ("settings",)
    COST: ClassVar[Cost] = Cost(latency_us=50_000)
    FACTS: ClassVar[Facts] = READ

    def __init__(
        self,
        agent_id: str,
        site: str,
        context: str,
        query: Value | None = None,
        settings: Mapping[str, Setting] | None = None,
        **shared: Unpack[Shared],
    ) -> None:
        properties: dict[str, Attribute | None] = {
            "context": reference(context),
            "settings": to_settings(settings),
        }
        result_type = STR if query is None else ListType(PASSAGE)
        self.fill(agent_id, site, [query], properties, result_type, shared)

    @property
    def context_name(self) -> str:
        """Name of the `workflow.context`."""
        return self.context.string_value()

    def verify_agent(self) -> None:
        """Check the result: passages for a query, text without one."""
        wanted = STR if self.query is None else ListType(PASSAGE)
        when = "without a query" if self.query is None else "for a query"
        require(self.result.type == wanted, f"gives {wanted} {when}, not {self.result.type}")


@irdl_op_definition
class QueryOp(AgentOp):
    """Asks a database. Parameters are bound by name and never pasted into the text.

    %r = agent.query @cards (id = %card) sql "select owner from cards where id = :id"
      id "owner" site "owner" : (!data.str) -> !data.list<!data.record<{owner: !data.str}>>
    """

    name = "agent.query"

    context = prop_def(SymbolRefAttr)
    sql = prop_def(StringAttr)
    names = prop_def(ArrayAttr[StringAttr])
    parameters = var_operand_def()

    HEAD: ClassVar[tuple[tuple[str, str], ...]] = (("context", "symbol"),)
    SYMBOLS: ClassVar[Mapping[str, tuple[Wanted, ...]]] = {
        "context": (Wanted("context", ("database", "table")),)
    }
    NAMES: ClassVar[str | None] = "names"
    CLAUSES: ClassVar[tuple[str, ...]] = ("sql",)
    COST: ClassVar[Cost] = Cost(latency_us=5_000)
    FACTS: ClassVar[Facts] = READ

    def __init__(
        self,
        agent_id: str,
        site: str,
        context: str,
        sql: str,
        parameters: Sequence[Value],
        names: Sequence[str],
        result_type: Attribute,
        **shared: Unpack[Shared],
    ) -> None:
        properties: dict[str, Attribute | None] = {
            "context": reference(context),
            "sql": StringAttr(sql),
            "names": names_attr(names),
        }
        self.fill(agent_id, site, [list(parameters)], properties, result_type, shared)

    @property
    def context_name(self) -> str:
        """Name of the `workflow.context`."""
        return self.context.string_value()

    def verify_agent(self) -> None:
        """Check that there is a query and that each parameter has a name."""
        require(bool(self.sql.data.strip()), "asks nothing: write a query in `sql`")
        count = len(self.parameters)
        require(len(self.names.data) == count, "each parameter needs a name")


@irdl_op_definition
class ReviewOp(AgentOp):
    """Asks a person. The activation is parked until the answer or the timeout.

    %r = agent.review (input = %case) settings {title = "Large payment"} id "check" site "check"
      : (!case) -> !data.record<{decision: !answer, by: !data.str, at: !data.time}>
    """

    name = "agent.review"

    settings = prop_def(DictionaryAttr)
    input = operand_def()

    OPERANDS: ClassVar[tuple[str, ...]] = ("input",)
    CLAUSES: ClassVar[tuple[str, ...]] = ("settings",)
    COST: ClassVar[Cost] = Cost(latency_us=3_600_000_000)
    FACTS: ClassVar[Facts] = ACTS

    def __init__(
        self,
        agent_id: str,
        site: str,
        input: Value,
        result_type: Attribute,
        settings: Mapping[str, Setting] | None = None,
        **shared: Unpack[Shared],
    ) -> None:
        properties: dict[str, Attribute | None] = {"settings": to_settings(settings)}
        self.fill(agent_id, site, [input], properties, result_type, shared)

    def verify_agent(self) -> None:
        """Check that the person decides something, and the timeout."""
        kind = self.result.type
        decision = kind.field("decision") if isinstance(kind, RecordType) else None
        is_enum = isinstance(decision, EnumType)
        require(is_enum, "the result is a record with an enum field `decision`")
        timeout = self.settings.data.get("timeout_us")
        if isinstance(timeout, IntegerAttr):
            positive = timeout.value.data > 0
            require(positive, f"the timeout is {timeout.value.data} us: write a positive time")


@irdl_op_definition
class AggregateOp(AgentOp):
    """Keeps state for each key over a window of time and gives the state after this event.

    %r = agent.aggregate (key = %card, n = %tx, total = %amount) reducers ["count", "sum"]
      window_us 600000000 : i64 id "recent" site "recent"
      : (!data.str, !tx, f64) -> !data.record<{n: i64, total: f64}>
    """

    name = "agent.aggregate"

    names = prop_def(ArrayAttr[StringAttr])
    reducers = prop_def(ArrayAttr[StringAttr])
    window = opt_prop_def(IntegerAttr, prop_name="window_us")
    key = operand_def()
    values = var_operand_def()

    OPERANDS: ClassVar[tuple[str, ...]] = ("key",)
    NAMES: ClassVar[str | None] = "names"
    CLAUSES: ClassVar[tuple[str, ...]] = ("reducers", "window_us")
    COST: ClassVar[Cost] = Cost(latency_us=1_000)
    FACTS: ClassVar[Facts] = ACTS

    def __init__(
        self,
        agent_id: str,
        site: str,
        key: Value,
        window_us: int | None,
        values: Sequence[Value],
        reducers: Sequence[str],
        names: Sequence[str],
        result_type: Attribute,
        **shared: Unpack[Shared],
    ) -> None:
        properties: dict[str, Attribute | None] = {
            "names": names_attr(names),
            "reducers": names_attr(reducers),
            "window_us": None if window_us is None else IntegerAttr(window_us, i64),
        }
        self.fill(agent_id, site, [key, list(values)], properties, result_type, shared)

    @property
    def window_us(self) -> int | None:
        """Length of the window, or None for all time."""
        return None if self.window is None else self.window.value.data

    def verify_agent(self) -> None:
        """Check the reducers, the window and the record that they give."""
        reducers, names = strings_of(self.reducers), strings_of(self.names)
        for reducer in reducers:
            known = ", ".join(REDUCERS)
            require(reducer in REDUCERS, f"unknown reducer `{reducer}`: write one of {known}")
        require(bool(reducers), "reduces nothing: give at least one reducer")
        count = len(self.values)
        require(len(reducers) == count, f"has {count} values but {len(reducers)} reducers")
        require(len(names) == count, "each reducer needs a name")
        positive = self.window_us is None or self.window_us > 0
        require(positive, f"the window is {self.window_us} us: write a positive time")
        types = [_reduced(r, v.type) for r, v in zip(reducers, self.values, strict=True)]
        wanted = RecordType.of(dict(zip(names, types, strict=True)))
        require(self.result.type == wanted, f"gives {wanted}, not {self.result.type}")


def _reduced(reducer: str, type: Attribute) -> Attribute:
    """Return the type of a reduced value; the window holds at least this event."""
    if reducer == "count":
        return i64
    if reducer in ("sum", "mean", "min", "max"):
        require(type in (i64, f64), f"`{reducer}` needs numbers, not {type}")
    return f64 if reducer == "mean" else type


@irdl_op_definition
class ExternOp(Declaration):
    """A function of the user, written in Python or Rust; what it may do is declared.

    agent.extern @score python("rules.scoring:score") effects "pure" : (f64) -> f64
    """

    name = "agent.extern"
    NOUN: ClassVar[str] = "function"

    language = prop_def(StringAttr)
    function = prop_def(StringAttr)
    effects = prop_def(StringAttr)
    function_type = prop_def(FunctionType)

    def __init__(
        self, name: str, language: str, function: str, type: FunctionType, effects: str
    ) -> None:
        super().__init__(
            properties={
                "sym_name": StringAttr(name),
                "language": StringAttr(language),
                "function": StringAttr(function),
                "effects": StringAttr(effects),
                "function_type": type,
            }
        )

    def verify_(self) -> None:
        """Check the language, the effects and that there is one result."""
        language, effects = self.language.data, self.effects.data
        known = ", ".join(LANGUAGES)
        require(language in LANGUAGES, f"unknown language `{language}`: write one of {known}")
        known = ", ".join(EFFECTS)
        require(effects in EFFECTS, f"unknown effects `{effects}`: write one of {known}")
        require(len(self.function_type.outputs.data) == 1, "a function gives exactly one result")

    def print(self, printer: Printer) -> None:
        """Print the custom form."""
        print_symbol(printer, self.symbol)
        printer.print_string(" ")
        printer.print_identifier_or_string_literal(self.language.data)
        with printer.in_parens():
            printer.print_string_literal(self.function.data)
        print_word(printer, "effects", self.effects.data)
        print_extras(printer, self)
        printer.print_string(" : ")
        printer.print_attribute(self.function_type)

    @classmethod
    def parse(cls, parser: Parser) -> "ExternOp":
        """Parse the custom form."""
        name = parse_symbol(parser)
        language = parser.parse_identifier_or_str_literal()
        with parser.in_parens():
            function = parser.parse_str_literal()
        parser.parse_keyword("effects")
        effects = parser.parse_str_literal()
        extras = parse_extras(parser)
        parser.parse_punctuation(":")
        op = cls(name, language, function, parser.parse_function_type(), effects)
        op.attributes |= extras
        return op


@irdl_op_definition
class CallOp(AgentOp):
    """Calls a function of the user. `effects` is a copy of what its `agent.extern` declares.

    %r = agent.call @score (%a) effects "pure" id "score" site "score" : (f64) -> f64
    """

    name = "agent.call"

    callee = prop_def(SymbolRefAttr)
    effects = prop_def(StringAttr)
    inputs = var_operand_def()

    HEAD: ClassVar[tuple[tuple[str, str], ...]] = (("callee", "symbol"),)
    SYMBOLS: ClassVar[Mapping[str, tuple[Wanted, ...]]] = {"callee": (Wanted("function"),)}
    CLAUSES: ClassVar[tuple[str, ...]] = ("effects",)
    COST: ClassVar[Cost] = Cost(latency_us=1_000)

    def __init__(
        self,
        agent_id: str,
        site: str,
        callee: str,
        inputs: Sequence[Value],
        result_type: Attribute,
        effects: str = "acts",
        **shared: Unpack[Shared],
    ) -> None:
        properties: dict[str, Attribute | None] = {
            "callee": reference(callee),
            "effects": StringAttr(effects),
        }
        self.fill(agent_id, site, [list(inputs)], properties, result_type, shared)

    @property
    def callee_name(self) -> str:
        """Name of the `agent.extern`."""
        return self.callee.string_value()

    def effect_facts(self) -> Facts:
        """Return the facts that the function declares."""
        return EFFECTS.get(self.effects.data, ACTS)

    def verify_agent(self) -> None:
        """Check the effects."""
        known = ", ".join(EFFECTS)
        is_known = self.effects.data in EFFECTS
        require(is_known, f"unknown effects `{self.effects.data}`: write one of {known}")

    def verify_symbols(self, declared: Mapping[str, Sequence[Operation]]) -> None:
        """Check effects, arguments and result against the function's declaration."""
        function = declared["callee"][0]
        if not isinstance(function, ExternOp):
            return
        effects = function.effects.data
        require(
            self.effects.data == effects,
            f'says effects "{self.effects.data}", but `@{function.symbol}` declares "{effects}"',
        )
        actual = FunctionType.from_lists([v.type for v in self.inputs], [self.result.type])
        wanted = function.function_type
        require(actual == wanted, f"is {actual}, but `@{function.symbol}` is {wanted}")


@irdl_op_definition
class YieldOp(KumeoOp):
    """The end of the region of a process or of a fallback, with its value.

    agent.yield %v : f64
    """

    name = "agent.yield"

    arguments = var_operand_def()

    FACTS: ClassVar[Facts] = PURE
    traits = traits_def(IsTerminator(), Pure())

    def __init__(self, values: Sequence[Value] = ()) -> None:
        super().__init__(operands=[list(values)])

    def verify_(self) -> None:
        """Check where it stands and that it gives the result of the agent."""
        parent = self.parent_op()
        is_lost = ends_other_body(self, AgentOp)
        require(not is_lost, f"ends a region of an agent, not the body of `{parent_name(self)}`")
        if not isinstance(parent, AgentOp):
            return
        if not self.arguments and self.parent_region() is parent.fallback:
            return
        wanted = (parent.result.type,)
        actual = tuple(self.arguments.types)
        listed = ", ".join(str(type) for type in actual) or "nothing"
        require(actual == wanted, f"yields {listed}, but the agent gives {wanted[0]}")

    def print(self, printer: Printer) -> None:
        """Print the custom form."""
        print_values(printer, self.arguments)
        print_extras(printer, self)

    @classmethod
    def parse(cls, parser: Parser) -> "YieldOp":
        """Parse the custom form."""
        op = cls(parse_values(parser))
        op.attributes |= parse_extras(parser)
        return op
