"""Constants, records, lists and maps, and how their parts are read."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from typing_extensions import Self
from xdsl.dialects.builtin import ArrayAttr, StringAttr
from xdsl.ir import Attribute, SSAValue
from xdsl.irdl import (
    irdl_op_definition,
    operand_def,
    prop_def,
    traits_def,
    var_operand_def,
)
from xdsl.parser import Parser
from xdsl.printer import Printer
from xdsl.traits import ConstantLike
from xdsl.utils.exceptions import VerifyException

from kumeo.dialects.data import rules, semantics
from kumeo.dialects.data.constants import constant_value, from_attribute, to_attribute
from kumeo.dialects.data.failure import never_fails
from kumeo.dialects.data.literals import parse_literal, print_literal
from kumeo.dialects.data.op import (
    DataOp,
    Operand,
    PlainOp,
    Shows,
    parse_result_type,
    parsed,
)
from kumeo.dialects.data.types import (
    BOOL,
    INT,
    ListType,
    MapType,
    OptionType,
    RecordType,
    is_data_type,
)


@irdl_op_definition
class ConstantOp(DataOp):
    """A value known now.

        %s = data.constant "x" : !data.str
        %r = data.constant {a = 1.5, "odd key" = null} : !data.record<...>

    `constants.py` says which attribute stands for which value.
    """

    name = "data.constant"

    value = prop_def(Attribute)

    traits = traits_def(ConstantLike())

    def __init__(self, value: Attribute, type: Attribute):
        self.set_up([], {"value": value}, type)

    @staticmethod
    def of(value: Any, type: Attribute) -> "ConstantOp":
        """Return the constant for a plain Python value."""
        return ConstantOp(to_attribute(value, type), type)

    def infer(self) -> Attribute:
        """Return the written type: a constant can have several."""
        return self.result.type

    def verify_(self) -> None:
        """Check that the attribute stands for a value of the type."""
        if not is_data_type(self.result.type):
            raise VerifyException(f"data.constant of {self.result.type}, which is no data type")
        try:
            from_attribute(self.value, self.result.type)
        except ValueError as fault:
            raise VerifyException(f"data.constant: {fault}") from None

    def evaluate(self, *values: Any) -> Any:
        """Return the plain value."""
        return from_attribute(self.value, self.result.type)

    def fold(self) -> Sequence[SSAValue | Attribute] | None:
        """Return the attribute: this is what makes the op a constant for xDSL."""
        return (self.value,)

    @classmethod
    def parse(cls, parser: Parser) -> Self:
        """Parse `literal : type`."""
        value = parse_literal(parser)
        attributes = parser.parse_optional_attr_dict()
        parser.parse_punctuation(":")
        op = cls(value, parser.parse_type())
        op.attributes |= attributes
        return op

    def print(self, printer: Printer) -> None:
        """Print `literal : type`."""
        printer.print_string(" ")
        print_literal(printer, self.value)
        printer.print_op_attributes(self.attributes)
        printer.print_string(" : ")
        printer.print_attribute(self.result.type)


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
        names, values = _parse_entries(parser)
        attributes = parser.parse_optional_attr_dict_with_keyword()
        try:
            type = RecordType(zip(names, (value.type for value in values), strict=True))
        except VerifyException as fault:
            parser.raise_error(str(fault), start, parser.pos)
        return parsed(parser, lambda: cls(values, type), attributes.data if attributes else {})

    def print(self, printer: Printer) -> None:
        """Print `{name = %value, ...}`."""
        _print_entries(printer, self.names, self.values)
        printer.print_op_attributes(self.attributes, print_keyword=True)


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
            return _picked(made.values, made.names.index(self.field.data))
        if isinstance(made, SetOp) and made.field == self.field and never_fails(made.base):
            return made.value
        return None

    @classmethod
    def parse(cls, parser: Parser) -> Self:
        """Parse `%base["field"] : type`."""
        base = parser.parse_operand()
        with parser.in_square_brackets():
            field = parser.parse_str_literal()
        attributes = parser.parse_optional_attr_dict()
        op = parsed(parser, lambda: cls(base, field), attributes)
        parse_result_type(parser, op)
        return op

    def print(self, printer: Printer) -> None:
        """Print `%base["field"] : type`."""
        printer.print_string(" ")
        printer.print_operand(self.base)
        with printer.in_square_brackets():
            printer.print_string_literal(self.field.data)
        printer.print_op_attributes(self.attributes)
        printer.print_string(" : ")
        printer.print_attribute(self.result.type)


@irdl_op_definition
class SetOp(DataOp):
    """A record with one field replaced; the others stay.

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

    def evaluate(self, *values: Any) -> Any:
        """Return a changed copy."""
        return {**values[0], self.field.data: values[1]}

    @classmethod
    def parse(cls, parser: Parser) -> Self:
        """Parse `%base["field"], %value`."""
        base = parser.parse_operand()
        with parser.in_square_brackets():
            field = parser.parse_str_literal()
        parser.parse_punctuation(",")
        value = parser.parse_operand()
        attributes = parser.parse_optional_attr_dict()
        return parsed(parser, lambda: cls(base, field, value), attributes)

    def print(self, printer: Printer) -> None:
        """Print `%base["field"], %value`."""
        printer.print_string(" ")
        printer.print_operand(self.base)
        with printer.in_square_brackets():
            printer.print_string_literal(self.field.data)
        printer.print_string(", ")
        printer.print_operand(self.value)
        printer.print_op_attributes(self.attributes)


