"""Printing and parsing of agent ops, driven by the tables of `AgentOp`.

agent.model @anomaly (amount = %a) id "anomaly" site "anomaly" : (f64) -> !data.record<{s: f64}>
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from xdsl.dialects.builtin import DictionaryAttr, StringAttr, SymbolRefAttr
from xdsl.ir import Attribute, Region, SSAValue
from xdsl.parser import Parser, UnresolvedOperand
from xdsl.printer import Printer

from kumeo.dialects.agent.attrs import CostAttr, PolicyAttr
from kumeo.dialects.settings import string_array
from kumeo.dialects.syntax import (
    parse_block_arguments,
    parse_extras,
    parse_type_list,
    print_block_arguments,
    print_body,
    print_extras,
    print_symbol,
    print_type_list,
    print_word,
    text_of,
)

if TYPE_CHECKING:
    from kumeo.dialects.agent.base import AgentOp


NO_SETTINGS = DictionaryAttr({})


@dataclass
class ParsedAgent:
    """The parts of an agent op as they are read."""

    operands: list[SSAValue] = field(default_factory=list[SSAValue])
    properties: dict[str, Attribute] = field(default_factory=dict[str, Attribute])
    extras: dict[str, Attribute] = field(default_factory=dict[str, Attribute])
    regions: list[Region] = field(default_factory=list[Region])
    result_type: Attribute = NO_SETTINGS


def print_agent(printer: Printer, op: "AgentOp") -> None:
    """Print everything after the name of the op."""
    for name, form in op.HEAD:
        _print_head(printer, op.properties.get(name), form)
    _print_operands(printer, op)
    if op.BODY:
        printer.print_string(" do")
        print_block_arguments(printer, op.regions[0])
        print_body(printer, op.regions[0])
    for clause in op.CLAUSES:
        value = op.properties.get(clause)
        if value is not None and value != NO_SETTINGS:
            printer.print_string(f" {clause} ")
            printer.print_attribute(value)
    print_word(printer, "id", op.agent_id)
    print_word(printer, "site", op.site)
    for word, part in (("policy", op.policy), ("cost", op.cost)):
        if part is not None:
            printer.print_string(f" {word}")
            part.print_parameters(printer)
    print_word(printer, "language", text_of(op.language))
    if op.fallback is not None:
        printer.print_string(" fallback")
        print_body(printer, op.fallback)
    print_extras(printer, op)
    printer.print_string(" : ")
    print_type_list(printer, [value.type for value in op.operands])
    printer.print_string(" -> ")
    printer.print_attribute(op.result.type)


def _print_head(printer: Printer, value: Attribute | None, form: str) -> None:
    match form, value:
        case "symbol", SymbolRefAttr():
            print_symbol(printer, value.string_value())
        case "word", StringAttr():
            printer.print_string(" ")
            printer.print_identifier_or_string_literal(value.data)
        case "text", StringAttr():
            printer.print_string(" ")
            printer.print_string_literal(value.data)
        case _:
            printer.print_string(f' "?{form}"')


def _print_operands(printer: Printer, op: "AgentOp") -> None:
    names = op.operand_names()
    named = len(names) == len(op.operands)

    def print_one(index: int) -> None:
        if named:
            printer.print_identifier_or_string_literal(names[index])
            printer.print_string(" = ")
        printer.print_ssa_value(op.operands[index])

    printer.print_string(" ")
    with printer.in_parens():
        printer.print_list(range(len(op.operands)), print_one)


def parse_agent(parser: Parser, cls: type["AgentOp"]) -> ParsedAgent:
    """Parse everything after the name of the op."""
    parsed = ParsedAgent()
    for name, form in cls.HEAD:
        parsed.properties[name] = _parse_head(parser, form)
    operands = _parse_operands(parser, cls, parsed)
    if cls.BODY:
        parser.parse_keyword("do")
        parsed.regions.append(_parse_isolated(parser))
    for clause in cls.CLAUSES:
        if parser.parse_optional_keyword(clause):
            parsed.properties[clause] = parser.parse_attribute()
        elif clause == "settings":
            parsed.properties[clause] = NO_SETTINGS
    _parse_common(parser, parsed)
    parsed.extras = parse_extras(parser)
    parser.parse_punctuation(":")
    position = parser.pos
    types = parse_type_list(parser)
    parsed.operands = list(parser.resolve_operands(operands, types, position))
    parser.parse_punctuation("->")
    parsed.result_type = parser.parse_type()
    return parsed


def _parse_head(parser: Parser, form: str) -> Attribute:
    if form == "symbol":
        return SymbolRefAttr(parser.parse_symbol_name())
    if form == "word":
        return StringAttr(parser.parse_identifier_or_str_literal())
    return StringAttr(parser.parse_str_literal())


def _parse_operands(
    parser: Parser, cls: type["AgentOp"], parsed: ParsedAgent
) -> list[UnresolvedOperand]:
    """Parse the operands; check fixed names and keep the others in the names property."""
    names: list[str] = []

    def parse_one() -> UnresolvedOperand:
        position = parser.pos
        name = parser.parse_optional_identifier_or_str_literal()
        if name is not None:
            names.append(name)
            parser.parse_punctuation("=")
        operand = parser.parse_unresolved_operand()
        if len(names) <= len(cls.OPERANDS) and names != list(cls.OPERANDS[: len(names)]):
            expected = ", ".join(cls.OPERANDS)
            parser.raise_error(f"expected the operands {expected}, in this order", position)
        return operand

    operands = parser.parse_comma_separated_list(parser.Delimiter.PAREN, parse_one)
    if names and len(names) != len(operands):
        parser.raise_error("expected a name for each operand, or for none")
    if cls.NAMES is not None:
        parsed.properties[cls.NAMES] = string_array(names[len(cls.OPERANDS) :])
    elif len(names) > len(cls.OPERANDS):
        parser.raise_error(f"expected at most {len(cls.OPERANDS)} named operands")
    return operands


def _parse_isolated(parser: Parser) -> Region:
    """Parse a region that sees no values from outside, so it may use their names again."""
    arguments = parse_block_arguments(parser)
    outside, parser.ssa_values = parser.ssa_values, {}
    region = parser.parse_region(arguments)
    parser.ssa_values = outside
    return region


def _parse_common(parser: Parser, parsed: ParsedAgent) -> None:
    """Parse the id, the site, the policy, the cost, the language and the fallback."""
    for word in ("id", "site"):
        parser.parse_keyword(word)
        parsed.properties[word] = StringAttr(parser.parse_str_literal())
    if parser.parse_optional_keyword("policy"):
        parsed.properties["policy"] = PolicyAttr.new(PolicyAttr.parse_parameters(parser))
    if parser.parse_optional_keyword("cost"):
        parsed.properties["cost"] = CostAttr.new(CostAttr.parse_parameters(parser))
    if parser.parse_optional_keyword("language"):
        parsed.properties["language"] = StringAttr(parser.parse_str_literal())
    if parser.parse_optional_keyword("fallback"):
        parsed.regions.append(parser.parse_region())
