"""Operations of the `data` dialect as Python expressions.

Each rule returns the expression of an op that all its operands allow. What can fail calls a checked
function of the runtime (`f.add`), which gives a value or a failure; what cannot is plain Python.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from xdsl.ir import Attribute, Operation

from kumeo.backends.python import arithmetic
from kumeo.backends.python.arithmetic import Reader, Rule
from kumeo.backends.python.casts import cast_expr
from kumeo.backends.python.code import (
    ADD,
    AND,
    ATOM,
    COMPARE,
    NOT,
    OR,
    Expr,
    attribute,
    binary,
    call,
    choice,
    listing,
    literal,
    mapping,
    name,
    total,
    tupled,
)
from kumeo.backends.python.literals import constant_expr, is_null, record_expr
from kumeo.backends.python.proofs import PLAIN
from kumeo.dialects import data
from kumeo.dialects.agent import FailureOfOp
from kumeo.dialects.data import (
    BOOL,
    INT,
    STR,
    TIME,
    EnumType,
    JsonType,
    ListType,
    MapType,
    OptionType,
    RecordType,
)
from kumeo.dialects.data.constants import constant_value, from_attribute
from kumeo.dialects.data.types import DURATION
from kumeo.dialects.workflow import NowOp, ReadConfigOp

# -- constants and records


def _constant(op: data.ConstantOp, p: Reader) -> Expr:
    return constant_expr(from_attribute(op.value, op.result.type), op.result.type, p.module)


def _record(op: data.RecordOp, p: Reader) -> Expr:
    fields = {key: p.expr(value) for key, value in zip(op.names, op.values, strict=True)}
    return record_expr(op.result.type, fields, p.module)


def _get(op: data.GetOp, p: Reader) -> Expr:
    base, kind = p.expr(op.base), op.base.type
    if isinstance(kind, JsonType):
        return call("f.get_json", [base, literal(op.field.data)], fails=True)
    if isinstance(kind, OptionType):
        inner = attribute(base, p.module.types.attribute_of(kind.inner, op.field.data))
        return choice(is_null(base), literal(None), inner).guarded(base)
    return attribute(base, p.module.types.attribute_of(kind, op.field.data))


def _set(op: data.SetOp, p: Reader) -> Expr:
    base, value, kind = p.expr(op.base), p.expr(op.value), op.base.type
    if not isinstance(kind, RecordType):
        return call("f.set_json", [base, literal(op.field.data), value], fails=True)
    fields = {
        key: value
        if key == op.field.data
        else attribute(base, p.module.types.attribute_of(kind, key))
        for key in kind.names
    }
    return record_expr(kind, fields, p.module).guarded(base, value)


# -- options


def _same(op: data.SomeOp, p: Reader) -> Expr:
    return p.expr(op.value)


def _none(op: data.NoneOp, p: Reader) -> Expr:
    return literal(None)


def _is_some(op: data.IsSomeOp, p: Reader) -> Expr:
    value = p.expr(op.value)
    if p.is_constant(op.value):
        return literal(value.text != "None")
    return binary(value, "is not", literal(None), COMPARE)


def _unwrap(op: data.UnwrapOp, p: Reader) -> Expr:
    return call("f.unwrap", [p.expr(op.value)], fails=True)


def _require(op: data.RequireOp, p: Reader) -> Expr:
    texts = [literal(op.code.data), literal(op.message.data)]
    return call("f.require", [p.expr(op.condition), p.expr(op.value), *texts], fails=True)


def _coalesce(op: data.CoalesceOp, p: Reader) -> Expr:
    value, default = p.expr(op.value), p.expr(op.default)
    if not value.is_path:  # Only a constant has no name here.
        return default if value.text == "None" else value
    return choice(is_null(value), _unchecked(default, value), value)


def _unchecked(value: Expr, before: Expr) -> Expr:
    """Return a value that is read only behind the guards of another one."""
    left = tuple(guard for guard in value.guards if guard not in before.guards)
    return total(replace(value, guards=left))


# -- scalars


def _compare(op: data.CompareOp, p: Reader) -> Expr:
    left, right, kind = p.expr(op.lhs), p.expr(op.rhs), op.lhs.type
    sign = _SIGNS[op.predicate.data]
    if op.predicate.data in ("eq", "ne"):
        if kind == BOOL and p.is_constant(op.rhs):
            is_same = (right.text == "True") == (sign == "==")
            return left if is_same else negated(left)
        if _is_plain(kind):
            return binary(left, sign, right, COMPARE)
        same = call("f.equal", [left, right])
        return same if sign == "==" else negated(same)
    if isinstance(kind, EnumType):
        return _by_rank(op, sign, left, right, kind)
    return binary(left, sign, right, COMPARE)


_SIGNS = {"eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}


def _is_plain(kind: Attribute) -> bool:
    """Say whether Python's own equality is that of the language."""
    if isinstance(kind, OptionType):
        return _is_plain(kind.inner)
    return not isinstance(kind, ListType | MapType | RecordType | JsonType)


def _by_rank(op: data.CompareOp, sign: str, left: Expr, right: Expr, kind: EnumType) -> Expr:
    names = tupled([literal(each) for each in kind.names])
    known = constant_value(op.rhs)
    if known is None:
        ranks = [call("f.rank", [each, names]) for each in (left, right)]
        return binary(ranks[0], sign, ranks[1], COMPARE)
    position = kind.names.index(known[0])
    chosen = {
        "<": kind.names[:position],
        "<=": kind.names[: position + 1],
        ">": kind.names[position + 1 :],
        ">=": kind.names[position:],
    }[sign]
    if len(chosen) == 1:
        return binary(left, "==", literal(chosen[0]), COMPARE)
    return binary(left, "in", tupled([literal(each) for each in chosen]), COMPARE)


