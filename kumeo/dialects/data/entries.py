"""Named operands: their text, and when one of them may stand for the whole."""

from collections.abc import Sequence

from xdsl.ir import SSAValue
from xdsl.parser import Parser
from xdsl.printer import Printer

from kumeo.dialects.data.failure import never_fails
from kumeo.dialects.text import parse_name, parse_value


def picked(values: Sequence[SSAValue], position: int) -> SSAValue | None:
    """Return one of `values` if none of the others can fail: they fail the whole."""
    if not 0 <= position < len(values):
        return None
    others = (value for index, value in enumerate(values) if index != position)
    return values[position] if all(map(never_fails, others)) else None


def parse_entries(
    parser: Parser, delimiter: Parser.Delimiter = Parser.Delimiter.BRACES
) -> tuple[list[str], list[SSAValue]]:
    """Parse `{name = %value, ...}`, or the same in another bracket."""

    def parse_entry() -> tuple[str, SSAValue]:
        name = parse_name(parser)
        parser.parse_punctuation("=")
        return name, parse_value(parser)

    entries = parser.parse_comma_separated_list(delimiter, parse_entry)
    return [name for name, _ in entries], [value for _, value in entries]


def print_entries(printer: Printer, names: Sequence[str], values: Sequence[SSAValue]) -> None:
    """Print `name = %value, ...` without the brackets, also of an op that does not verify."""

    def print_entry(entry: tuple[str, SSAValue]) -> None:
        printer.print_identifier_or_string_literal(entry[0])
        printer.print_string(" = ")
        printer.print_operand(entry[1])

    printer.print_list(list(zip(names, values, strict=False)), print_entry)
