"""Options: values that may be null."""

from collections.abc import Sequence
from typing import Any, ClassVar, Self

from xdsl.dialects.builtin import UnitAttr
from xdsl.ir import Attribute, SSAValue
from xdsl.irdl import irdl_op_definition, operand_def
from xdsl.parser import Parser
from xdsl.printer import Printer

from kumeo.dialects.data import rules, semantics
from kumeo.dialects.data.constants import constant_value
from kumeo.dialects.data.op import DataOp, Operand, PlainOp, Shows
from kumeo.dialects.data.types import JsonType, OptionType
from kumeo.dialects.syntax import parse_extras, print_extras


@irdl_op_definition
class SomeOp(PlainOp):
    """A value as an option that is not null.

    %o = data.some %x : !data.option<f64>
    """

    name = "data.some"
    ARITY: ClassVar[int] = 1

    value = operand_def()

    def __init__(self, value: Operand):
        self.set_up([value])

    def infer(self) -> Attribute:
        """Return the option of the operand's type."""
        return rules.some(self.value.type)

    def evaluate(self, *values: Any) -> Any:
        """Return the value itself."""
        return values[0]


@irdl_op_definition
class NoneOp(DataOp):
    """The null of an option.

    %o = data.none : !data.option<f64>
    """

    name = "data.none"

    def __init__(self, option_type: Attribute):
        self.set_up([], type=option_type)

    def infer(self) -> Attribute:
        """Return the written type if it is an option."""
        type = self.result.type
        if isinstance(type, OptionType):
            return type
        rules.reject(f"data.none gives an option, not {type}")

    def evaluate(self, *values: Any) -> Any:
        """Return None."""
        return None

    def fold(self) -> Sequence[SSAValue | Attribute] | None:
        """Return the constant null."""
        return (UnitAttr(),)

    @classmethod
    def parse(cls, parser: Parser) -> Self:
        """Parse `: type`."""
        attributes = parse_extras(parser)
        parser.parse_punctuation(":")
        op = cls(parser.parse_type())
        op.attributes |= attributes
        return op

    def print(self, printer: Printer) -> None:
        """Print `: type`."""
        print_extras(printer, self)
        printer.print_string(" : ")
        printer.print_attribute(self.result.type)


@irdl_op_definition
class IsSomeOp(PlainOp):
    """Whether an option or JSON value is not null, as i1.

    %c = data.is_some %o
    """

    name = "data.is_some"
    ARITY: ClassVar[int] = 1
    SHOWS: ClassVar[Shows] = "nothing"

    value = operand_def()

    def __init__(self, value: Operand):
        self.set_up([value])

    def infer(self) -> Attribute:
        """Return i1 for an option or json."""
        return rules.is_some(self.value.type)

    def evaluate(self, *values: Any) -> Any:
        """Return whether there is a value."""
        return values[0] is not None


@irdl_op_definition
class UnwrapOp(PlainOp):
    """The value of an option; fails with `null-value` on null.

    %x = data.unwrap %o : f64
    """

    name = "data.unwrap"
    ARITY: ClassVar[int] = 1

    value = operand_def()

    def __init__(self, value: Operand):
        self.set_up([value])

    def infer(self) -> Attribute:
        """Return the type inside the option."""
        return rules.unwrap(self.value.type)

    def can_fail(self) -> bool:
        """Fail on null."""
        return True

    def evaluate(self, *values: Any) -> Any:
        """Return the value."""
        return semantics.unwrap(values[0])

    def simplify(self) -> SSAValue | None:
        """Take the value that `data.some` wrapped."""
        wrapped = self.value.owner
        return wrapped.value if isinstance(wrapped, SomeOp) else None


@irdl_op_definition
class CoalesceOp(PlainOp):
    """The first operand, or the second if the first is null.

        %x = data.coalesce %option, %default : f64

    A failure of the second operand matters only if the first is null.
    """

    name = "data.coalesce"

    value = operand_def()
    default = operand_def()

    def __init__(self, value: Operand, default: Operand):
        self.set_up([value, default])

    def infer(self) -> Attribute:
        """Return the type of the default."""
        return rules.coalesce(self.value.type, self.default.type)

    def evaluate(self, *values: Any) -> Any:
        """Return the first that is not null."""
        return semantics.coalesce(values[0], values[1])

    def simplify(self) -> SSAValue | None:
        """Decide where the first operand is known."""
        wrapped, known = self.value.owner, constant_value(self.value)
        if known is not None and known[0] is None:
            return self.default
        if known is not None and isinstance(self.result.type, OptionType | JsonType):
            return self.value
        if not isinstance(wrapped, SomeOp):
            return None
        keeps_option = isinstance(self.result.type, OptionType)
        return self.value if keeps_option else wrapped.value
