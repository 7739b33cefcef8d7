"""What a Python annotation of a value says: the types of the language behind `Literal`, `T | None`.

Annotations are looked at once per type; everything that is made from them is kept by its maker.
"""

from functools import lru_cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, NamedTuple, TypeAlias, Union, get_args, get_origin
from typing import get_type_hints as hints_of

from msgspec import Raw, Struct

Kind: TypeAlias = Literal["json", "option", "list", "map", "record", "enum", "scalar"]


class Field(NamedTuple):
    """A field of a record: its name here, its name in JSON, its annotation."""

    name: str
    json_name: str
    type: Any


class Shape(NamedTuple):
    """One level of a type. `inner` is the type of the items, or of the value of an option."""

    kind: Kind
    type: Any
    inner: Any = None
    names: tuple[str, ...] = ()

    @property
    def is_nullable(self) -> bool:
        """Whether null is a value of this type, so that a field of it may be missing."""
        return self.kind in ("json", "option")


def shape_of(type: Any) -> Shape:
    """Return what a type is. Raises: TypeError when it is no type of a workflow."""
    # Two enums with the same names are equal types, in whatever order the names stand.
    return _shape_of(type, repr(type) if get_origin(type) is Literal else "")


@lru_cache(maxsize=4096)
def _shape_of(type: Any, order: str) -> Shape:
    origin, arguments = get_origin(type), get_args(type)
    if origin is Annotated:
        return shape_of(arguments[0])
    if type is Any or type is Raw:
        return Shape("json", type)
    if type in (None, NoneType):
        return Shape("option", NoneType, Any)
    if origin in (Union, UnionType):
        inner = tuple(argument for argument in arguments if argument is not NoneType)
        return Shape("option", type, Union[inner])  # noqa: UP007 - made at run time
    if origin is Literal:
        return Shape("enum", type, names=arguments)
    if origin in (list, tuple):
        return Shape("list", type, arguments[0])
    if origin is dict:
        return Shape("map", type, arguments[1])
    return _plain_shape(type)


def _plain_shape(kind: Any) -> Shape:
    if not isinstance(kind, type):
        raise TypeError(f"{kind} is no type of a value")
    if issubclass(kind, Struct):
        return Shape("record", kind)
    return Shape("scalar", kind)


@lru_cache(maxsize=4096)
def fields_of(record: type[Struct]) -> tuple[Field, ...]:
    """Return the fields of a record, in their order."""
    hints = hints_of(record, include_extras=True)
    names = zip(record.__struct_fields__, record.__struct_encode_fields__, strict=True)
    return tuple(Field(name, json_name, hints[name]) for name, json_name in names)


@lru_cache(maxsize=4096)
def holds(type: Any, wanted: Any) -> bool:
    """Say whether a type has a part of the kind `wanted`, or a scalar type equal to it."""
    shape = shape_of(type)
    if wanted in (shape.kind, shape.type):
        return True
    if shape.kind == "record":
        return any(holds(field.type, wanted) for field in fields_of(shape.type))
    return shape.inner is not None and holds(shape.inner, wanted)
