"""Pieces of custom assembly that several dialects share: symbols, settings, clauses, type lists."""

from collections.abc import Sequence
from typing import cast

from xdsl.dialects.builtin import ArrayAttr, DictionaryAttr, StringAttr, SymbolRefAttr
from xdsl.ir import Attribute, Operation, Region, SSAValue
from xdsl.parser import Parser
from xdsl.printer import Printer


def ends_other_body(
    terminator: Operation, own: type[Operation] | tuple[type[Operation], ...]
) -> bool:
    """Say whether a terminator stands in an op that is not its own and names none of its own.

    Ops that do name their terminator (`TERMINATOR`) are checked by `kumeo.analysis.structure`.
    """
    parent = terminator.parent_op()
    if parent is None or isinstance(parent, own):
        return False
    return getattr(type(parent), "TERMINATOR", None) is None


def parent_name(op: Operation) -> str:
    """Return the name of the op around `op`."""
    parent = op.parent_op()
    return "no op" if parent is None else parent.name


def symbol_ref(name: str) -> SymbolRefAttr:
    """Return a flat reference to the symbol `name`."""
    return SymbolRefAttr(name)


def symbol_array(names: Sequence[str]) -> ArrayAttr[SymbolRefAttr]:
    """Return flat references to several symbols."""
    return ArrayAttr([SymbolRefAttr(name) for name in names])


def parse_symbol(parser: Parser) -> str:
    """Parse `@name` or `@"any text"`."""
    return parser.parse_symbol_name().data


def print_symbol(printer: Printer, name: str) -> None:
    """Print ` @name`, quoted where it must be."""
    printer.print_string(" ")
    printer.print_symbol_name(name)


def parse_settings(parser: Parser) -> dict[str, Attribute]:
    """Parse `{key = value, …}`, or nothing for no settings."""
    return parser.parse_optional_dictionary_attr_dict()


def print_settings(printer: Printer, settings: DictionaryAttr) -> None:
    """Print ` {key = value, …}` unless there are no settings."""
    if settings.data:
        printer.print_string(" ")
        printer.print_attr_dict(settings.data)


def parse_extras(parser: Parser) -> dict[str, Attribute]:
    """Parse `attributes {…}`: what passes and tools have attached to an op."""
    parsed = parser.parse_optional_attr_dict_with_keyword()
    return {} if parsed is None else dict(parsed.data)


def print_extras(printer: Printer, op: Operation) -> None:
    """Print ` attributes {…}` unless nothing is attached to the op."""
    printer.print_op_attributes(op.attributes, print_keyword=True)


def print_word(printer: Printer, word: str, text: str | None) -> None:
    """Print ` word "text"` unless there is no text."""
    if text is not None:
        printer.print_string(f" {word} ")
        printer.print_string_literal(text)


def parse_word(parser: Parser, word: str) -> str | None:
    """Parse `word "text"`, or nothing."""
    if parser.parse_optional_keyword(word) is None:
        return None
    return parser.parse_str_literal()


def parse_type_list(parser: Parser) -> list[Attribute]:
    """Parse `(T, …)`."""
    return list(parser.parse_comma_separated_list(parser.Delimiter.PAREN, parser.parse_type))


def print_type_list(printer: Printer, types: Sequence[Attribute]) -> None:
    """Print `(T, …)`."""
    with printer.in_parens():
        printer.print_list(types, printer.print_attribute)


def parse_result_types(parser: Parser) -> list[Attribute]:
    """Parse `-> (T, …)`, or nothing for no results."""
    if parser.parse_optional_punctuation("->") is None:
        return []
    return parse_type_list(parser)


def print_result_types(printer: Printer, types: Sequence[Attribute]) -> None:
    """Print ` -> (T, …)` unless there are no results."""
    if types:
        printer.print_string(" -> ")
        print_type_list(printer, types)


def print_values(printer: Printer, values: Sequence[SSAValue]) -> None:
    """Print ` %a, %b : T, U` unless there are no values."""
    if not values:
        return
    printer.print_string(" ")
    printer.print_list(values, printer.print_ssa_value)
    printer.print_string(" : ")
    printer.print_list([v.type for v in values], printer.print_attribute)


def parse_values(parser: Parser) -> list[SSAValue]:
    """Parse `%a, %b : T, U`, or nothing."""
    first = parser.parse_optional_unresolved_operand()
    if first is None:
        return []
    operands = [first]
    while parser.parse_optional_punctuation(",") is not None:
        operands.append(parser.parse_unresolved_operand())
    parser.parse_punctuation(":")
    position = parser.pos
    types = parser.parse_comma_separated_list(parser.Delimiter.NONE, parser.parse_type)
    return list(parser.resolve_operands(operands, types, position))


def parse_block_arguments(parser: Parser) -> list[Parser.Argument]:
    """Parse `(%a: T, …)`, each with an optional location."""
    return list(
        parser.parse_comma_separated_list(parser.Delimiter.PAREN, lambda: _argument(parser))
    )


def _argument(parser: Parser) -> Parser.Argument:
    argument = parser.parse_argument()
    argument.location = parser.parse_optional_location()
    return argument


def print_block_arguments(printer: Printer, region: Region) -> None:
    """Print ` (%a: T, …)` for the entry block of `region`."""
    printer.print_string(" ")
    block = region.blocks.first
    with printer.in_parens():
        printer.print_list(() if block is None else block.args, printer.print_block_argument)


def print_body(printer: Printer, region: Region) -> None:
    """Print ` {…}` without the arguments of its block."""
    printer.print_string(" ")
    printer.print_region(region, print_entry_block_args=False, print_empty_block=False)


def text_of(attr: StringAttr | None) -> str | None:
    """Return the text of an optional string attribute."""
    return None if attr is None else attr.data


def symbols_of(attr: ArrayAttr[SymbolRefAttr]) -> tuple[str, ...]:
    """Return the names in an array of symbol references."""
    refs = cast(Sequence[SymbolRefAttr], attr.data)
    return tuple(ref.string_value() for ref in refs)