def negated(value: Expr) -> Expr:
    """Return the opposite of a condition."""
    return Expr(f"not {value.at(NOT)}", NOT).guarded(value)


def _lazy(word: str, level: int) -> Rule:
    def rule(op: Any, p: Reader) -> Expr:
        left, right = p.expr(op.lhs), p.expr(op.rhs)
        if left.text in ("True", "False"):
            return left if (left.text == "True") == (word == "or") else right
        open_right = _unchecked(right, left)
        result = binary(left, word, open_right, level)
        is_failing = open_right.fails
        return replace(result, guards=left.guards, fails=is_failing)

    return rule


def _not(op: data.NotOp, p: Reader) -> Expr:
    return negated(p.expr(op.value))


def _select(op: data.SelectOp, p: Reader) -> Expr:
    condition = p.expr(op.condition)
    yes, no = (_unchecked(p.expr(each), condition) for each in (op.lhs, op.rhs))
    return choice(condition, yes, no)


def _concat(op: data.ConcatOp, p: Reader) -> Expr:
    return binary(p.expr(op.lhs), "+", p.expr(op.rhs), ADD)


# -- collections


def _list(op: data.ListOp, p: Reader) -> Expr:
    return listing([p.expr(value) for value in op.values])


def _map(op: data.MapOp, p: Reader) -> Expr:
    return mapping([(k, p.expr(value)) for k, value in zip(op.names, op.values, strict=True)])


def _index(op: data.IndexOp, p: Reader) -> Expr:
    arguments = [p.expr(op.base), p.expr(op.index)]
    if p.proves(op):
        base, place = arguments
        return Expr(f"{base.at(ATOM)}[{place.text}]", is_path=base.is_path).guarded(base, place)
    if isinstance(op.base.type, MapType):
        return call("f.lookup", arguments)
    function = "f.index_json" if isinstance(op.base.type, JsonType) else "f.index"
    return call(function, arguments, fails=True)


def _len(op: data.LenOp, p: Reader) -> Expr:
    is_json = isinstance(op.value.type, JsonType)
    return call("f.length_json" if is_json else "len", [p.expr(op.value)], fails=is_json)


def _contains(op: data.ContainsOp, p: Reader) -> Expr:
    container, item = p.expr(op.container), p.expr(op.item)
    kind = op.container.type
    if isinstance(kind, JsonType):
        return call("f.contains_json", [container, item], fails=True)
    if kind == STR or isinstance(kind, MapType):
        return _held_in(item, container)
    if isinstance(kind, ListType) and _has_identity(kind.item):
        if p.is_constant(op.container) and container.call is not None:
            parts = [part.value for part in container.call.arguments]
            container = tupled(parts) if parts else Expr("()")
        return _held_in(item, container)
    return call("f.contains", [container, item])


def _held_in(item: Expr, container: Expr) -> Expr:
    return binary(item, "in", container, COMPARE).guarded(container, item)


def _has_identity(kind: Attribute) -> bool:
    """Say whether `==` of Python decides membership: there is no NaN, no part that is json."""
    return kind in (STR, INT, TIME, DURATION, BOOL) or isinstance(kind, EnumType)


# -- calls


def _format(op: data.FormatOp, p: Reader) -> Expr:
    template = p.module.template(op)
    return call(template, [p.expr(value) for value in op.values], fails=True)


def _call(op: data.CallOp, p: Reader) -> Expr:
    function, arguments = op.function.data, [p.expr(value) for value in op.arguments]
    kinds = [value.type for value in op.arguments]
    if p.proves(op):
        return call(f"f.{PLAIN[function]}", arguments)
    if function == "to_string" and isinstance(kinds[0], JsonType):
        return call("f.json_text", arguments)
    if function == "sum":
        arguments.append(constant_expr(0, op.result.type, p.module))
    return call(f"f.{function}", arguments, fails=op.can_fail())


def _cast(op: data.CastOp, p: Reader) -> Expr:
    return cast_expr(p.expr(op.value), op.value.type, op.result.type, p.module)


# -- what is read from the activation


def _now(op: NowOp, p: Reader) -> Expr:
    return Expr("act.now")


def _config(op: ReadConfigOp, p: Reader) -> Expr:
    return Expr(f"act.config.{p.module.config_name(op.config_name)}")


def _failure_of(op: FailureOfOp, p: Reader) -> Expr:
    """Return the failure that a value is: where that is known, just its name."""
    found = p.expr(op.value)
    if found.guards and found.guards[0] == found.text:
        return found
    return total(replace(name("NO_FAILURE"), guards=found.guards))


RULES: Mapping[type[Operation], Rule] = {
    FailureOfOp: _failure_of,
    data.ConstantOp: _constant,
    data.RecordOp: _record,
    data.GetOp: _get,
    data.SetOp: _set,
    data.SomeOp: _same,
    data.NoneOp: _none,
    data.IsSomeOp: _is_some,
    data.RequireOp: _require,
    data.UnwrapOp: _unwrap,
    data.CoalesceOp: _coalesce,
    data.CompareOp: _compare,
    **arithmetic.RULES,
    data.AndOp: _lazy("and", AND),
    data.OrOp: _lazy("or", OR),
    data.NotOp: _not,
    data.SelectOp: _select,
    data.ConcatOp: _concat,
    data.ListOp: _list,
    data.MapOp: _map,
    data.IndexOp: _index,
    data.LenOp: _len,
    data.ContainsOp: _contains,
    data.FormatOp: _format,
    data.CallOp: _call,
    data.CastOp: _cast,
    NowOp: _now,
    ReadConfigOp: _config,
}
