"""The constant: every value that is known now."""

from collections.abc import Sequence
from typing import Any, Self

from xdsl.ir import Attribute, SSAValue
from xdsl.irdl import (
    irdl_op_definition,
    prop_def,
    traits_def,
)
from xdsl.parser import Parser
from xdsl.printer import Printer
from xdsl.traits import ConstantLike
from xdsl.utils.exceptions import VerifyException

from kumeo.dialects.data.constants import from_attribute, to_attribute
from kumeo.dialects.data.literals import parse_literal, print_literal
from kumeo.dialects.data.op import (
    DataOp,
)
from kumeo.dialects.data.types import (
    is_data_type,
)
from kumeo.dialects.syntax import parse_extras, print_extras


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
        attributes = parse_extras(parser)
        parser.parse_punctuation(":")
        op = cls(value, parser.parse_type())
        op.attributes |= attributes
        return op

    def print(self, printer: Printer) -> None:
        """Print `literal : type`."""
        printer.print_string(" ")
        print_literal(printer, self.value)
        print_extras(printer, self)
        printer.print_string(" : ")
        printer.print_attribute(self.result.type)
