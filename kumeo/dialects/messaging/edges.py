"""Streams and edges: where messages are stored, and what a message between two handlers holds.

    messaging.stream "edges" name "{ns}_fraud_E" subjects ["kumeo.{ns}.fraud.e.>"]
    messaging.edge @run.assess message (source : !tx, may_fail score : f64) carries_event
      token "run_assess" partitions 64 codec "msgpack"

`{ns}` stands for the namespace of a deployment. An edge is named after the logical agent that heads
the stage it enters.
"""

from collections.abc import Mapping, Sequence
from typing import ClassVar, NamedTuple

from xdsl.dialects.builtin import ArrayAttr, IntegerAttr, StringAttr, UnitAttr, i1
from xdsl.ir import Attribute
from xdsl.irdl import irdl_op_definition, opt_prop_def, prop_def
from xdsl.parser import Parser
from xdsl.printer import Printer

from kumeo.dialects.agent.base import require
from kumeo.dialects.agent.stages import INLINE, MESSAGE, PARK, EdgeTarget
from kumeo.dialects.data.types import is_data_type
from kumeo.dialects.messaging.clauses import FLAG, NUMBER, TEXT, TEXTS, WithClauses
from kumeo.dialects.settings import string_array, strings_of
from kumeo.dialects.syntax import parse_extras, parse_symbol, print_extras, print_symbol
from kumeo.dialects.text import parse_name, parse_text

STREAM_KINDS = ("edges", "journal", "timers", "targets", "inputs")
EDGE_KINDS = ("message", "parked")
CODECS = ("msgpack", "json")


class Field(NamedTuple):
    """One value in the body of a message."""

    name: str
    type: Attribute
    may_fail: bool = False
    """Whether a failure can stand in its place."""


@irdl_op_definition
class StreamOp(WithClauses):
    """A stream of the workflow, of one of these kinds.

    `edges`; `journal`: also state and dead letters; `timers`: also parked tasks; `targets`: results
    for targets that are no subjects of NATS; `inputs`: events of sources that are none.

    messaging.stream "edges" name "{ns}_fraud_E" subjects ["kumeo.{ns}.fraud.e.>"]
    """

    name = "messaging.stream"

    kind = prop_def(StringAttr)
    stream_name = opt_prop_def(StringAttr, prop_name="name")
    subjects = opt_prop_def(ArrayAttr[StringAttr])
    max_bytes = opt_prop_def(IntegerAttr)

    CLAUSES: ClassVar[tuple[tuple[str, str], ...]] = (
        ("name", TEXT),
        ("subjects", TEXTS),
        ("max_bytes", NUMBER),
    )

    def __init__(self, kind: str) -> None:
        super().__init__(properties={"kind": StringAttr(kind)})

    def verify_(self) -> None:
        """Check the kind and the size."""
        known = ", ".join(STREAM_KINDS)
        kind = self.kind.data
        require(kind in STREAM_KINDS, f"unknown kind `{kind}`: write one of {known}")
        size = self.number("max_bytes")
        fits = size is None or size > 0 or size == -1
        require(fits, f"has a size of {size} bytes: write a positive one, or -1 for no limit")

    def print(self, printer: Printer) -> None:
        """Print the custom form."""
        printer.print_string(" ")
        printer.print_string_literal(self.kind.data)
        self.print_clauses(printer)
        print_extras(printer, self)

    @classmethod
    def parse(cls, parser: Parser) -> "StreamOp":
        """Parse the custom form."""
        op = cls(parse_text(parser))
        op.properties |= cls.parse_clauses(parser)
        op.attributes |= parse_extras(parser)
        return op


