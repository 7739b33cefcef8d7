"""Templates, library calls and casts."""

from collections.abc import Sequence
from typing import Any, Self

from xdsl.dialects.builtin import ArrayAttr, StringAttr
from xdsl.ir import Attribute, SSAValue
from xdsl.irdl import irdl_op_definition, operand_def, prop_def, var_operand_def
from xdsl.parser import Parser
from xdsl.printer import Printer

from kumeo.dialects.data import library, rules, semantics
from kumeo.dialects.data.casts import Cast, cast_between
from kumeo.dialects.data.entries import parse_entries, print_entries
from kumeo.dialects.data.functions import FUNCTIONS
from kumeo.dialects.data.op import DataOp, Operand, parse_result_type, parsed
from kumeo.dialects.data.types import STR, is_data_type, require_distinct
from kumeo.dialects.syntax import parse_extras, print_extras
from kumeo.dialects.text import parse_text, parse_value, raise_since


@irdl_op_definition
class FormatOp(DataOp):
    """Text from a Jinja2 template; each hole is a dotted path with one value.

        %p = data.format "Judge {{ tx.amount }}." (tx.amount = %amount)

    The template is rendered by the runtime, in a sandbox. It may fail.
    """

    name = "data.format"

    values = var_operand_def()
    template = prop_def(StringAttr)
    holes = prop_def(ArrayAttr[StringAttr])

    def __init__(self, template: str, names: Sequence[str], values: Sequence[Operand]):
        holes = ArrayAttr([StringAttr(name) for name in names])
        self.set_up([values], {"template": StringAttr(template), "holes": holes})

    @property
    def names(self) -> tuple[str, ...]:
        """The dotted paths, in the order of the values."""
        return tuple(hole.data for hole in self.holes.data)

    def infer(self) -> Attribute:
        """Return text if each hole has one value."""
        if len(self.names) != len(self.values):
            rules.reject(f"data.format has {len(self.values)} values for {len(self.names)} holes")
        require_distinct(self.names, "data.format hole")
        return STR

    def can_fail(self) -> bool:
        """Fail where the template fails."""
        return True

    def fold(self) -> None:
        """Leave rendering to the runtime: the dialect knows no template engine."""
        return None

    @classmethod
    def parse(cls, parser: Parser) -> Self:
        """Parse `"template" (hole = %value, ...)`."""
        start = parser.pos
        template = parse_text(parser)
        names, values = parse_entries(parser, parser.Delimiter.PAREN)
        attributes = parse_extras(parser)
        return parsed(parser, start, lambda: cls(template, names, values), attributes)

    def print(self, printer: Printer) -> None:
        """Print `"template" (hole = %value, ...)`."""
        printer.print_string(" ")
        printer.print_string_literal(self.template.data)
        printer.print_string(" ")
        with printer.in_parens():
            print_entries(printer, self.names, self.values)
        print_extras(printer, self)


@irdl_op_definition
class CallOp(DataOp):
    """A function of the library (`functions.py`).

    %t = data.call "lower"(%s) : !data.str
    """

    name = "data.call"

    arguments = var_operand_def()
    function = prop_def(StringAttr)

    def __init__(
        self, function: str, arguments: Sequence[Operand], result_type: Attribute | None = None
    ):
        self.set_up([arguments], {"function": StringAttr(function)}, result_type)

    def infer(self) -> Attribute:
        """Return the result type of the matching signature."""
        function = FUNCTIONS.get(self.function.data)
        if function is None:
            rules.reject(f'data.call: the library has no function "{self.function.data}"')
        types = [argument.type for argument in self.arguments]
        found = function.result_of(types)
        shown = ", ".join(map(str, types))
        return found or rules.reject(f'data.call: "{function.name}" does not take ({shown})')

    def can_fail(self) -> bool:
        """Fail where the function can."""
        function = FUNCTIONS.get(self.function.data)
        return function is None or function.can_fail

    def evaluate(self, *values: Any) -> Any:
        """Return the function's value."""
        return library.call(self.function.data, values, [each.type for each in self.arguments])

    @classmethod
    def parse(cls, parser: Parser) -> Self:
        """Parse `"function"(%value, ...) : type`."""
        start = parser.pos
        function = parse_text(parser)
        values = parser.parse_comma_separated_list(
            parser.Delimiter.PAREN, lambda: parse_value(parser)
        )
        attributes = parse_extras(parser)
        op = parsed(parser, start, lambda: cls(function, values), attributes)
        parse_result_type(parser, op)
        return op

    def print(self, printer: Printer) -> None:
        """Print `"function"(%value, ...) : type`."""
        printer.print_string(" ")
        printer.print_string_literal(self.function.data)
        with printer.in_parens():
            printer.print_list(self.arguments, printer.print_operand)
        print_extras(printer, self)
        printer.print_string(" : ")
        printer.print_attribute(self.result.type)


@irdl_op_definition
class CastOp(DataOp):
    """A value as another type, by the table of `casts.py`; a checked cast may fail.

    %x = data.cast %json : !data.record<{amount: f64}>
    """

    name = "data.cast"

    value = operand_def()

    def __init__(self, value: Operand, type: Attribute):
        self.set_up([value], type=type)

    def infer(self) -> Attribute:
        """Return the written type if the operand becomes it."""
        rules.cast(self.value.type, self.result.type)
        return self.result.type

    def can_fail(self) -> bool:
        """Fail if the cast is checked."""
        return cast_between(self.value.type, self.result.type) is Cast.CHECKED

    def evaluate(self, *values: Any) -> Any:
        """Return the converted value."""
        return semantics.cast(values[0], self.value.type, self.result.type)

    def simplify(self) -> SSAValue | None:
        """Leave out a cast to the same type."""
        return self.value if self.value.type == self.result.type else None

    @classmethod
    def parse(cls, parser: Parser) -> Self:
        """Parse `%value : type`."""
        start = parser.pos
        value = parse_value(parser)
        attributes = parse_extras(parser)
        parser.parse_punctuation(":")
        type = parser.parse_type()
        if not is_data_type(type):
            raise_since(parser, f"{type} is no data type", start)
        return parsed(parser, start, lambda: cls(value, type), attributes)

    def print(self, printer: Printer) -> None:
        """Print `%value : type`."""
        printer.print_string(" ")
        printer.print_operand(self.value)
        print_extras(printer, self)
        printer.print_string(" : ")
        printer.print_attribute(self.result.type)
