"""The text of a constant: `"x"`, `5`, `-0.5`, `inf`, `true`, `null`, `[1, 2]`, `{a = 1}`.

The type follows the literal and decides what a number means, so nested numbers carry no types.
"""

import math

from xdsl.dialects.builtin import (
    ArrayAttr,
    DictionaryAttr,
    FloatAttr,
    IntegerAttr,
    StringAttr,
    UnitAttr,
    f64,
    i1,
    i64,
)
from xdsl.ir import Attribute
from xdsl.parser import Parser
from xdsl.printer import Printer

from kumeo.dialects.data.constants import INT_MAX, INT_MIN
from kumeo.dialects.text import parse_name, parse_optional_text, raise_since

_NOT_FINITE = {"inf": math.inf, "nan": math.nan}


def print_literal(printer: Printer, value: Attribute) -> None:
    """Print a constant attribute without its type."""
    match value:
        case UnitAttr():
            printer.print_string("null")
        case FloatAttr():
            printer.print_string(float_text(value.value.data))
        case IntegerAttr() if value.type == i1:
            printer.print_string("true" if value.value.data else "false")
        case IntegerAttr():
            printer.print_string(str(value.value.data))
        case ArrayAttr():
            items = value
            with printer.in_square_brackets():
                printer.print_list(items.data, lambda item: print_literal(printer, item))
        case DictionaryAttr():
            with printer.in_braces():
                printer.print_list(value.data.items(), lambda pair: _print_entry(printer, *pair))
        case _:
            printer.print_attribute(value)


def _print_entry(printer: Printer, key: str, value: Attribute) -> None:
    printer.print_identifier_or_string_literal(key)
    printer.print_string(" = ")
    print_literal(printer, value)


def float_text(value: float) -> str:
    """Return the shortest text that reads back as `value`, always with a point."""
    if not math.isfinite(value):
        return repr(value)
    mantissa, mark, exponent = repr(value).partition("e")
    if "." not in mantissa:
        mantissa += ".0"
    return mantissa + mark + exponent


def parse_literal(parser: Parser) -> Attribute:
    """Parse a literal; integers are i64, other numbers f64."""
    start = parser.pos
    if (text := parse_optional_text(parser)) is not None:
        return StringAttr(text)
    if (truth := parser.parse_optional_boolean()) is not None:
        return IntegerAttr(int(truth), i1)
    if parser.parse_optional_keyword("null"):
        return UnitAttr()
    items = parser.parse_optional_comma_separated_list(
        parser.Delimiter.SQUARE, lambda: parse_literal(parser)
    )
    if items is not None:
        return ArrayAttr(items)
    entries = parser.parse_optional_comma_separated_list(
        parser.Delimiter.BRACES, lambda: _parse_entry(parser)
    )
    if entries is not None:
        return _dictionary(parser, start, entries)
    return _parse_number(parser)


def _parse_entry(parser: Parser) -> tuple[str, Attribute]:
    key = parse_name(parser)
    parser.parse_punctuation("=")
    return key, parse_literal(parser)


def _dictionary(parser: Parser, start: int, entries: list[tuple[str, Attribute]]) -> DictionaryAttr:
    found = dict(entries)
    if len(found) != len(entries):
        raise_since(parser, "a key is written twice in this constant", start)
    return DictionaryAttr(found)


def _parse_number(parser: Parser) -> Attribute:
    start = parser.pos
    sign = -1 if parser.parse_optional_punctuation("-") else 1
    word = parser.parse_optional_keyword_in(_NOT_FINITE)
    if word is not None:
        return FloatAttr(sign * _NOT_FINITE[word], f64)
    number = parser.parse_optional_number(allow_boolean=False)
    if number is None:
        raise_since(parser, "expected a constant", start)
    if isinstance(number, float):
        return FloatAttr(sign * number, f64)
    if not INT_MIN <= sign * number <= INT_MAX:
        raise_since(parser, f"{sign * number} does not fit into 64 bits", start)
    return IntegerAttr(sign * number, i64)
