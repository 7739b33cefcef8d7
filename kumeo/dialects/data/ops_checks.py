"""The operation that fails on purpose."""

from typing import Any, ClassVar, Self

from xdsl.dialects.builtin import StringAttr
from xdsl.ir import Attribute, SSAValue
from xdsl.irdl import irdl_op_definition, operand_def, prop_def
from xdsl.parser import Parser
from xdsl.printer import Printer

from kumeo.dialects.data import rules
from kumeo.dialects.data.constants import constant_value
from kumeo.dialects.data.failures import DataFailure
from kumeo.dialects.data.op import DataOp, Operand, parse_result_type, parsed
from kumeo.dialects.data.types import BOOL
from kumeo.dialects.syntax import parse_extras, print_extras
from kumeo.dialects.text import parse_text, parse_value


@irdl_op_definition
class RequireOp(DataOp):
    """The second operand where the first holds, else the named failure.

    %p = data.require %possible, %answer "impossible-evidence" "the evidence cannot be" : f64
    """

    name = "data.require"
    ARITY: ClassVar[int] = 2

    condition = operand_def()
    value = operand_def()
    code = prop_def(StringAttr)
    message = prop_def(StringAttr)

    def __init__(self, condition: Operand, value: Operand, code: str, message: str):
        self.set_up([condition, value], {"code": StringAttr(code), "message": StringAttr(message)})

    def infer(self) -> Attribute:
        """Return the type of the value."""
        if self.condition.type != BOOL:
            rules.reject(f"data.require: the condition is an i1, not {self.condition.type}")
        return self.value.type

    def can_fail(self) -> bool:
        """Fail where the condition does not hold."""
        return True

    def evaluate(self, *values: Any) -> Any:
        """Return the value."""
        if values[0] is not True:
            raise DataFailure(self.code.data, self.message.data)
        return values[1]

    def simplify(self) -> SSAValue | None:
        """Take the value where the condition is known to hold."""
        known = constant_value(self.condition)
        return self.value if known is not None and known[0] is True else None

    @classmethod
    def parse(cls, parser: Parser) -> Self:
        """Parse `%condition, %value "code" "message" : type`."""
        start = parser.pos
        condition = parse_value(parser)
        parser.parse_punctuation(",")
        value = parse_value(parser)
        code, message = parse_text(parser), parse_text(parser)
        attributes = parse_extras(parser)
        op = parsed(parser, start, lambda: cls(condition, value, code, message), attributes)
        parse_result_type(parser, op)
        return op

    def print(self, printer: Printer) -> None:
        """Print `%condition, %value "code" "message" : type`."""
        printer.print_string(" ")
        printer.print_list(self.operands, printer.print_operand)
        for text in (self.code.data, self.message.data):
            printer.print_string(" ")
            printer.print_string_literal(text)
        print_extras(printer, self)
        printer.print_string(" : ")
        printer.print_attribute(self.result.type)
