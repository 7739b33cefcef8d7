"""How values of events become tensors at the border of `agent.infer`: one table for everybody.

f64            tensor<?xf64>
i64            tensor<?xi64>
i1             tensor<?xi1>
enum           tensor<?xi64>      the index of the name, in the order of the type
option<f64>    tensor<?xf64>      null is NaN
option<enum>   tensor<?xi64>      null is -1
option<i1>     tensor<?xi64>      0, 1, null is -1
list<f64>      tensor<?xKxf64>    only as a result; every row has K entries
"""

from xdsl.dialects.builtin import f64, i1, i64
from xdsl.ir import Attribute

from kumeo.dialects.data.types import BOOL, FLOAT, INT, EnumType, ListType, OptionType
from kumeo.dialects.infer.tensors import BATCH, Tensor, batched, element_of, shape_of


def operand_tensor(kind: Attribute) -> Tensor | None:
    """Return the tensor type that carries operands of a data type, or None for other types."""
    if kind == FLOAT:
        return batched(f64)
    if kind == INT or isinstance(kind, EnumType):
        return batched(i64)
    if kind == BOOL:
        return batched(i1)
    if not isinstance(kind, OptionType):
        return None
    if kind.inner == FLOAT:
        return batched(f64)
    return batched(i64) if kind.inner == BOOL or isinstance(kind.inner, EnumType) else None


def carries(tensor: Attribute, kind: Attribute) -> bool:
    """Say whether a result tensor carries values of a data type."""
    if isinstance(kind, ListType):
        shape = shape_of(tensor)
        return (
            kind.item == FLOAT
            and len(shape) == 2
            and shape[0] == BATCH
            and element_of(tensor) == f64
        )
    return not isinstance(kind, OptionType) and operand_tensor(kind) == tensor
