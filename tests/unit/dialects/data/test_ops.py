"""Constructors, facts, failures and locations of the operations."""

import re
from pathlib import Path

import pytest
from xdsl.context import Context
from xdsl.dialects import test
from xdsl.dialects.builtin import Builtin, FileLineColLoc, IntAttr, ModuleOp, StringAttr
from xdsl.ir import Block, Region
from xdsl.parser import Parser
from xdsl.transforms.canonicalize import CanonicalizePass
from xdsl.utils.exceptions import VerifyException

from kumeo.dialects.base import at
from kumeo.dialects.data import (
    BOOL,
    DATA,
    FLOAT,
    INT,
    JSON,
    STR,
    AddOp,
    AllOp,
    CallOp,
    CastOp,
    CompareOp,
    ConstantOp,
    DivOp,
    GetOp,
    ListOp,
    ListType,
    MapListOp,
    OptionType,
    RecordOp,
    RecordType,
    RequireOp,
    SomeOp,
    UnwrapOp,
    YieldOp,
    from_attribute,
    to_attribute,
)
from kumeo.dialects.data.failure import never_fails
from kumeo.dialects.data.functions import FUNCTIONS, resolve, result_of
from kumeo.dialects.facts import ACTS, PURE, facts_of

ONE = ConstantOp.of(1, INT)
HALF = ConstantOp.of(0.5, FLOAT)


def item_region(*, can_fail: bool) -> Region:
    block = Block(arg_types=[INT])
    made = AddOp(block.args[0], block.args[0]) if can_fail else SomeOp(block.args[0])
    block.add_ops([made, YieldOp([made])])
    return Region(block)


def test_constructor_takes_operations_and_values() -> None:
    assert AddOp(ONE, ONE.result).result.type == INT


def test_constructor_wrong_operands_leaves_no_use() -> None:
    one = ConstantOp.of(1, INT)
    with pytest.raises(VerifyException, match="no meaning on i64 and f64"):
        AddOp(one, HALF)
    assert not one.result.uses


def test_map_infers_the_list_of_what_it_yields() -> None:
    numbers = ConstantOp.of([1], ListType(INT))
    assert MapListOp(numbers, item_region(can_fail=False)).result.type == ListType(OptionType(INT))


def test_facts_total_op_is_speculatable() -> None:
    assert facts_of(CompareOp("lt", ONE, ONE)) == PURE


@pytest.mark.parametrize(
    "op",
    [
        AddOp(ONE, ONE),
        DivOp(HALF, ConstantOp.of(0.0, FLOAT)),
        UnwrapOp(ConstantOp.of(None, OptionType(INT))),
        RequireOp(ConstantOp.of(False, BOOL), ONE, "no", "never"),
        GetOp(ConstantOp.of(None, JSON), "a"),
        CastOp(HALF, INT),
        CallOp("sqrt", [HALF]),
        MapListOp(ConstantOp.of([1], ListType(INT)), item_region(can_fail=True)),
    ],
    ids=lambda op: op.name,
)
def test_facts_failing_op_is_not_speculatable(op: AddOp) -> None:
    assert facts_of(op) == PURE._replace(speculatable=False)


def test_facts_division_by_a_known_number_is_speculatable() -> None:
    assert facts_of(DivOp(HALF, HALF)).speculatable


def test_facts_map_of_total_ops_is_speculatable() -> None:
    numbers = ConstantOp.of([1], ListType(INT))
    assert facts_of(MapListOp(numbers, item_region(can_fail=False))) == PURE


def test_facts_unknown_op_acts() -> None:
    assert facts_of(test.TestOp()) == ACTS


def test_never_fails_sees_through_total_ops() -> None:
    assert never_fails(SomeOp(CompareOp("lt", ONE, ONE)).result)


def test_never_fails_foreign_value_is_unknown() -> None:
    assert not never_fails(test.TestOp(result_types=[INT]).results[0])


def test_never_fails_op_that_can_fail_is_unknown() -> None:
    assert not never_fails(AddOp(ONE, ONE).result)


