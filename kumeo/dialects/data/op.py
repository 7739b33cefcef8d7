"""What all `data` operations share: one result, purity, inference, folding and their text.

An operation states its typing once (`infer`) and its meaning once (`evaluate`, by `semantics`).
The constructor, the verifier and the parser use the first, the folder and the interpreter the
second. An operation that would fail on constants is left alone: it fails at run time.
"""

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Literal, Self, TypeAlias, TypeVar

from xdsl.interfaces import HasFolderInterface
from xdsl.ir import Attribute, Operation, SSAValue
from xdsl.irdl import result_def, traits_def
from xdsl.parser import Parser
from xdsl.pattern_rewriter import RewritePattern
from xdsl.printer import Printer
from xdsl.traits import HasCanonicalizationPatternsTrait, Pure
from xdsl.utils.exceptions import VerifyException

from kumeo.dialects.base import KumeoOp
from kumeo.dialects.data.constants import constant_value, folded_attribute
from kumeo.dialects.data.failures import DataFailure
from kumeo.dialects.data.types import JSON
from kumeo.dialects.facts import PURE, Facts
from kumeo.dialects.syntax import parse_extras, print_extras
from kumeo.dialects.text import parse_value, raise_since

Operand: TypeAlias = SSAValue | Operation
Shows: TypeAlias = Literal["result", "operand", "nothing"]
DataOpT = TypeVar("DataOpT", bound="DataOp")


class DataCanonicalization(HasCanonicalizationPatternsTrait):
    """Finds the patterns of an op in `canonicalize.py`, loaded on first use."""

    def get_patterns(self, op: type[Operation]) -> tuple[RewritePattern, ...]:
        """Return the patterns whose root is `op`."""
        from kumeo.dialects.data.canonicalize import patterns_of

        return patterns_of(op)


class DataOp(KumeoOp, HasFolderInterface):
    """Base of the operations that compute one value from values."""

    FACTS: ClassVar[Facts] = PURE
    ARGUMENTS_NEVER_FAIL: ClassVar[bool] = True

    result = result_def()

    traits = traits_def(Pure(), DataCanonicalization())

    def can_fail(self) -> bool:
        """Say whether the operation may fail on operands that did not."""
        return False

    def effect_facts(self) -> Facts:
        """Return PURE, not speculatable if the operation can fail."""
        return self.FACTS._replace(speculatable=not self.can_fail())

    @abstractmethod
    def infer(self) -> Attribute:
        """Return the result type; raise VerifyException if operands do not fit."""

    def verify_(self) -> None:
        """Check operands and the result type against `infer`."""
        inferred = self.infer()
        if inferred != self.result.type:
            raise VerifyException(f"{self.name} gives {inferred}, not {self.result.type}")

    def evaluate(self, *values: Any) -> Any:
        """Return the result for plain values, none a failure; raise DataFailure if it fails."""
        raise TypeError(f"{self.name} has no value of its own")

    def simplify(self) -> SSAValue | None:
        """Return an existing value that is always equal to the result, or None."""
        return None

    def fold(self) -> Sequence[SSAValue | Attribute] | None:
        """Return an equal existing value or constant, or None."""
        equal = self.simplify()
        if equal is not None:
            return (equal,)
        found = [constant_value(operand) for operand in self.operands]
        if any(value is None for value in found):
            return None
        try:
            value = self.evaluate(*(value[0] for value in found if value is not None))
        except DataFailure:
            return None
        attribute = folded_attribute(value, self.result.type)
        return None if attribute is None else (attribute,)

    def set_up(
        self,
        operands: Sequence[Operand | Sequence[Operand]],
        properties: dict[str, Attribute] | None = None,
        type: Attribute | None = None,
    ) -> None:
        """Initialise the operation; without `type` the result type is inferred."""
        KumeoOp.__init__(
            self, operands=operands, properties=properties or {}, result_types=[type or JSON]
        )
        if type is None:
            self.result._type = self._infer_once()  # pyright: ignore[reportPrivateUsage]

    def _infer_once(self) -> Attribute:
        """Infer for the constructor: a rejected op leaves no trace in the uses of its operands."""
        try:
            return self.infer()
        except VerifyException:
            self.drop_all_references()
            raise


class PlainOp(DataOp):
    """An operation that is its operands and nothing else: `data.add %a, %b : f64`."""

    SHOWS: ClassVar[Shows] = "result"
    """Which type the text ends with; the others are known from the operands."""

    ARITY: ClassVar[int] = 2

    @classmethod
    def parse(cls, parser: Parser) -> Self:
        """Parse the custom form."""
        start = parser.pos
        operands = [parse_value(parser)]
        for _ in range(cls.ARITY - 1):
            parser.parse_punctuation(",")
            operands.append(parse_value(parser))
        attributes = parse_extras(parser)
        op = parsed(parser, start, lambda: cls(*operands), attributes)
        if cls.SHOWS == "result":
            parse_result_type(parser, op)
        if cls.SHOWS == "operand":
            parse_operand_type(parser, operands[0])
        return op

    def print(self, printer: Printer) -> None:
        """Print the custom form."""
        printer.print_string(" ")
        printer.print_list(self.operands, printer.print_operand)
        print_extras(printer, self)
        if self.SHOWS == "nothing":
            return
        printer.print_string(" : ")
        shown = self.result if self.SHOWS == "result" else self.operands[0]
        printer.print_attribute(shown.type)


def parsed(
    parser: Parser, start: int, make: Callable[[], DataOpT], attributes: Mapping[str, Attribute]
) -> DataOpT:
    """Return the op that `make` builds; a fault in its operands is a parse error here."""
    try:
        op = make()
    except VerifyException as fault:
        raise_since(parser, str(fault), start)
    op.attributes |= attributes
    return op


def parse_result_type(parser: Parser, op: DataOp) -> None:
    """Parse `: type` and check that it is the type of the result."""
    parser.parse_punctuation(":")
    _require_type(parser, op.result)


def parse_operand_type(parser: Parser, operand: SSAValue) -> None:
    """Parse `: type` and check that it is the type of `operand`."""
    parser.parse_punctuation(":")
    _require_type(parser, operand)


def _require_type(parser: Parser, value: SSAValue) -> None:
    start = parser.pos
    written = parser.parse_type()
    if written != value.type:
        raise_since(parser, f"the type here is {value.type}, not {written}", start)
