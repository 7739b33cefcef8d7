"""Arithmetic, comparison, logic and choice."""

from typing import Any, ClassVar, Self

from xdsl.dialects.builtin import StringAttr
from xdsl.ir import Attribute, SSAValue
from xdsl.irdl import irdl_op_definition, operand_def, prop_def
from xdsl.parser import Parser
from xdsl.printer import Printer

from kumeo.dialects.data import rules, semantics
from kumeo.dialects.data.constants import constant_value
from kumeo.dialects.data.op import DataOp, Operand, PlainOp, Shows, parse_operand_type, parsed
from kumeo.dialects.data.types import FLOAT
from kumeo.dialects.syntax import parse_extras, print_extras
from kumeo.dialects.text import parse_value


@irdl_op_definition
class CompareOp(DataOp):
    """Whether two values of one type stand in a relation, as i1.

        %c = data.compare gt, %score, %limit : f64

    `eq` and `ne` take every type; NaN equals nothing. `lt le gt ge` take numbers, text (by code
    point), times, durations and enums (by declaration order).
    """

    name = "data.compare"

    lhs = operand_def()
    rhs = operand_def()
    predicate = prop_def(StringAttr)

    def __init__(self, predicate: str, lhs: Operand, rhs: Operand):
        self.set_up([lhs, rhs], {"predicate": StringAttr(predicate)})

    def infer(self) -> Attribute:
        """Return i1 if the operands can be compared."""
        return rules.comparison(self.predicate.data, self.lhs.type, self.rhs.type)

    def evaluate(self, *values: Any) -> Any:
        """Return whether the relation holds."""
        return semantics.compare(self.predicate.data, values[0], values[1], self.lhs.type)

    @classmethod
    def parse(cls, parser: Parser) -> Self:
        """Parse `predicate, %a, %b : operand type`."""
        start = parser.pos
        predicate = parser.parse_identifier()
        parser.parse_punctuation(",")
        lhs = parse_value(parser)
        parser.parse_punctuation(",")
        rhs = parse_value(parser)
        attributes = parse_extras(parser)
        op = parsed(parser, start, lambda: cls(predicate, lhs, rhs), attributes)
        parse_operand_type(parser, lhs)
        return op

    def print(self, printer: Printer) -> None:
        """Print `predicate, %a, %b : operand type`."""
        printer.print_string(f" {self.predicate.data}, ")
        printer.print_list(self.operands, printer.print_operand)
        print_extras(printer, self)
        printer.print_string(" : ")
        printer.print_attribute(self.lhs.type)


class ArithmeticOp(PlainOp):
    """Base of the operations on two numbers, times or durations."""

    KIND: ClassVar[str]

    lhs = operand_def()
    rhs = operand_def()

    def __init__(self, lhs: Operand, rhs: Operand):
        self.set_up([lhs, rhs])

    def infer(self) -> Attribute:
        """Return the type by the table of `rules.py`."""
        return rules.arithmetic(self.KIND, self.lhs.type, self.rhs.type)

    def can_fail(self) -> bool:
        """Fail on overflow, except for floats."""
        return self.lhs.type != FLOAT


@irdl_op_definition
class AddOp(ArithmeticOp):
    """A sum. Integers, times and durations fail on overflow; floats follow IEEE 754.

    %c = data.add %a, %b : i64
    """

    name = "data.add"
    KIND: ClassVar[str] = "add"

    def evaluate(self, *values: Any) -> Any:
        """Return the sum."""
        return semantics.add(values[0], values[1], self.result.type)


@irdl_op_definition
class SubOp(ArithmeticOp):
    """A difference. Two times give a duration.

    %age = data.sub %now, %then : !data.duration
    """

    name = "data.sub"
    KIND: ClassVar[str] = "sub"

    def evaluate(self, *values: Any) -> Any:
        """Return the difference."""
        return semantics.sub(values[0], values[1], self.result.type)


@irdl_op_definition
class MulOp(ArithmeticOp):
    """A product. A duration times a number is rounded to microseconds, half to even.

    %c = data.mul %a, %b : i64
    """

    name = "data.mul"
    KIND: ClassVar[str] = "mul"

    def evaluate(self, *values: Any) -> Any:
        """Return the product."""
        return semantics.mul(values[0], values[1], self.result.type)


@irdl_op_definition
class DivOp(ArithmeticOp):
    """A quotient of floats, or of durations as f64; fails with `division-by-zero` on zero.

    %c = data.div %a, %b : f64
    """

    name = "data.div"
    KIND: ClassVar[str] = "div"

    def can_fail(self) -> bool:
        """Fail on zero, unless the divisor is a constant that is not."""
        known = constant_value(self.rhs)
        return known is None or known[0] == 0

    def evaluate(self, *values: Any) -> Any:
        """Return the quotient."""
        return semantics.div(values[0], values[1])