def test_never_fails_item_of_a_list_holds_no_failure() -> None:
    mapped = MapListOp(ConstantOp.of([1], ListType(INT)), item_region(can_fail=False))
    assert never_fails(mapped.item)


def test_never_fails_is_bounded_on_long_chains() -> None:
    value = CompareOp("lt", ONE, ONE).result
    for _ in range(50):
        value = CompareOp("eq", value, value).result
    assert not never_fails(value)


def test_canonicalize_pattern_keeps_the_location() -> None:
    place = FileLineColLoc(StringAttr("a.kumeo"), IntAttr(3), IntAttr(7))
    source = test.TestOp(result_types=[FLOAT])
    cast = at(CastOp(source.results[0], OptionType(FLOAT)), place)
    module = ModuleOp([source, cast, test.TestOp(operands=[cast.result])])
    CanonicalizePass().apply(context(), module)
    made = list(module.ops)[1]
    assert isinstance(made, SomeOp)
    assert made.location == place


def test_plain_xdsl_parser_reads_text_outside_ascii() -> None:
    module = Parser(context(), str(ModuleOp([ConstantOp.of("é\n", STR)]))).parse_module()
    constant = module.body.block.first_op
    assert isinstance(constant, ConstantOp)
    assert constant.evaluate() == "é\n"


def test_print_op_that_does_not_verify_gives_text() -> None:
    empty = MapListOp.create(
        operands=[ONE.result], result_types=[ListType(INT)], regions=[Region(Block())]
    )
    record = RecordOp([ONE], RecordType({}))
    assert "data.map" in str(empty)
    assert "data.record" in str(record)


def test_documentation_examples_verify() -> None:
    page = (Path(__file__).parents[4] / "docs" / "dialects" / "data.md").read_text(encoding="utf-8")
    examples = re.findall(r"```mlir\n(.*?)```", page, re.DOTALL)
    assert examples
    for example in examples:
        Parser(context(), example).parse_module().verify()


def context() -> Context:
    ctx = Context()
    for dialect in (Builtin, DATA, test.Test):
        ctx.load_dialect(dialect)
    return ctx


@pytest.mark.parametrize(
    ("value", "type"),
    [
        (True, INT),
        (1, BOOL),
        (1, FLOAT),
        (2**63, INT),
        ("\ud800", STR),
        ({"a": 1}, RecordType.of({"b": INT})),
        (float("nan"), JSON),
        (2**70, JSON),
    ],
)
def test_to_attribute_value_of_another_type_is_rejected(value: object, type: OptionType) -> None:
    with pytest.raises(ValueError, match=r"."):
        to_attribute(value, type)


def test_fold_doubling_text_stops_growing() -> None:
    text = ConstantOp.of("x" * 3000, STR)
    assert CallOp("join", [ListOp([text, text], STR), text]).fold() is None


def test_fold_all_leaves_regions_alone() -> None:
    block = Block(arg_types=[INT])
    truth = ConstantOp.of(True, BOOL)
    block.add_ops([truth, YieldOp([truth])])
    assert AllOp(ConstantOp.of([1], ListType(INT)), Region(block)).fold() is None


def test_record_evaluates_in_field_order() -> None:
    record = RecordOp([ONE, HALF], RecordType.of({"b": INT, "a": FLOAT}))
    assert list(record.evaluate(1, 0.5)) == ["b", "a"]
    folded = record.fold()
    assert folded is not None
    assert from_attribute(to_attribute({"b": 1, "a": 0.5}, record.result.type), record.result.type)


def test_resolve_widens_arguments() -> None:
    found = resolve("sqrt", [INT])
    assert found is not None
    assert found.parameters == (FLOAT,)
    assert result_of("sqrt", [INT]) is None


def test_resolve_json_argument_is_decoded() -> None:
    found = resolve("lower", [JSON])
    assert found is not None
    assert found.parameters == (STR,)


def test_resolve_text_does_not_become_json() -> None:
    assert resolve("to_string", [ListType(INT)]) is None


def test_functions_every_name_is_its_key() -> None:
    assert all(name == function.name for name, function in FUNCTIONS.items())
