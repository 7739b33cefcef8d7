"""The table of conversions, and its agreement with what casts do."""

import pytest
from hypothesis import given, settings
from xdsl.ir import Attribute

from kumeo.dialects.data import (
    BOOL,
    DURATION,
    FLOAT,
    INT,
    JSON,
    STR,
    TIME,
    CastOp,
    ConstantOp,
    EnumType,
    ListType,
    MapType,
    OptionType,
    RecordType,
)
from kumeo.dialects.data.casts import Cast, cast_between, is_implicit, join_types
from tests.unit.dialects.data.strategies import data_types

LOW = EnumType.of("low")
LEVEL = EnumType.of("low", "high")
A = RecordType.of({"a": INT})
AB = RecordType.of({"a": INT, "b": STR})
A_MAYBE_C = RecordType.of({"a": FLOAT, "c": OptionType(STR)})

IMPLICIT = [
    (INT, INT, Cast.SAME),
    (INT, FLOAT, Cast.TOTAL),
    (INT, OptionType(INT), Cast.TOTAL),
    (INT, OptionType(FLOAT), Cast.TOTAL),
    (OptionType(INT), OptionType(FLOAT), Cast.TOTAL),
    (ListType(INT), ListType(FLOAT), Cast.TOTAL),
    (MapType(INT), MapType(OptionType(INT)), Cast.TOTAL),
    (AB, A, Cast.TOTAL),
    (AB, A_MAYBE_C, Cast.TOTAL),
    (INT, JSON, Cast.TOTAL),
    (FLOAT, JSON, Cast.CHECKED),
    (ListType(OptionType(FLOAT)), JSON, Cast.CHECKED),
    (JSON, AB, Cast.CHECKED),
    (JSON, OptionType(INT), Cast.CHECKED),
    (RecordType.of({"a": JSON}), A, Cast.CHECKED),
]
EXPLICIT = [
    (LEVEL, STR, Cast.TOTAL),
    (STR, LEVEL, Cast.CHECKED),
    (LOW, LEVEL, Cast.TOTAL),
    (LEVEL, LOW, Cast.CHECKED),
    (FLOAT, INT, Cast.CHECKED),
    (STR, TIME, Cast.CHECKED),
    (TIME, STR, Cast.TOTAL),
    (ListType(FLOAT), ListType(INT), Cast.CHECKED),
]
NEVER = [
    (OptionType(INT), INT),
    (A, AB),
    (INT, STR),
    (BOOL, INT),
    (DURATION, INT),
    (ListType(INT), MapType(INT)),
    (A, MapType(INT)),
]
JOINS = [
    (INT, INT, INT),
    (INT, FLOAT, FLOAT),
    (INT, OptionType(INT), OptionType(INT)),
    (OptionType(INT), FLOAT, OptionType(FLOAT)),
    (ListType(INT), ListType(FLOAT), ListType(FLOAT)),
    (MapType(INT), MapType(FLOAT), MapType(FLOAT)),
    (A, AB, RecordType.of({"a": INT, "b": OptionType(STR)})),
    (INT, JSON, JSON),
    (LOW, LEVEL, None),
    (INT, STR, None),
    (A, ListType(INT), None),
]


@pytest.mark.parametrize(("source", "target", "cast"), IMPLICIT)
def test_cast_implicit_pair_is_implicit(source: Attribute, target: Attribute, cast: Cast) -> None:
    assert cast_between(source, target) is cast
    assert is_implicit(source, target)


@pytest.mark.parametrize(("source", "target", "cast"), EXPLICIT)
def test_cast_explicit_pair_is_not_implicit(
    source: Attribute, target: Attribute, cast: Cast
) -> None:
    assert cast_between(source, target) is cast
    assert not is_implicit(source, target)


@pytest.mark.parametrize(("source", "target"), NEVER)
def test_cast_foreign_types_never_convert(source: Attribute, target: Attribute) -> None:
    assert cast_between(source, target) is None


@pytest.mark.parametrize(("a", "b", "joined"), JOINS)
def test_join_gives_least_common_type_in_both_orders(
    a: Attribute, b: Attribute, joined: Attribute | None
) -> None:
    assert join_types(a, b) == joined
    both = join_types(b, a)
    assert both == joined


@settings(max_examples=60, deadline=None)
@given(data_types(), data_types())
def test_join_both_sides_become_it_implicitly(a: Attribute, b: Attribute) -> None:
    joined = join_types(a, b)
    if joined is not None:
        assert is_implicit(a, joined)
        assert is_implicit(b, joined)


def test_cast_op_says_whether_it_can_fail() -> None:
    one = ConstantOp.of(1, INT)
    assert not CastOp(one, FLOAT).can_fail()
    assert CastOp(ConstantOp.of(1.0, FLOAT), INT).can_fail()
