"""Constructors of the workflow dialect and their effect facts."""

import pytest
from xdsl.dialects.builtin import IntegerAttr, StringAttr, f64, i1
from xdsl.ir import Block, Region
from xdsl.utils.exceptions import VerifyException

from kumeo.dialects.data import ConstantOp
from kumeo.dialects.data.types import EnumType, ListType
from kumeo.dialects.facts import ACTS, PURE, facts_of
from kumeo.dialects.workflow import (
    ERROR_TYPE,
    ConfigOp,
    EmitOp,
    ForeachOp,
    IfOp,
    MatchOp,
    OnOp,
    ReturnOp,
    SourceOp,
    SubworkflowOp,
    TryOp,
    WorkflowOp,
    YieldOp,
)


def true() -> ConstantOp:
    return ConstantOp(IntegerAttr(1, i1), i1)


def test_if_without_else_yields_nothing_there() -> None:
    op = IfOp(true(), [], Region(Block([YieldOp()])))
    assert [type(inner) for inner in op.else_region.block.ops] == [YieldOp]
    op.verify()


def test_match_without_default_gets_an_empty_region() -> None:
    subject = ConstantOp(StringAttr("a"), EnumType.of("a"))
    op = MatchOp(subject, [[StringAttr("a")]], [], [Region(Block([YieldOp()]))])
    assert op.default_region is None
    assert len(op.case_regions) == 1
    op.verify()


def test_foreach_without_region_takes_one_item() -> None:
    items = Block(arg_types=[ListType(f64)]).args[0]
    assert ForeachOp(items).item.type == f64


def test_try_without_handler_takes_the_error() -> None:
    assert TryOp().error.type == ERROR_TYPE


def test_subworkflow_names_its_arguments() -> None:
    op = SubworkflowOp("f", [f64], [], arg_names=["amount"])
    assert op.body.block.args[0].name_hint == "amount"


def test_names_of_symbols_come_without_at_sign() -> None:
    on = OnOp(["a", "b"], "errors", Region(Block(arg_types=[f64])))
    assert (on.source_names, on.on_error_name) == (("a", "b"), "errors")
    emit = EmitOp(on.event, "out", "site")
    assert (emit.target_name, emit.site) == ("out", "site")


def test_settings_take_plain_data() -> None:
    source = SourceOp("s", "nats", "a.b", f64, {"ack_wait_s": 30, "tags": ["x"]}, key="card")
    assert str(source.settings) == '{ack_wait_s = 30 : i64, tags = ["x"]}'
    assert source.key == StringAttr("card")


def test_workflow_keeps_only_the_sections_it_is_given() -> None:
    workflow = WorkflowOp("W", budget={"usd": 1.0})
    assert workflow.budget is not None
    assert workflow.deployment is None


def test_config_is_dynamic_only_when_said() -> None:
    value = IntegerAttr(1, i1)
    assert not ConfigOp("a", value, i1).is_dynamic
    assert ConfigOp("a", value, i1, dynamic=True).is_dynamic


def test_facts_if_with_emit_acts() -> None:
    condition = true()
    emit = EmitOp(condition, "t", "t")
    assert facts_of(IfOp(condition, [], Region(Block([emit, YieldOp()])))) == ACTS


def test_facts_if_without_effect_is_pure() -> None:
    assert facts_of(IfOp(true(), [], Region(Block([YieldOp()])))) == PURE


def test_return_in_body_with_values_is_rejected() -> None:
    block = Block(arg_types=[f64])
    block.add_op(ReturnOp([block.args[0]]))
    OnOp(["s"], None, Region(block))
    with pytest.raises(VerifyException, match="returns no values"):
        block.first_op.verify_()  # type: ignore[union-attr]