@irdl_op_definition
class ListOp(DataOp):
    """A list of values of one type.

    %l = data.list [%a, %b] : !data.list<f64>
    """

    name = "data.list"

    values = var_operand_def()

    def __init__(self, values: Sequence[Operand], item_type: Attribute):
        self.set_up([values], type=ListType(item_type))

    def infer(self) -> Attribute:
        """Return the written type if all values are its items."""
        return rules.list_of(self.result.type, [value.type for value in self.values])

    def evaluate(self, *values: Any) -> Any:
        """Return the list."""
        return list(values)

    @classmethod
    def parse(cls, parser: Parser) -> Self:
        """Parse `[%value, ...] : type`."""
        values = parser.parse_comma_separated_list(parser.Delimiter.SQUARE, parser.parse_operand)
        attributes = parser.parse_optional_attr_dict()
        parser.parse_punctuation(":")
        type = parser.parse_type()
        if not isinstance(type, ListType):
            parser.raise_error(f"data.list gives a list, not {type}")
        return parsed(parser, lambda: cls(values, type.item), attributes)

    def print(self, printer: Printer) -> None:
        """Print `[%value, ...] : type`."""
        printer.print_string(" ")
        with printer.in_square_brackets():
            printer.print_list(self.values, printer.print_operand)
        printer.print_op_attributes(self.attributes)
        printer.print_string(" : ")
        printer.print_attribute(self.result.type)


@irdl_op_definition
class MapOp(DataOp):
    """A map from literal keys to values of one type.

    %m = data.make_map {a = %x, "odd key" = %y} : !data.map<f64>
    """

    name = "data.make_map"

    values = var_operand_def()
    keys = prop_def(ArrayAttr[StringAttr])

    def __init__(self, keys: Sequence[str], values: Sequence[Operand], value_type: Attribute):
        names = ArrayAttr([StringAttr(key) for key in keys])
        self.set_up([values], {"keys": names}, MapType(value_type))

    def infer(self) -> Attribute:
        """Return the written type if the keys differ and all values fit."""
        types = [value.type for value in self.values]
        return rules.map_of(self.result.type, self.names, types)

    def evaluate(self, *values: Any) -> Any:
        """Return a dict in key order."""
        return dict(sorted(zip(self.names, values, strict=True)))

    @property
    def names(self) -> tuple[str, ...]:
        """The keys as written."""
        return tuple(key.data for key in self.keys.data)

    @classmethod
    def parse(cls, parser: Parser) -> Self:
        """Parse `{key = %value, ...} : type`."""
        keys, values = _parse_entries(parser)
        attributes = parser.parse_optional_attr_dict_with_keyword()
        parser.parse_punctuation(":")
        type = parser.parse_type()
        if not isinstance(type, MapType):
            parser.raise_error(f"data.make_map gives a map, not {type}")
        found = attributes.data if attributes else {}
        return parsed(parser, lambda: cls(keys, values, type.value), found)

    def print(self, printer: Printer) -> None:
        """Print `{key = %value, ...} : type`."""
        _print_entries(printer, self.names, self.values)
        printer.print_op_attributes(self.attributes, print_keyword=True)
        printer.print_string(" : ")
        printer.print_attribute(self.result.type)


