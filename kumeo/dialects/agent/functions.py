"""User code as agents, and the terminator of all regions of agents."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Unpack

from xdsl.dialects.builtin import (
    DictionaryAttr,
    FunctionType,
    StringAttr,
    SymbolRefAttr,
)
from xdsl.ir import Attribute, Operation
from xdsl.irdl import (
    irdl_op_definition,
    prop_def,
    traits_def,
    var_operand_def,
)
from xdsl.parser import Parser
from xdsl.printer import Printer
from xdsl.traits import IsTerminator, Pure
from xdsl.utils.exceptions import VerifyException

from kumeo.dialects.agent.attrs import Cost
from kumeo.dialects.agent.base import (
    LANGUAGES,
    AgentOp,
    Shared,
    Value,
    reference,
    require,
)
from kumeo.dialects.base import KumeoOp
from kumeo.dialects.facts import ACTS, PURE, READ, Facts
from kumeo.dialects.settings import Setting, from_setting, strings_of, to_settings
from kumeo.dialects.symbols import Wanted
from kumeo.dialects.syntax import (
    ends_other_body,
    parent_name,
    parse_extras,
    parse_settings,
    parse_symbol,
    parse_values,
    print_extras,
    print_settings,
    print_symbol,
    print_values,
    print_word,
)
from kumeo.dialects.workflow.declarations import Declaration

EFFECTS = {"pure": PURE, "read": READ, "acts": ACTS}


@irdl_op_definition
class ExternOp(Declaration):
    """A function of the user, written in Python or Rust; what it may do is declared.

    agent.extern @score python("rules.scoring:score") effects "pure" {parameters = ["amount"]}
      : (f64) -> f64

    Settings: the names of the `parameters`, a `description` for people and models, and `isolate`
    for a function that runs in a process of its own.
    """

    name = "agent.extern"
    NOUN: ClassVar[str] = "function"

    language = prop_def(StringAttr)
    function = prop_def(StringAttr)
    effects = prop_def(StringAttr)
    settings = prop_def(DictionaryAttr)
    function_type = prop_def(FunctionType)

    def __init__(
        self,
        name: str,
        language: str,
        function: str,
        type: FunctionType,
        effects: str,
        settings: Mapping[str, Setting] | None = None,
    ) -> None:
        super().__init__(
            properties={
                "sym_name": StringAttr(name),
                "language": StringAttr(language),
                "function": StringAttr(function),
                "effects": StringAttr(effects),
                "settings": to_settings(settings),
                "function_type": type,
            }
        )

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of the parameters; empty when nothing names them."""
        return strings_of(self.settings.data.get("parameters"))

    def setting(self, name: str) -> Any:
        """Return a setting as plain data, or None when it is not given."""
        found = self.settings.data.get(name)
        return None if found is None else from_setting(found)

    def verify_(self) -> None:
        """Check the language, the effects and that there is one result."""
        language, effects = self.language.data, self.effects.data
        known = ", ".join(LANGUAGES)
        require(language in LANGUAGES, f"unknown language `{language}`: write one of {known}")
        known = ", ".join(EFFECTS)
        require(effects in EFFECTS, f"unknown effects `{effects}`: write one of {known}")
        require(len(self.function_type.outputs.data) == 1, "a function gives exactly one result")
        names, count = self.parameters, len(self.function_type.inputs.data)
        is_named = not names or (len(names) == count and len(set(names)) == count)
        require(is_named, f"has {count} parameters, but {len(set(names))} names for them")

    def print(self, printer: Printer) -> None:
        """Print the custom form."""
        print_symbol(printer, self.symbol)
        printer.print_string(" ")
        printer.print_identifier_or_string_literal(self.language.data)
        with printer.in_parens():
            printer.print_string_literal(self.function.data)
        print_word(printer, "effects", self.effects.data)
        print_settings(printer, self.settings)
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
        settings = parse_settings(parser)
        extras = parse_extras(parser)
        parser.parse_punctuation(":")
        op = cls(name, language, function, parser.parse_function_type(), effects, settings)
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
    JUDGES: ClassVar[bool] = True
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
        if actual != wanted:
            listed = ", ".join(str(type) for type in actual) or "nothing"
            raise VerifyException(f"yields {listed}, but the agent gives {wanted[0]}")

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