@irdl_op_definition
class RemOp(ArithmeticOp):
    """A remainder with the sign of the dividend; fails with `division-by-zero` on zero.

    %c = data.rem %a, %b : i64
    """

    name = "data.rem"
    KIND: ClassVar[str] = "rem"

    def can_fail(self) -> bool:
        """Fail on zero, unless the divisor is a constant that is not."""
        known = constant_value(self.rhs)
        return known is None or known[0] == 0

    def evaluate(self, *values: Any) -> Any:
        """Return the remainder."""
        return semantics.rem(values[0], values[1])


@irdl_op_definition
class NegOp(PlainOp):
    """A number or duration with the other sign.

    %c = data.neg %a : i64
    """

    name = "data.neg"
    ARITY: ClassVar[int] = 1

    value = operand_def()

    def __init__(self, value: Operand):
        self.set_up([value])

    def infer(self) -> Attribute:
        """Return the operand's type."""
        return rules.negation(self.value.type)

    def can_fail(self) -> bool:
        """Fail on the least integer."""
        return self.value.type != FLOAT

    def evaluate(self, *values: Any) -> Any:
        """Return the negated value."""
        return semantics.neg(values[0])


class LogicOp(PlainOp):
    """Base of `data.and` and `data.or`; the second operand matters only if the first is open."""

    SHOWS: ClassVar[Shows] = "nothing"
    DECIDING: ClassVar[bool]
    """The value of the first operand that settles the result."""

    lhs = operand_def()
    rhs = operand_def()

    def __init__(self, lhs: Operand, rhs: Operand):
        self.set_up([lhs, rhs])

    def infer(self) -> Attribute:
        """Return i1."""
        return rules.logic(self.name, self.lhs.type, self.rhs.type)

    def simplify(self) -> SSAValue | None:
        """Decide by a constant. A deciding *second* operand would hide a failure of the first."""
        if self.lhs is self.rhs:
            return self.lhs
        first, second = constant_value(self.lhs), constant_value(self.rhs)
        if first is not None:
            return self.lhs if first[0] is self.DECIDING else self.rhs
        is_neutral = second is not None and second[0] is not self.DECIDING
        return self.lhs if is_neutral else None


@irdl_op_definition
class AndOp(LogicOp):
    """Whether both hold.

    %c = data.and %a, %b
    """

    name = "data.and"
    DECIDING: ClassVar[bool] = False

    def evaluate(self, *values: Any) -> Any:
        """Return the conjunction."""
        return values[0] and values[1]


@irdl_op_definition
class OrOp(LogicOp):
    """Whether one of two holds.

    %c = data.or %a, %b
    """

    name = "data.or"
    DECIDING: ClassVar[bool] = True

    def evaluate(self, *values: Any) -> Any:
        """Return the disjunction."""
        return values[0] or values[1]


@irdl_op_definition
class NotOp(PlainOp):
    """The opposite of a condition.

    %c = data.not %a
    """

    name = "data.not"
    ARITY: ClassVar[int] = 1
    SHOWS: ClassVar[Shows] = "nothing"

    value = operand_def()

    def __init__(self, value: Operand):
        self.set_up([value])

    def infer(self) -> Attribute:
        """Return i1."""
        return rules.logic(self.name, self.value.type)

    def evaluate(self, *values: Any) -> Any:
        """Return the negation."""
        return not values[0]

    def simplify(self) -> SSAValue | None:
        """Cancel two negations."""
        negated = self.value.owner
        return negated.value if isinstance(negated, NotOp) else None


@irdl_op_definition
class SelectOp(PlainOp):
    """The second operand if the first holds, else the third. Only the chosen one may fail it.

    %x = data.select %c, %a, %b : f64
    """

    name = "data.select"
    ARITY: ClassVar[int] = 3

    condition = operand_def()
    lhs = operand_def()
    rhs = operand_def()

    def __init__(self, condition: Operand, lhs: Operand, rhs: Operand):
        self.set_up([condition, lhs, rhs])

    def infer(self) -> Attribute:
        """Return the type of both choices."""
        return rules.select(self.condition.type, self.lhs.type, self.rhs.type)

    def evaluate(self, *values: Any) -> Any:
        """Return the chosen value."""
        return values[1] if values[0] else values[2]

    def simplify(self) -> SSAValue | None:
        """Choose by a constant condition."""
        known = constant_value(self.condition)
        if known is None:
            return None
        return self.lhs if known[0] else self.rhs


@irdl_op_definition
class ConcatOp(PlainOp):
    """Two texts or two lists, one after the other.

    %c = data.concat %a, %b : !data.str
    """

    name = "data.concat"

    lhs = operand_def()
    rhs = operand_def()

    def __init__(self, lhs: Operand, rhs: Operand):
        self.set_up([lhs, rhs])

    def infer(self) -> Attribute:
        """Return the common type."""
        return rules.concat(self.lhs.type, self.rhs.type)

    def evaluate(self, *values: Any) -> Any:
        """Return the joined value."""
        return semantics.concat(values[0], values[1])

    def simplify(self) -> SSAValue | None:
        """Leave out an empty part."""
        first, second = constant_value(self.lhs), constant_value(self.rhs)
        if first is not None and len(first[0]) == 0:
            return self.rhs
        return self.lhs if second is not None and len(second[0]) == 0 else None
