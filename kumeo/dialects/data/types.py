"""Types of the `data` dialect: what a value of one event can be.

    !data.record<{tx_id: !data.str, "odd key": !data.option<f64>}>
    !data.list<!data.enum<"low", "medium", "high">>

Scalars `i1 i64 f64` come from the builtin dialect. Types are structural: two records are equal if
they have the same fields in the same order. Each type checks its direct parts when it is made.
"""

from collections.abc import Mapping, Sequence

from xdsl.dialects.builtin import ArrayAttr, Float64Type, IntegerType, StringAttr, f64, i1, i64
from xdsl.ir import Attribute, ParametrizedAttribute, TypeAttribute
from xdsl.irdl import irdl_attr_definition
from xdsl.parser import AttrParser
from xdsl.printer import Printer
from xdsl.utils.exceptions import VerifyException

from kumeo.dialects.text import parse_name, parse_text, raise_since


class DataType(ParametrizedAttribute, TypeAttribute):
    """Base of the types that this dialect adds to the builtin scalars."""

    @classmethod
    def parse_parameters(cls, parser: AttrParser) -> Sequence[Attribute]:
        """Parse the parts of the type; a fault in them is a parse error at their place."""
        start = parser.pos
        parts = cls.parse_parts(parser)
        try:
            cls.new(parts)
        except VerifyException as fault:
            raise_since(parser, str(fault), start)
        return parts

    @classmethod
    def parse_parts(cls, parser: AttrParser) -> Sequence[Attribute]:
        """Parse `<type>`, or nothing."""
        types = parser.parse_optional_comma_separated_list(
            parser.Delimiter.ANGLE, parser.parse_type
        )
        if len(types or ()) != len(cls.get_irdl_definition().parameters):
            parser.raise_error(f"{cls.name} has {len(cls.get_irdl_definition().parameters)} parts")
        return types or ()


@irdl_attr_definition
class StrType(DataType):
    """Unicode text without surrogates: `!data.str`."""

    name = "data.str"


@irdl_attr_definition
class BytesType(DataType):
    """A string of bytes: `!data.bytes`."""

    name = "data.bytes"


@irdl_attr_definition
class TimeType(DataType):
    """An instant, i64 microseconds since 1970 UTC, years 1 to 9999: `!data.time`."""

    name = "data.time"


@irdl_attr_definition
class DurationType(DataType):
    """A length of time, i64 microseconds: `!data.duration`."""

    name = "data.duration"


@irdl_attr_definition
class JsonType(DataType):
    """Any JSON value, `null` included; the gradual type: `!data.json`."""

    name = "data.json"


@irdl_attr_definition
class OptionType(DataType):
    """A value or null: `!data.option<f64>`. `json` holds null already, so it is never inside."""

    name = "data.option"

    inner: Attribute

    def verify(self) -> None:
        """Reject nested options and options of json."""
        require_data_type(self.inner, "data.option")
        if isinstance(self.inner, OptionType | JsonType):
            raise VerifyException(f"data.option cannot hold {self.inner}: it has a null already")


@irdl_attr_definition
class ListType(DataType):
    """A list of values of one type: `!data.list<f64>`."""

    name = "data.list"

    item: Attribute

    def verify(self) -> None:
        """Reject items that are no data."""
        require_data_type(self.item, "data.list")


@irdl_attr_definition
class MapType(DataType):
    """String keys to values of one type; key order carries no meaning: `!data.map<f64>`."""

    name = "data.map"

    value: Attribute

    def verify(self) -> None:
        """Reject values that are no data."""
        require_data_type(self.value, "data.map")


@irdl_attr_definition
class EnumType(DataType):
    """One of several names, ordered as declared: `!data.enum<"low", "high">`."""

    name = "data.enum"

    values: ArrayAttr[StringAttr]

    @staticmethod
    def of(*values: str) -> "EnumType":
        """Return the enum of `values`."""
        return EnumType(ArrayAttr([StringAttr(value) for value in values]))

    @property
    def names(self) -> tuple[str, ...]:
        """The values in declaration order."""
        return tuple(value.data for value in self.values.data)

    def verify(self) -> None:
        """Reject empty enums and repeated values."""
        if not self.values.data:
            raise VerifyException("data.enum needs at least one value")
        require_distinct(self.names, "data.enum value")

    @classmethod
    def parse_parts(cls, parser: AttrParser) -> Sequence[Attribute]:
        """Parse `<"low", "high">`."""
        texts = parser.parse_comma_separated_list(
            parser.Delimiter.ANGLE, lambda: parse_text(parser)
        )
        return [ArrayAttr([StringAttr(text) for text in texts])]

    def print_parameters(self, printer: Printer) -> None:
        """Print `<"low", "high">`."""
        with printer.in_angle_brackets():
            printer.print_list(self.names, printer.print_string_literal)


