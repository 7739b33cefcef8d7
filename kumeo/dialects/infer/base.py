"""What all ops of the dialect share: facts, types that are inferred and checked, and assembly.

    infer.NAME @symbol (%a, %b) clause value … attributes {…} : (T, U) -> V

An op class names its properties in `CLAUSES` (and `SYMBOL`), and computes its result types from its
operands and properties in `infer_types`. The constructor fills them in; the verifier compares.
"""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from xdsl.dialects.builtin import StringAttr, SymbolRefAttr, UnitAttr
from xdsl.ir import Attribute, Operation, SSAValue
from xdsl.irdl import var_operand_def, var_result_def
from xdsl.parser import Parser
from xdsl.printer import Printer
from xdsl.utils.exceptions import VerifyException

from kumeo.dialects.base import KumeoOp
from kumeo.dialects.facts import PURE, Facts
from kumeo.dialects.infer.tensors import fault_of
from kumeo.dialects.symbols import SymbolUser
from kumeo.dialects.syntax import (
    parse_extras,
    parse_type_list,
    print_extras,
    print_symbol,
    print_type_list,
)

Value = SSAValue | Operation


class InferOpBase(KumeoOp):
    """Base of the ops on tensors. Row i of a result depends on row i of the operands only.

    All are total: a row that has no answer is shown by an `i1` result, never by a failure.
    """

    SYMBOL: ClassVar[str | None] = None
    """The property that names a symbol, written first."""
    CLAUSES: ClassVar[tuple[str, ...]] = ()
    """Properties that are written as `name attribute`; a flag is written alone."""
    FACTS: ClassVar[Facts] = PURE
    RESULTS_NEVER_FAIL: ClassVar[bool] = True
    ARITY: ClassVar[int | None] = None
    """The number of operands, where it is fixed."""

    inputs = var_operand_def()
    outputs = var_result_def()

    def fill(self, inputs: Sequence[Value], properties: Mapping[str, Attribute | None]) -> None:
        """Initialise the op with the types that follow. Raises: VerifyException."""
        values = [SSAValue.get(value) for value in inputs]
        given = {name: value for name, value in properties.items() if value is not None}
        types = self.infer_types([value.type for value in values], given)
        KumeoOp.__init__(self, operands=[values], result_types=[types], properties=given)

    @property
    def result(self) -> SSAValue:
        """The only result."""
        (value,) = self.results
        return value

    @classmethod
    def infer_types(
        cls, inputs: Sequence[Attribute], properties: Mapping[str, Attribute]
    ) -> list[Attribute]:
        """Return the types of the results. Raises: VerifyException."""
        raise TypeError(f"`{cls.name}` infers no types")

    def verify_(self) -> None:
        """Check the types of the operands, and that the results are what follows from them."""
        types = [value.type for value in self.inputs]
        for kind in (*types, *(value.type for value in self.results)):
            fault = fault_of(kind)
            if fault is not None:
                raise VerifyException(fault)
        if self.ARITY is not None and len(types) != self.ARITY:
            raise VerifyException(f"takes {self.ARITY} operands, not {len(types)}")
        wanted = self.infer_types(types, dict(self.properties))
        found = [value.type for value in self.results]
        if wanted != found:
            shown = ", ".join(map(str, wanted))
            raise VerifyException(f"gives {shown}, not {', '.join(map(str, found))}")

    def print(self, printer: Printer) -> None:
        """Print the custom form."""
        if self.SYMBOL is not None:
            symbol = self.properties[self.SYMBOL]
            print_symbol(
                printer, symbol.string_value() if isinstance(symbol, SymbolRefAttr) else ""
            )
        printer.print_string(" ")
        with printer.in_parens():
            printer.print_list(self.inputs, printer.print_ssa_value)
        for clause in self.CLAUSES:
            value = self.properties.get(clause)
            if value is not None:
                printer.print_string(f" {clause}")
            if value is not None and not isinstance(value, UnitAttr):
                printer.print_string(" ")
                printer.print_attribute(value)
        print_extras(printer, self)
        printer.print_string(" : ")
        print_type_list(printer, [value.type for value in self.inputs])
        printer.print_string(" -> ")
        print_type_list(printer, [value.type for value in self.results])

    @classmethod
    def parse(cls, parser: Parser) -> "InferOpBase":
        """Parse the custom form."""
        properties: dict[str, Attribute] = {}
        if cls.SYMBOL is not None:
            properties[cls.SYMBOL] = SymbolRefAttr(parser.parse_symbol_name())
        operands = parser.parse_comma_separated_list(
            parser.Delimiter.PAREN, parser.parse_unresolved_operand
        )
        for clause in cls.CLAUSES:
            if parser.parse_optional_keyword(clause):
                flag = clause in cls.FLAGS
                properties[clause] = UnitAttr() if flag else parser.parse_attribute()
        extras = parse_extras(parser)
        parser.parse_punctuation(":")
        position = parser.pos
        types = parse_type_list(parser)
        resolved = list(parser.resolve_operands(operands, types, position))
        parser.parse_punctuation("->")
        results = parse_type_list(parser)
        return cls.create(
            operands=resolved, result_types=results, properties=properties, attributes=extras
        )

    FLAGS: ClassVar[tuple[str, ...]] = ()
    """Clauses without a value."""


class ModelUser(InferOpBase, SymbolUser):
    """Base of the ops that refer to a file of the workflow."""


def text(value: Attribute | None) -> str:
    """Return the text of a property. Raises: VerifyException."""
    if not isinstance(value, StringAttr):
        raise VerifyException("a text is missing")
    return value.data
