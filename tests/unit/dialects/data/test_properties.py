"""Properties that hold for every type and value."""

from io import StringIO
from typing import Any

from hypothesis import given, settings
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Attribute
from xdsl.printer import Printer

from kumeo.dialects.data import (
    JSON,
    CompareOp,
    ConstantOp,
    EnumType,
    from_attribute,
    to_attribute,
)
from kumeo.dialects.data.casting import decode, encode
from kumeo.dialects.data.semantics import compare, equal, identity_of
from kumeo.dialects.registry import make_context
from kumeo.dialects.text import KumeoParser
from tests.unit.dialects.data.strategies import data_types, json_values, typed_values

quick = settings(max_examples=80, deadline=None)


def text_of(module: ModuleOp, generic: bool) -> str:
    out = StringIO()
    Printer(out, print_generic_format=generic).print_op(module)
    return out.getvalue()


@quick
@given(data_types())
def test_type_text_reads_back(type: Attribute) -> None:
    assert KumeoParser(make_context(), str(type)).parse_type() == type


@quick
@given(typed_values())
def test_constant_attribute_gives_the_value_back(typed: tuple[Attribute, Any]) -> None:
    type, value = typed
    again = from_attribute(to_attribute(value, type), type)
    assert to_attribute(again, type) == to_attribute(value, type)


@quick
@given(typed_values())
def test_constant_text_reads_back_in_both_forms(typed: tuple[Attribute, Any]) -> None:
    type, value = typed
    module = ModuleOp([ConstantOp.of(value, type)])
    module.verify()
    for generic in (False, True):
        again = KumeoParser(make_context(), text_of(module, generic)).parse_module()
        again.verify()
        assert module.is_structurally_equivalent(again)


@quick
@given(typed_values(finite=True))
def test_json_decode_reverses_encode(typed: tuple[Attribute, Any]) -> None:
    type, value = typed
    again = decode(encode(value, type), type)
    assert to_attribute(again, type) == to_attribute(value, type)


@quick
@given(json_values(), json_values())
def test_json_identity_agrees_with_equality(a: Any, b: Any) -> None:
    assert equal(a, b) == (identity_of(a) == identity_of(b))
    assert equal(a, a)


@quick
@given(json_values())
def test_json_equal_constants_compare_equal_after_folding(value: Any) -> None:
    constant = ConstantOp.of(value, JSON)
    assert CompareOp("eq", constant, constant).fold() == (to_attribute(True, EQ_TYPE),)


EQ_TYPE = CompareOp("eq", ConstantOp.of(None, JSON), ConstantOp.of(None, JSON)).result.type


def test_compare_enum_follows_declaration() -> None:
    level = EnumType.of("zero", "a")
    assert compare("lt", "zero", "a", level)
    assert not compare("lt", "a", "zero", level)