@irdl_op_definition
class IndexOp(PlainOp):
    """An item of a list, an optional value of a map, or a part of JSON.

        %x = data.index %list, %i : f64
        %y = data.index %map, %key : !data.option<f64>

    A position below zero or past the end fails. A missing map key or JSON key gives null.
    """

    name = "data.index"

    base = operand_def()
    index = operand_def()

    def __init__(self, base: Operand, index: Operand):
        self.set_up([base, index])

    def infer(self) -> Attribute:
        """Return the item's type."""
        return rules.index(self.base.type, self.index.type)

    def can_fail(self) -> bool:
        """Fail on bad positions and on JSON of the wrong kind."""
        return not isinstance(self.base.type, MapType)

    def evaluate(self, *values: Any) -> Any:
        """Return the item."""
        return semantics.index(values[0], values[1])

    def simplify(self) -> SSAValue | None:
        """Take the item from where the list is made."""
        made, position = self.base.owner, constant_value(self.index)
        if not isinstance(made, ListOp) or position is None:
            return None
        return _picked(made.values, position[0])


@irdl_op_definition
class LenOp(PlainOp):
    """The number of code points, items or entries, as i64.

        %n = data.len %list

    JSON without a length (null, numbers, truth values) fails.
    """

    name = "data.len"
    ARITY: ClassVar[int] = 1
    SHOWS: ClassVar[Shows] = "nothing"

    value = operand_def()

    def __init__(self, value: Operand):
        self.set_up([value])

    def infer(self) -> Attribute:
        """Return i64 for anything with a length."""
        return rules.length(self.value.type, INT)

    def can_fail(self) -> bool:
        """Fail on JSON without a length."""
        return rules.is_json(self.value.type)

    def evaluate(self, *values: Any) -> Any:
        """Return the length."""
        return semantics.length(values[0])


@irdl_op_definition
class ContainsOp(PlainOp):
    """Whether a list holds an item, a map a key, or text a part, as i1.

    %c = data.contains %list, %item
    """

    name = "data.contains"
    SHOWS: ClassVar[Shows] = "nothing"

    container = operand_def()
    item = operand_def()

    def __init__(self, container: Operand, item: Operand):
        self.set_up([container, item])

    def infer(self) -> Attribute:
        """Return i1 if such an item can be inside."""
        return rules.contains(self.container.type, self.item.type, BOOL)

    def can_fail(self) -> bool:
        """Fail on JSON that holds nothing."""
        return rules.is_json(self.container.type)

    def evaluate(self, *values: Any) -> Any:
        """Return whether it is inside."""
        return semantics.contains(values[0], values[1])


def _picked(values: Sequence[SSAValue], position: int) -> SSAValue | None:
    """Return one of `values` if none of the others can fail: they fail the whole."""
    if not 0 <= position < len(values):
        return None
    others = (value for index, value in enumerate(values) if index != position)
    return values[position] if all(map(never_fails, others)) else None


def _parse_entries(parser: Parser) -> tuple[list[str], list[SSAValue]]:
    def parse_entry() -> tuple[str, SSAValue]:
        name = parser.parse_identifier_or_str_literal()
        parser.parse_punctuation("=")
        return name, parser.parse_operand()

    entries = parser.parse_comma_separated_list(parser.Delimiter.BRACES, parse_entry)
    return [name for name, _ in entries], [value for _, value in entries]


def _print_entries(printer: Printer, names: Sequence[str], values: Sequence[SSAValue]) -> None:
    def print_entry(entry: tuple[str, SSAValue]) -> None:
        printer.print_identifier_or_string_literal(entry[0])
        printer.print_string(" = ")
        printer.print_operand(entry[1])

    printer.print_string(" ")
    with printer.in_braces():
        printer.print_list(list(zip(names, values, strict=True)), print_entry)