@irdl_op_definition
class EdgeOp(WithClauses, EdgeTarget):
    """A stored message between two handlers, and the layout of its body.

    messaging.edge @run.check parked (source : !tx, case : !case) carries_event

    A message of a `parked` edge waits for the answer of the agent that heads its handler. The body
    begins with what every message takes along (`meta`: the source id, the time, the first failure);
    with `carries_event` also the payload of the event.
    """

    name = "messaging.edge"
    NOUN: ClassVar[str] = "edge"

    kind = prop_def(StringAttr)
    names = prop_def(ArrayAttr[StringAttr])
    types = prop_def(ArrayAttr[Attribute])
    may_fail = prop_def(ArrayAttr[IntegerAttr])
    carries_event = opt_prop_def(UnitAttr)
    token = opt_prop_def(StringAttr)
    subject = opt_prop_def(StringAttr)
    partitions = opt_prop_def(IntegerAttr)
    codec = opt_prop_def(StringAttr)
    layout = opt_prop_def(StringAttr)
    size_bytes = opt_prop_def(IntegerAttr)
    spill_bytes = opt_prop_def(IntegerAttr)

    CLAUSES: ClassVar[tuple[tuple[str, str], ...]] = (
        ("carries_event", FLAG),
        ("token", TEXT),
        ("subject", TEXT),
        ("partitions", NUMBER),
        ("codec", TEXT),
        ("layout", TEXT),
        ("size_bytes", NUMBER),
        ("spill_bytes", NUMBER),
    )

    def __init__(self, name: str, kind: str, fields: Sequence[Field]) -> None:
        super().__init__(properties={"sym_name": StringAttr(name), "kind": StringAttr(kind)})
        self.put(carries_event=True)
        self.set_fields(fields)

    @property
    def is_parked(self) -> bool:
        """Whether messages wait for an answer."""
        return self.kind.data == "parked"

    @property
    def fields(self) -> tuple[Field, ...]:
        """The values in the body, in order."""
        flags = [flag.value.data != 0 for flag in self.may_fail.data]
        names = strings_of(self.names)
        return tuple(Field(*f) for f in zip(names, self.types.data, flags, strict=False))

    def set_fields(self, fields: Sequence[Field]) -> None:
        """Replace the layout of the body."""
        self.names = string_array([field.name for field in fields])
        self.types = ArrayAttr([field.type for field in fields])
        self.may_fail = flags_attr([field.may_fail for field in fields])

    def taken_types(self) -> tuple[Attribute, ...]:
        """Return the types of the values that the edge carries."""
        return tuple(self.types.data)

    def refusal(self, mode: str) -> str | None:
        """Return why the edge cannot be entered in a mode, or None."""
        wanted = PARK if self.is_parked else MESSAGE
        if mode == wanted:
            return None
        if mode == INLINE:
            return "is a messaging.edge: write `message`, or name a step"
        return f"is a {self.kind.data} edge: " + ("park there" if self.is_parked else "do not park")

    def verify_(self) -> None:
        """Check the kind, the layout and the decisions of passes."""
        known = ", ".join(EDGE_KINDS)
        kind = self.kind.data
        require(kind in EDGE_KINDS, f"unknown kind `{kind}`: write one of {known}")
        names = strings_of(self.names)
        counts = {len(names), len(self.types.data), len(self.may_fail.data)}
        require(len(counts) == 1, "has lists of names, types and failures that do not agree")
        require(len(set(names)) == len(names), "has two values of the same name")
        for field in self.fields:
            require(bool(field.name), "has a value without a name")
            require(is_data_type(field.type), f"{field.type} is no data type")
        codec = self.text("codec")
        known = ", ".join(CODECS)
        require(codec is None or codec in CODECS, f"unknown codec `{codec}`: write one of {known}")
        for name in ("partitions", "size_bytes", "spill_bytes"):
            number = self.number(name)
            require(number is None or number > 0, f"has {name} {number}: write a positive number")

    def print(self, printer: Printer) -> None:
        """Print the custom form."""
        print_symbol(printer, self.symbol)
        printer.print_string(f" {self.kind.data} ")
        with printer.in_parens():
            printer.print_list(self.fields, lambda field: _print_field(printer, field))
        self.print_clauses(printer)
        print_extras(printer, self)

    @classmethod
    def parse(cls, parser: Parser) -> "EdgeOp":
        """Parse the custom form."""
        name = parse_symbol(parser)
        kind = parser.parse_identifier()
        parens = parser.Delimiter.PAREN
        fields = parser.parse_comma_separated_list(parens, lambda: _parse_field(parser))
        op = cls(name, kind, fields)
        op.put(carries_event=None)
        op.properties |= cls.parse_clauses(parser)
        op.attributes |= parse_extras(parser)
        return op


def flags_attr(flags: Sequence[bool]) -> ArrayAttr[IntegerAttr]:
    """Return truth values as an array."""
    return ArrayAttr([IntegerAttr(int(flag), i1) for flag in flags])


def layout_names(fields: Sequence[Field]) -> Mapping[str, Field]:
    """Return the fields of a layout by name."""
    return {field.name: field for field in fields}


def _print_field(printer: Printer, field: Field) -> None:
    printer.print_string("may_fail " if field.may_fail else "")
    printer.print_identifier_or_string_literal(field.name)
    printer.print_string(" : ")
    printer.print_attribute(field.type)


def _parse_field(parser: Parser) -> Field:
    name = parse_name(parser)
    may_fail = name == "may_fail" and parser.parse_optional_punctuation(":") is None
    if may_fail:
        name = parse_name(parser)
    if may_fail or name != "may_fail":
        parser.parse_punctuation(":")
    return Field(name, parser.parse_type(), may_fail)
