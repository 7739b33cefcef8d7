"""Random types of the `data` dialect, and random values of a type."""

from typing import Any

from hypothesis import strategies as st
from xdsl.ir import Attribute

from kumeo.dialects.data import (
    BOOL,
    BYTES,
    DURATION,
    FLOAT,
    INT,
    JSON,
    STR,
    TIME,
    EnumType,
    ListType,
    MapType,
    OptionType,
    RecordType,
)
from kumeo.dialects.data.constants import INT_MAX, INT_MIN, TIME_MAX, TIME_MIN

NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=4)
INTEGERS = st.integers(INT_MIN, INT_MAX)
SCALARS = st.sampled_from([STR, BYTES, TIME, DURATION, BOOL, INT, FLOAT])


def data_types() -> st.SearchStrategy[Attribute]:
    """Return types of little depth."""
    enums = st.lists(NAMES, min_size=1, max_size=3, unique=True).map(lambda v: EnumType.of(*v))
    leaves = st.one_of(SCALARS, enums, st.just(JSON))
    return st.recursive(leaves, _larger, max_leaves=5)


def _larger(inner: st.SearchStrategy[Attribute]) -> st.SearchStrategy[Attribute]:
    no_null = inner.filter(lambda type: type != JSON and not isinstance(type, OptionType))
    records = st.dictionaries(NAMES, inner, max_size=3).map(RecordType.of)
    return st.one_of(no_null.map(OptionType), inner.map(ListType), inner.map(MapType), records)


def json_values() -> st.SearchStrategy[Any]:
    """Return JSON data that a constant can hold."""
    finite = st.floats(allow_nan=False, allow_infinity=False)
    leaves = st.one_of(st.none(), st.booleans(), INTEGERS, finite, NAMES)
    return st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
        max_leaves=5,
    )


def values_of(type: Attribute, finite: bool = False) -> st.SearchStrategy[Any]:
    """Return plain values of `type`."""
    match type:
        case OptionType():
            return st.none() | values_of(type.inner, finite)
        case ListType():
            return st.lists(values_of(type.item, finite), max_size=3)
        case MapType():
            return st.dictionaries(NAMES, values_of(type.value, finite), max_size=3)
        case RecordType():
            return st.fixed_dictionaries({n: values_of(part, finite) for n, part in type.fields})
        case EnumType():
            return st.sampled_from(type.names)
        case _:
            return _scalars(type, finite)


def _scalars(type: Attribute, finite: bool) -> st.SearchStrategy[Any]:
    # Longer durations have no exact JSON form: seconds are a float.
    seconds = st.integers(-(2**50), 2**50)
    known: dict[Attribute, st.SearchStrategy[Any]] = {
        STR: NAMES,
        BYTES: st.binary(max_size=5),
        TIME: st.integers(TIME_MIN, TIME_MAX),
        DURATION: seconds,
        BOOL: st.booleans(),
        INT: INTEGERS,
        FLOAT: st.floats(allow_nan=not finite, allow_infinity=not finite),
        JSON: json_values(),
    }
    return known[type]


def typed_values(finite: bool = False) -> st.SearchStrategy[tuple[Attribute, Any]]:
    """Return types with a value of each."""
    return data_types().flatmap(
        lambda type: st.tuples(st.just(type), values_of(type, finite)),
    )
