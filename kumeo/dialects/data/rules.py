"""The typing rules of the operations: operand types in, result type out.

Each rule raises VerifyException with the sentence that constructor, parser and verifier report.
"""

from collections.abc import Sequence
from typing import NoReturn

from xdsl.dialects.builtin import IntegerType
from xdsl.ir import Attribute
from xdsl.utils.exceptions import VerifyException

from kumeo.dialects.data.casts import Cast, cast_between
from kumeo.dialects.data.types import (
    BOOL,
    DURATION,
    FLOAT,
    INT,
    JSON,
    STR,
    TIME,
    EnumType,
    JsonType,
    ListType,
    MapType,
    OptionType,
    RecordType,
    is_data_type,
    option_of,
    require_distinct,
)

ORDERED = (INT, FLOAT, STR, TIME, DURATION)
_ARITHMETIC: dict[tuple[str, Attribute, Attribute], Attribute] = {
    ("add", INT, INT): INT,
    ("sub", INT, INT): INT,
    ("mul", INT, INT): INT,
    ("rem", INT, INT): INT,
    ("add", FLOAT, FLOAT): FLOAT,
    ("sub", FLOAT, FLOAT): FLOAT,
    ("mul", FLOAT, FLOAT): FLOAT,
    ("div", FLOAT, FLOAT): FLOAT,
    ("rem", FLOAT, FLOAT): FLOAT,
    ("sub", TIME, TIME): DURATION,
    ("add", TIME, DURATION): TIME,
    ("sub", TIME, DURATION): TIME,
    ("add", DURATION, DURATION): DURATION,
    ("sub", DURATION, DURATION): DURATION,
    ("mul", DURATION, INT): DURATION,
    ("mul", DURATION, FLOAT): DURATION,
    ("div", DURATION, DURATION): FLOAT,
}


def reject(message: str) -> NoReturn:
    """Raise the sentence as a VerifyException."""
    raise VerifyException(message)


def is_json(type: Attribute) -> bool:
    """Say whether `type` is `!data.json`."""
    return isinstance(type, JsonType)


def arithmetic(kind: str, a: Attribute, b: Attribute) -> Attribute:
    """Return the result type of `data.KIND` on `a` and `b`."""
    result = _ARITHMETIC.get((kind, a, b))
    return result or reject(f"data.{kind} has no meaning on {a} and {b}")


def negation(type: Attribute) -> Attribute:
    """Return the type of a negated number or duration."""
    return type if type in (INT, FLOAT, DURATION) else reject(f"data.neg has no meaning on {type}")


def comparison(predicate: str, a: Attribute, b: Attribute) -> Attribute:
    """Return i1 if `a` and `b` can be compared."""
    if predicate not in ("eq", "ne", "lt", "le", "gt", "ge"):
        reject(f'data.compare knows eq ne lt le gt ge, not "{predicate}"')
    if a != b:
        reject(f"data.compare needs equal types, not {a} and {b}")
    if not is_data_type(a):
        reject(f"data.compare of {a}, which is no data type")
    if predicate not in ("eq", "ne") and a not in ORDERED and not isinstance(a, EnumType):
        reject(f"data.compare {predicate} needs an order, which {a} lacks")
    return BOOL


def logic(name: str, *types: Attribute) -> Attribute:
    """Return i1 if all operands are i1."""
    return BOOL if all(type == BOOL for type in types) else reject(f"{name} needs i1 operands")


def select(condition: Attribute, a: Attribute, b: Attribute) -> Attribute:
    """Return the common type of both choices."""
    if condition != BOOL:
        reject(f"data.select needs an i1 condition, not {condition}")
    return a if a == b else reject(f"data.select needs two values of one type, not {a} and {b}")


def concat(a: Attribute, b: Attribute) -> Attribute:
    """Return the type of joined texts or lists."""
    fits = a == b and (a == STR or isinstance(a, ListType))
    return a if fits else reject(f"data.concat joins two texts or two equal lists, not {a} and {b}")


def record(type: Attribute, values: Sequence[Attribute]) -> Attribute:
    """Return `type` if it is a record of exactly these values."""
    if not isinstance(type, RecordType):
        reject(f"data.record gives a record, not {type}")
    if len(type.names) != len(values):
        reject(f"data.record has {len(values)} values for {len(type.names)} fields")
    for (name, wanted), found in zip(type.fields, values, strict=True):
        if wanted != found:
            reject(f'data.record field "{name}" is {wanted}, its value is {found}')
    return type


