"""Clauses: the optional properties of an op, each written as a word and a value.

    … token "run_assess" partitions 64 carries_event subjects ["a.>", "b.>"]

An op lists its clauses in a table; printing, parsing and the forms of the values are done here.
"""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, cast

from xdsl.dialects.builtin import (
    ArrayAttr,
    DictionaryAttr,
    IntegerAttr,
    StringAttr,
    UnitAttr,
    i64,
)
from xdsl.ir import Attribute
from xdsl.parser import Parser
from xdsl.printer import Printer

from kumeo.dialects.base import KumeoOp
from kumeo.dialects.settings import string_array, strings_of, to_setting
from kumeo.dialects.syntax import parse_symbol, symbol_ref
from kumeo.dialects.text import parse_text

FLAG, NUMBER, TEXT, TEXTS, SETTINGS, SYMBOL = "flag", "number", "text", "texts", "dict", "symbol"


class WithClauses(KumeoOp):
    """An op with optional properties that passes fill in."""

    CLAUSES: ClassVar[tuple[tuple[str, str], ...]] = ()
    """The properties and their forms, in the order in which they are written."""

    def text(self, name: str) -> str | None:
        """Return the text of a clause, or None."""
        attr = self.properties.get(name)
        return attr.data if isinstance(attr, StringAttr) else None

    def number(self, name: str) -> int | None:
        """Return the number of a clause, or None."""
        attr = self.properties.get(name)
        return cast(IntegerAttr, attr).value.data if isinstance(attr, IntegerAttr) else None

    def texts(self, name: str) -> tuple[str, ...]:
        """Return the texts of a clause; none when it is missing."""
        return strings_of(self.properties.get(name))

    def put(self, **values: Any) -> None:
        """Set clauses by name; None takes one away, True sets a flag."""
        forms = dict(self.CLAUSES)
        for name, value in values.items():
            if value is None or value is False:
                self.properties.pop(name, None)
            else:
                self.properties[name] = clause_attr(forms[name], value)

    def print_clauses(self, printer: Printer) -> None:
        """Print the clauses that are there."""
        for name, _ in self.CLAUSES:
            attr = self.properties.get(name)
            if attr is not None:
                printer.print_string(f" {name}")
                _print_value(printer, attr)

    @classmethod
    def parse_clauses(cls, parser: Parser) -> dict[str, Attribute]:
        """Parse what `print_clauses` prints."""
        found: dict[str, Attribute] = {}
        for name, form in cls.CLAUSES:
            if parser.parse_optional_keyword(name) is not None:
                found[name] = _PARSERS[form](parser)
        return found


def clause_attr(form: str, value: Any) -> Attribute:
    """Return the value of a clause as an attribute."""
    if form == TEXTS:
        return string_array(value)
    if form == SYMBOL:
        return symbol_ref(value)
    return UnitAttr() if form == FLAG else to_setting(value)


def _print_value(printer: Printer, attr: Attribute) -> None:
    match attr:
        case UnitAttr():
            return
        case IntegerAttr(value=value):
            printer.print_string(f" {value.data}")
        case DictionaryAttr(data=entries):
            printer.print_string(" ")
            printer.print_attr_dict(entries)
        case _:
            printer.print_string(" ")
            printer.print_attribute(attr)


def _parse_number(parser: Parser) -> Attribute:
    return IntegerAttr(parser.parse_integer(allow_boolean=False), i64)


def _parse_texts(parser: Parser) -> Attribute:
    square = parser.Delimiter.SQUARE
    texts = parser.parse_comma_separated_list(square, lambda: parse_text(parser))
    return ArrayAttr([StringAttr(text) for text in texts])


def _parse_dict(parser: Parser) -> Attribute:
    return DictionaryAttr(parser.parse_optional_dictionary_attr_dict())


_PARSERS: Mapping[str, Callable[[Parser], Attribute]] = {
    FLAG: lambda parser: UnitAttr(),
    NUMBER: _parse_number,
    TEXT: lambda parser: StringAttr(parse_text(parser)),
    TEXTS: _parse_texts,
    SETTINGS: _parse_dict,
    SYMBOL: lambda parser: symbol_ref(parse_symbol(parser)),
}
