"""Ops that work on each element: arithmetic, comparisons, logic, casts. Shapes follow NumPy."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from xdsl.dialects.builtin import StringAttr, f32, f64, i1, i64
from xdsl.ir import Attribute
from xdsl.irdl import irdl_op_definition, prop_def
from xdsl.utils.exceptions import VerifyException

from kumeo.dialects.infer.base import InferOpBase, Value, text
from kumeo.dialects.infer.tensors import (
    ELEMENTS,
    broadcast,
    element_of,
    is_bool,
    is_float,
    shape_of,
    tensor,
)

PREDICATES = ("lt", "le", "gt", "ge", "eq", "ne")
_WORDS: dict[str, Attribute] = {"f32": f32, "f64": f64, "i64": i64, "i1": i1}


def _same_elements(inputs: Sequence[Attribute]) -> Attribute:
    elements = {element_of(kind) for kind in inputs}
    if len(elements) != 1:
        raise VerifyException("the operands have different element types")
    return elements.pop()


class ElementOp(InferOpBase):
    """Base of the ops whose result has the element type of their operands."""

    FLOATS_ONLY: ClassVar[bool] = False
    BOOLS_ONLY: ClassVar[bool] = False

    def __init__(self, *inputs: Value) -> None:
        self.fill(inputs, {})

    @classmethod
    def infer_types(
        cls, inputs: Sequence[Attribute], properties: Mapping[str, Attribute]
    ) -> list[Attribute]:
        """Return the broadcast shape with the common element type."""
        element = _same_elements(inputs)
        if is_bool(element) != cls.BOOLS_ONLY:
            wanted = "truth values" if cls.BOOLS_ONLY else "numbers"
            raise VerifyException(f"the elements are {element}, not {wanted}")
        if cls.FLOATS_ONLY and not is_float(element):
            raise VerifyException(f"the elements are {element}, not f32 or f64")
        return [tensor(element, *broadcast(*(shape_of(kind) for kind in inputs)))]


class UnaryOp(ElementOp):
    """Base of the ops on one tensor."""

    ARITY: ClassVar[int | None] = 1


class BinaryOp(ElementOp):
    """Base of the ops on two tensors."""

    ARITY: ClassVar[int | None] = 2


@irdl_op_definition
class AddOp(BinaryOp):
    """The sum."""

    name = "infer.add"


@irdl_op_definition
class SubOp(BinaryOp):
    """The difference."""

    name = "infer.sub"


@irdl_op_definition
class MulOp(BinaryOp):
    """The product."""

    name = "infer.mul"


@irdl_op_definition
class DivOp(BinaryOp):
    """The quotient of floats; 0/0 is NaN."""

    name = "infer.div"
    FLOATS_ONLY: ClassVar[bool] = True


@irdl_op_definition
class PowOp(BinaryOp):
    """The first to the power of the second."""

    name = "infer.pow"
    FLOATS_ONLY: ClassVar[bool] = True


@irdl_op_definition
class MinOp(BinaryOp):
    """The smaller one; NaN if one is NaN."""

    name = "infer.min"


@irdl_op_definition
class MaxOp(BinaryOp):
    """The larger one; NaN if one is NaN."""

    name = "infer.max"


@irdl_op_definition
class NegOp(UnaryOp):
    """The negative."""

    name = "infer.neg"


@irdl_op_definition
class AbsOp(UnaryOp):
    """The magnitude."""

    name = "infer.abs"


@irdl_op_definition
class SqrtOp(UnaryOp):
    """The square root; NaN below zero."""

    name = "infer.sqrt"
    FLOATS_ONLY: ClassVar[bool] = True


@irdl_op_definition
class ExpOp(UnaryOp):
    """The exponential."""

    name = "infer.exp"
    FLOATS_ONLY: ClassVar[bool] = True


@irdl_op_definition
class LogOp(UnaryOp):
    """The natural logarithm; minus infinity at zero."""

    name = "infer.log"
    FLOATS_ONLY: ClassVar[bool] = True


@irdl_op_definition
class LogisticOp(UnaryOp):
    """1 / (1 + exp(-x))."""

    name = "infer.logistic"
    FLOATS_ONLY: ClassVar[bool] = True


@irdl_op_definition
class AndOp(BinaryOp):
    """Whether both hold."""

    name = "infer.and"
    BOOLS_ONLY: ClassVar[bool] = True


@irdl_op_definition
class OrOp(BinaryOp):
    """Whether one holds."""

    name = "infer.or"
    BOOLS_ONLY: ClassVar[bool] = True


@irdl_op_definition
class NotOp(UnaryOp):
    """Whether it does not hold."""

    name = "infer.not"
    BOOLS_ONLY: ClassVar[bool] = True


@irdl_op_definition
class IsNanOp(InferOpBase):
    """Whether an element is not a number."""

    name = "infer.is_nan"
    ARITY: ClassVar[int | None] = 1

    def __init__(self, value: Value) -> None:
        self.fill([value], {})

    @classmethod
    def infer_types(
        cls, inputs: Sequence[Attribute], properties: Mapping[str, Attribute]
    ) -> list[Attribute]:
        """Return truth values of the same shape."""
        if not is_float(element_of(inputs[0])):
            raise VerifyException("only floats may be no number")
        return [tensor(i1, *shape_of(inputs[0]))]


@irdl_op_definition
class CompareOp(InferOpBase):
    """Compares numbers, or truth values by `eq` and `ne`; NaN is unequal to everything.

    %c = infer.compare (%a, %b) predicate "lt" : (tensor<?xf64>, tensor<?xf64>) -> (tensor<?xi1>)
    """

    name = "infer.compare"
    predicate = prop_def(StringAttr)
    CLAUSES: ClassVar[tuple[str, ...]] = ("predicate",)
    ARITY: ClassVar[int | None] = 2

    def __init__(self, predicate: str, lhs: Value, rhs: Value) -> None:
        self.fill([lhs, rhs], {"predicate": StringAttr(predicate)})

    @classmethod
    def infer_types(
        cls, inputs: Sequence[Attribute], properties: Mapping[str, Attribute]
    ) -> list[Attribute]:
        """Return truth values of the broadcast shape."""
        predicate = text(properties.get("predicate"))
        if predicate not in PREDICATES:
            raise VerifyException(
                f"unknown predicate `{predicate}`: write one of {', '.join(PREDICATES)}"
            )
        if is_bool(_same_elements(inputs)) and predicate not in ("eq", "ne"):
            raise VerifyException(f"truth values have no order: `{predicate}` does not fit")
        return [tensor(i1, *broadcast(*(shape_of(kind) for kind in inputs)))]


@irdl_op_definition
class SelectOp(InferOpBase):
    """The second where the first holds, else the third.

    %r = infer.select (%c, %a, %b) : (tensor<?xi1>, tensor<?xf64>, tensor<?xf64>) -> (tensor<?xf64>)
    """

    name = "infer.select"
    ARITY: ClassVar[int | None] = 3

    def __init__(self, condition: Value, then: Value, otherwise: Value) -> None:
        self.fill([condition, then, otherwise], {})

    @classmethod
    def infer_types(
        cls, inputs: Sequence[Attribute], properties: Mapping[str, Attribute]
    ) -> list[Attribute]:
        """Return the broadcast shape with the element type of the values."""
        if not is_bool(element_of(inputs[0])):
            raise VerifyException("the condition is no tensor of i1")
        element = _same_elements(inputs[1:])
        return [tensor(element, *broadcast(*(shape_of(kind) for kind in inputs)))]


@irdl_op_definition
class CastOp(InferOpBase):
    """Converts elements: i1 to 0 or 1, a float to i64 by cutting off its fraction.

    %r = infer.cast (%a) to "f32" : (tensor<?xf64>) -> (tensor<?xf32>)
    """

    name = "infer.cast"
    to = prop_def(StringAttr)
    CLAUSES: ClassVar[tuple[str, ...]] = ("to",)
    ARITY: ClassVar[int | None] = 1

    def __init__(self, value: Value, to: Attribute) -> None:
        self.fill([value], {"to": StringAttr(word_of(to))})

    @classmethod
    def infer_types(
        cls, inputs: Sequence[Attribute], properties: Mapping[str, Attribute]
    ) -> list[Attribute]:
        """Return the shape with the other element type."""
        word = text(properties.get("to"))
        if word not in _WORDS:
            raise VerifyException(f"no element type `{word}`: write one of {', '.join(_WORDS)}")
        return [tensor(_WORDS[word], *shape_of(inputs[0]))]


def word_of(element: Attribute) -> str:
    """Return how an element type is written. Raises: VerifyException."""
    if element not in ELEMENTS:
        raise VerifyException(f"{element} is no element type: use f32, f64, i64 or i1")
    return next(word for word, known in _WORDS.items() if known == element)