def get(base: Attribute, field: str) -> Attribute:
    """Return the type of a field."""
    if isinstance(base, JsonType):
        return JSON
    holder = base.inner if isinstance(base, OptionType) else base
    if not isinstance(holder, RecordType):
        reject(f"data.get reads records and json, not {base}")
    found = holder.field(field)
    if found is None:
        reject(f'data.get: {holder} has no field "{field}"')
    return option_of(found) if isinstance(base, OptionType) else found


def set_field(base: Attribute, field: str, value: Attribute) -> Attribute:
    """Return the record type if the field exists with the type of the value; json takes json."""
    if base == JSON and value == JSON:
        return JSON
    if not isinstance(base, RecordType):
        reject(f"data.set changes records, not {base}")
    found = base.field(field)
    if found is None:
        reject(f'data.set: {base} has no field "{field}"')
    return base if found == value else reject(f'data.set: "{field}" is {found}, not {value}')


def list_of(type: Attribute, values: Sequence[Attribute]) -> Attribute:
    """Return `type` if it is a list of such values."""
    if not isinstance(type, ListType):
        reject(f"data.list gives a list, not {type}")
    for index, found in enumerate(values):
        if found != type.item:
            reject(f"data.list item {index} is {found}, not {type.item}")
    return type


def map_of(type: Attribute, keys: Sequence[str], values: Sequence[Attribute]) -> Attribute:
    """Return `type` if it is a map of such values under distinct keys."""
    if not isinstance(type, MapType):
        reject(f"data.make_map gives a map, not {type}")
    if len(keys) != len(values):
        reject(f"data.make_map has {len(keys)} keys for {len(values)} values")
    require_distinct(keys, "data.make_map key")
    for key, found in zip(keys, values, strict=True):
        if found != type.value:
            reject(f'data.make_map value "{key}" is {found}, not {type.value}')
    return type


def index(base: Attribute, position: Attribute) -> Attribute:
    """Return the type of an item."""
    if isinstance(base, ListType) and position == INT:
        return base.item
    if isinstance(base, MapType) and position == STR:
        return option_of(base.value)
    if isinstance(base, JsonType) and position in (JSON, INT, STR):
        return JSON
    reject(f"data.index of {base} by {position} has no meaning")


def length(type: Attribute, result: IntegerType) -> Attribute:
    """Return `result` if values of `type` have a length."""
    has_length = type == STR or isinstance(type, ListType | MapType | JsonType)
    return result if has_length else reject(f"data.len: {type} has no length")


def contains(container: Attribute, item: Attribute, result: IntegerType) -> Attribute:
    """Return `result` if such an item can be inside such a container."""
    match container:
        case ListType():
            fits = item == container.item
        case MapType():
            fits = item == STR
        case JsonType():
            fits = item in (JSON, STR)
        case _:
            fits = container == STR and item == STR
    return result if fits else reject(f"data.contains: {container} cannot hold {item}")


def some(type: Attribute) -> Attribute:
    """Return the option of `type`."""
    return OptionType(type)


def unwrap(type: Attribute) -> Attribute:
    """Return what is inside an option."""
    return type.inner if isinstance(type, OptionType) else reject(f"data.unwrap of {type}")


def is_some(type: Attribute) -> Attribute:
    """Return i1 if values of `type` may be null."""
    known = isinstance(type, OptionType | JsonType)
    return BOOL if known else reject(f"data.is_some: {type} is never null")


def coalesce(value: Attribute, default: Attribute) -> Attribute:
    """Return the type of "the value, or the default if it is null"."""
    if isinstance(value, JsonType) and isinstance(default, JsonType):
        return JSON
    if isinstance(value, OptionType) and default in (value, value.inner):
        return default
    reject(f"data.coalesce of {value} with default {default} has no meaning")


def cast(source: Attribute, target: Attribute) -> Cast:
    """Return how `source` becomes `target`."""
    found = cast_between(source, target) if is_data_type(target) else None
    return found or reject(f"data.cast: {source} never becomes {target}")
