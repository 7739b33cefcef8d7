"""Records: making them, reading and replacing fields."""

from collections.abc import Sequence
from typing import Any, Self

from xdsl.dialects.builtin import StringAttr
from xdsl.ir import Attribute, SSAValue
from xdsl.irdl import (
    irdl_op_definition,
    operand_def,
    prop_def,
    var_operand_def,
)
from xdsl.parser import Parser
from xdsl.printer import Printer
from xdsl.utils.exceptions import VerifyException

from kumeo.dialects.data import rules, semantics
from kumeo.dialects.data.entries import parse_entries, picked, print_entries
from kumeo.dialects.data.failure import never_fails
from kumeo.dialects.data.op import (
    DataOp,
    Operand,
    parse_result_type,
    parsed,
)
from kumeo.dialects.data.types import (
    JSON,
    OptionType,
    RecordType,
)
from kumeo.dialects.syntax import parse_extras, print_extras
from kumeo.dialects.text import parse_text, parse_value, raise_since


@irdl_op_definition
class RecordOp(DataOp):
    """A record of values, one for each field of its type.

    %r = data.record {tx_id = %id, "odd key" = %x}
    """

    name = "data.record"

    values = var_operand_def()

    def __init__(self, values: Sequence[Operand], type: Attribute):
        self.set_up([values], type=type)

    def infer(self) -> Attribute:
        """Return the written type if the values fit into it."""
        return rules.record(self.result.type, [value.type for value in self.values])

    def evaluate(self, *values: Any) -> Any:
        """Return a dict in the order of the fields."""
        return dict(zip(self.names, values, strict=True))

    @property
    def names(self) -> tuple[str, ...]:
        """The field names in order."""
        type = self.result.type
        return type.names if isinstance(type, RecordType) else ()

    @classmethod
    def parse(cls, parser: Parser) -> Self:
        """Parse `{name = %value, ...}`."""
        start = parser.pos
        names, values = parse_entries(parser)
        attributes = parse_extras(parser)
        try:
            type = RecordType.of_pairs(names, [value.type for value in values])
        except VerifyException as fault:
            raise_since(parser, str(fault), start)
        return parsed(parser, start, lambda: cls(values, type), attributes)

    def print(self, printer: Printer) -> None:
        """Print `{name = %value, ...}`."""
        printer.print_string(" ")
        with printer.in_braces():
            print_entries(printer, self.names, self.values)
        print_extras(printer, self)


@irdl_op_definition
class GetOp(DataOp):
    """A field of a record, of an optional record (null gives null) or of a JSON object.

        %amount = data.get %tx["amount"] : f64

    A missing key of a JSON object gives null; a JSON value that is no object fails.
    """

    name = "data.get"

    base = operand_def()
    field = prop_def(StringAttr)

    def __init__(self, base: Operand, field: str):
        self.set_up([base], {"field": StringAttr(field)})

    def infer(self) -> Attribute:
        """Return the field's type."""
        return rules.get(self.base.type, self.field.data)

    def can_fail(self) -> bool:
        """Fail on JSON that is no object."""
        return rules.is_json(self.base.type)

    def evaluate(self, *values: Any) -> Any:
        """Return the field."""
        if values[0] is None and isinstance(self.base.type, OptionType):
            return None
        return semantics.get(values[0], self.field.data)

    def simplify(self) -> SSAValue | None:
        """Read the field where the record is made or changed."""
        made = self.base.owner
        if isinstance(made, RecordOp):
            return picked(made.values, made.names.index(self.field.data))
        if not isinstance(made, SetOp) or made.field != self.field:
            return None
        return made.value if never_fails(made.base) and not made.can_fail() else None

    @classmethod
    def parse(cls, parser: Parser) -> Self:
        """Parse `%base["field"] : type`."""
        start = parser.pos
        base = parse_value(parser)
        with parser.in_square_brackets():
            field = parse_text(parser)
        attributes = parse_extras(parser)
        op = parsed(parser, start, lambda: cls(base, field), attributes)
        parse_result_type(parser, op)
        return op

    def print(self, printer: Printer) -> None:
        """Print `%base["field"] : type`."""
        printer.print_string(" ")
        printer.print_operand(self.base)
        with printer.in_square_brackets():
            printer.print_string_literal(self.field.data)
        print_extras(printer, self)
        printer.print_string(" : ")
        printer.print_attribute(self.result.type)


@irdl_op_definition
class SetOp(DataOp):
    """A record with one field replaced; the others stay. A json object may gain the field.

    %r = data.set %tx["amount"], %x
    """

    name = "data.set"

    base = operand_def()
    value = operand_def()
    field = prop_def(StringAttr)

    def __init__(self, base: Operand, field: str, value: Operand):
        self.set_up([base, value], {"field": StringAttr(field)})

    def infer(self) -> Attribute:
        """Return the record's type."""
        return rules.set_field(self.base.type, self.field.data, self.value.type)

    def can_fail(self) -> bool:
        """Json may be no object."""
        return self.base.type == JSON

    def evaluate(self, *values: Any) -> Any:
        """Return a changed copy; json that is no object fails."""
        return semantics.set_field(values[0], self.field.data, values[1])

    @classmethod
    def parse(cls, parser: Parser) -> Self:
        """Parse `%base["field"], %value`."""
        start = parser.pos
        base = parse_value(parser)
        with parser.in_square_brackets():
            field = parse_text(parser)
        parser.parse_punctuation(",")
        value = parse_value(parser)
        attributes = parse_extras(parser)
        return parsed(parser, start, lambda: cls(base, field, value), attributes)

    def print(self, printer: Printer) -> None:
        """Print `%base["field"], %value`."""
        printer.print_string(" ")
        printer.print_operand(self.base)
        with printer.in_square_brackets():
            printer.print_string_literal(self.field.data)
        printer.print_string(", ")
        printer.print_operand(self.value)
        print_extras(printer, self)
