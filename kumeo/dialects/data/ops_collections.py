"""Lists and maps: making them, reading items, length and membership."""

from collections.abc import Sequence
from typing import Any, ClassVar, Self

from xdsl.dialects.builtin import ArrayAttr, StringAttr
from xdsl.ir import Attribute, SSAValue
from xdsl.irdl import (
    irdl_op_definition,
    operand_def,
    prop_def,
    var_operand_def,
)
from xdsl.parser import Parser
from xdsl.printer import Printer

from kumeo.dialects.data import rules, semantics
from kumeo.dialects.data.constants import constant_value
from kumeo.dialects.data.entries import parse_entries, picked, print_entries
from kumeo.dialects.data.op import (
    DataOp,
    Operand,
    PlainOp,
    Shows,
    parsed,
)
from kumeo.dialects.data.types import (
    BOOL,
    INT,
    ListType,
    MapType,
)
from kumeo.dialects.syntax import parse_extras, print_extras
from kumeo.dialects.text import parse_value, raise_since


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
        start = parser.pos
        values = parser.parse_comma_separated_list(
            parser.Delimiter.SQUARE, lambda: parse_value(parser)
        )
        attributes = parse_extras(parser)
        parser.parse_punctuation(":")
        type = parser.parse_type()
        if not isinstance(type, ListType):
            raise_since(parser, f"data.list gives a list, not {type}", start)
        return parsed(parser, start, lambda: cls(values, type.item), attributes)

    def print(self, printer: Printer) -> None:
        """Print `[%value, ...] : type`."""
        printer.print_string(" ")
        with printer.in_square_brackets():
            printer.print_list(self.values, printer.print_operand)
        print_extras(printer, self)
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
        start = parser.pos
        keys, values = parse_entries(parser)
        attributes = parse_extras(parser)
        parser.parse_punctuation(":")
        type = parser.parse_type()
        if not isinstance(type, MapType):
            raise_since(parser, f"data.make_map gives a map, not {type}", start)
        return parsed(parser, start, lambda: cls(keys, values, type.value), attributes)

    def print(self, printer: Printer) -> None:
        """Print `{key = %value, ...} : type`."""
        printer.print_string(" ")
        with printer.in_braces():
            print_entries(printer, self.names, self.values)
        print_extras(printer, self)
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
        return picked(made.values, position[0])


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