@irdl_attr_definition
class RecordType(DataType):
    """Named fields: `!data.record<{tx_id: !data.str, "odd key": f64}>`."""

    name = "data.record"

    field_names: ArrayAttr[StringAttr]
    field_types: ArrayAttr[Attribute]

    def __init__(self, fields: Mapping[str, Attribute]):
        names = ArrayAttr([StringAttr(name) for name in fields])
        super().__init__(names, ArrayAttr(list(fields.values())))

    @staticmethod
    def of_pairs(names: Sequence[str], types: Sequence[Attribute]) -> "RecordType":
        """Return the record of these fields; raise VerifyException if a name occurs twice."""
        texts = ArrayAttr([StringAttr(name) for name in names])
        return RecordType.new([texts, ArrayAttr(list(types))])

    @staticmethod
    def of(fields: Mapping[str, Attribute]) -> "RecordType":
        """Return the record with `fields`, in their order."""
        return RecordType(fields)

    @property
    def names(self) -> tuple[str, ...]:
        """The field names in declaration order."""
        return tuple(name.data for name in self.field_names.data)

    @property
    def types(self) -> tuple[Attribute, ...]:
        """The field types in declaration order."""
        return self.field_types.data

    @property
    def fields(self) -> tuple[tuple[str, Attribute], ...]:
        """Names and types in declaration order."""
        return tuple(zip(self.names, self.types, strict=True))

    def field(self, name: str) -> Attribute | None:
        """Return the type of the field `name`, or None."""
        for known, type in zip(self.field_names.data, self.field_types.data, strict=True):
            if known.data == name:
                return type
        return None

    def verify(self) -> None:
        """Reject repeated fields and fields that are no data."""
        if len(self.field_names.data) != len(self.field_types.data):
            raise VerifyException("data.record needs one type for each field name")
        require_distinct(self.names, "data.record field")
        for type in self.types:
            require_data_type(type, "data.record")

    @classmethod
    def parse_parts(cls, parser: AttrParser) -> Sequence[Attribute]:
        """Parse `<{name: type, ...}>`."""

        def parse_field() -> tuple[str, Attribute]:
            name = parse_name(parser)
            parser.parse_punctuation(":")
            return name, parser.parse_type()

        with parser.in_angle_brackets():
            pairs = parser.parse_comma_separated_list(parser.Delimiter.BRACES, parse_field)
        names = ArrayAttr([StringAttr(name) for name, _ in pairs])
        return [names, ArrayAttr([type for _, type in pairs])]

    def print_parameters(self, printer: Printer) -> None:
        """Print `<{name: type, ...}>`."""

        def print_field(field: tuple[str, Attribute]) -> None:
            printer.print_identifier_or_string_literal(field[0])
            printer.print_string(": ")
            printer.print_attribute(field[1])

        with printer.in_angle_brackets(), printer.in_braces():
            printer.print_list(self.fields, print_field)


STR = StrType()
BYTES = BytesType()
TIME = TimeType()
DURATION = DurationType()
JSON = JsonType()
BOOL: IntegerType = i1
INT: IntegerType = i64
FLOAT: Float64Type = f64


def is_data_type(type: Attribute) -> bool:
    """Say whether values of `type` exist in a workflow."""
    return isinstance(type, DataType | Float64Type) or type in (i1, i64)


def option_of(type: Attribute) -> Attribute:
    """Return the type of "a `type` or null": options and json are that already."""
    return type if is_nullable(type) else OptionType(type)


def is_nullable(type: Attribute) -> bool:
    """Say whether null is a value of `type`; a record field of such a type may be missing."""
    return isinstance(type, OptionType | JsonType)


def require_data_type(type: Attribute, where: str) -> None:
    """Raise VerifyException if `type` is not the type of a value."""
    if not is_data_type(type):
        raise VerifyException(f"{where} cannot hold {type}: it is not a data type")


def require_distinct(names: Sequence[str], what: str) -> None:
    """Raise VerifyException if a name occurs twice."""
    if len(set(names)) == len(names):
        return
    twice = next(name for index, name in enumerate(names) if name in names[:index])
    raise VerifyException(f'{what} "{twice}" is written twice')
