"""Transfer functions: what the result of a `data` op can be, given what its operands can be.

Each function holds for values that are no failures: an op that fails gives no value to reason
about. An op that is not listed gives every value of its type.
"""

import math
from collections.abc import Callable, Mapping, Sequence

from xdsl.ir import Operation

from kumeo.analysis.domains.numbers import Numbers
from kumeo.analysis.domains.terms import COMPUTED_FLOAT
from kumeo.analysis.domains.values import (
    ANYTHING,
    TRUTHS,
    Domain,
    Fields,
    Maybe,
    Names,
    Texts,
    exactly,
    is_empty,
    join,
    meet,
    satisfying,
    top_of,
    truth,
    whole,
)
from kumeo.dialects import data
from kumeo.dialects.data.constants import INT_MAX, constant_value
from kumeo.dialects.data.types import FLOAT, INT, EnumType, RecordType

Parts = Sequence[Domain]


def result_domain(op: Operation, parts: Parts) -> Domain:
    """Return what the result of a pure op without regions can be."""
    rule = _RULES.get(type(op))
    kind = op.results[0].type
    found = ANYTHING if rule is None else rule(op, parts)
    if kind == FLOAT:
        return COMPUTED_FLOAT if found is ANYTHING else found
    return meet(top_of(kind), found)


def _constant(op: Operation, parts: Parts) -> Domain:
    known = constant_value(op.results[0])
    return ANYTHING if known is None else exactly(known[0], op.results[0].type)


def _record(op: Operation, parts: Parts) -> Domain:
    kind = op.results[0].type
    names = kind.names if isinstance(kind, RecordType) else ()
    return Fields(dict(zip(names, parts, strict=False)))


def _get(op: Operation, parts: Parts) -> Domain:
    assert isinstance(op, data.GetOp)
    base, result = parts[0], top_of(op.result.type)
    if isinstance(base, Fields):
        return base.fields.get(op.field.data, result)
    if not isinstance(base, Maybe) or not isinstance(result, Maybe):
        return result
    if base.inner is None:
        return Maybe(base.null, None)
    held = base.inner.fields.get(op.field.data) if isinstance(base.inner, Fields) else None
    return _optional(held, base.null) if held is not None else result


def _optional(held: Domain, null: bool) -> Domain:
    if isinstance(held, Maybe):
        return Maybe(held.null or null, held.inner)
    return Maybe(null, held)


def _some(op: Operation, parts: Parts) -> Domain:
    return Maybe(False, parts[0])


def _none(op: Operation, parts: Parts) -> Domain:
    return Maybe(True, None)


def _unwrap(op: Operation, parts: Parts) -> Domain:
    held = parts[0].inner if isinstance(parts[0], Maybe) else None
    return ANYTHING if held is None else held


def _coalesce(op: Operation, parts: Parts) -> Domain:
    value, default = parts
    if not isinstance(value, Maybe):
        return ANYTHING
    if isinstance(default, Maybe):
        return join(Maybe(False, value.inner), default) if value.null else value
    if value.inner is None:
        return default
    return join(value.inner, default) if value.null else value.inner


def _is_some(op: Operation, parts: Parts) -> Domain:
    if not isinstance(parts[0], Maybe):
        return ANYTHING
    held = parts[0].inner is not None
    return Names(frozenset(t for t in TRUTHS if (held if t else parts[0].null)), TRUTHS)


def _compare(op: Operation, parts: Parts) -> Domain:
    assert isinstance(op, data.CompareOp)
    predicate = op.predicate.data
    possible = [
        holds for holds in TRUTHS if not is_empty(satisfying(predicate, parts[0], parts[1], holds))
    ]
    return Names(frozenset(possible), TRUTHS)


def _logic(deciding: bool) -> Callable[[Operation, Parts], Domain]:
    def rule(op: Operation, parts: Parts) -> Domain:
        if truth(deciding) in parts:
            return truth(deciding)
        if all(part == truth(not deciding) for part in parts):
            return truth(not deciding)
        return ANYTHING

    return rule


def _not(op: Operation, parts: Parts) -> Domain:
    if not isinstance(parts[0], Names):
        return ANYTHING
    return Names(frozenset(not value for value in parts[0].values), TRUTHS)


def _select(op: Operation, parts: Parts) -> Domain:
    condition, chosen, other = parts
    if condition == truth(True):
        return chosen
    return other if condition == truth(False) else join(chosen, other)


def _len(op: Operation, parts: Parts) -> Domain:
    return whole(0, INT_MAX)


def _cast(op: Operation, parts: Parts) -> Domain:
    assert isinstance(op, data.CastOp)
    source, target, value = op.value.type, op.result.type, parts[0]
    if source == target:
        return value
    if source == INT and target == FLOAT and isinstance(value, Numbers):
        return Numbers.of(value.parts, nan=value.nan)
    if isinstance(source, EnumType) and target == data.STR and isinstance(value, Names):
        return Texts(frozenset(value.values))
    if isinstance(target, data.OptionType) and target.inner == source:
        return Maybe(False, value)
    return ANYTHING


def _arithmetic(combine: Callable[[float, float], float]) -> Callable[[Operation, Parts], Domain]:
    def rule(op: Operation, parts: Parts) -> Domain:
        a, b = parts
        is_float = op.results[0].type == FLOAT
        if not isinstance(a, Numbers) or not isinstance(b, Numbers):
            return Numbers.between(-math.inf, math.inf, nan=is_float)
        nan = a.nan or b.nan
        ends = [(x, y) for x in (a.low, a.high) for y in (b.low, b.high)]
        finite = all(math.isfinite(x) and math.isfinite(y) for x, y in ends)
        if not finite:
            # The difference of two infinities is NaN, and other ends tell nothing either.
            return Numbers.between(-math.inf, math.inf, nan=is_float)
        values = [combine(x, y) for x, y in ends]
        return Numbers.between(min(values), max(values), integral=not is_float, nan=nan)

    return rule


def _neg(op: Operation, parts: Parts) -> Domain:
    value = parts[0]
    if not isinstance(value, Numbers) or not value.parts:
        return ANYTHING
    return Numbers.between(-value.high, -value.low, integral=value.integral, nan=value.nan)


_RANGES: Mapping[str, Domain] = {
    "hour": whole(0, 23),
    "minute": whole(0, 59),
    "day": whole(1, 31),
    "month": whole(1, 12),
    "year": whole(1, 9999),
    "weekday": whole(1, 7),
}


def _call(op: Operation, parts: Parts) -> Domain:
    assert isinstance(op, data.CallOp)
    name = op.function.data
    if name in _RANGES:
        return _RANGES[name]
    if op.result.type == FLOAT:
        return _float_call(name, parts)
    if name == "abs" and op.result.type == INT:
        return whole(0, INT_MAX)
    return _clamped(name, parts)


def _float_call(name: str, parts: Parts) -> Domain:
    nan = any(not isinstance(p, Numbers) or p.nan for p in parts) or name not in ("abs", "clamp")
    found = Numbers.between(0, math.inf) if name in ("abs", "sqrt") else _clamped(name, parts)
    if isinstance(found, Numbers):
        return Numbers(found.parts, nan, found.integral)
    return Numbers.between(-math.inf, math.inf, nan=nan)


def _clamped(name: str, parts: Parts) -> Domain:
    """Return the range of `clamp(x, low, high)`, `min(a, b)` and `max(a, b)`."""
    numbers = [part for part in parts if isinstance(part, Numbers) and part.parts]
    if len(numbers) != len(parts):
        return ANYTHING
    integral = all(part.integral for part in numbers)
    if name == "clamp" and len(numbers) == 3:
        return Numbers.between(numbers[1].low, numbers[2].high, integral=integral)
    if name in ("min", "max") and len(numbers) == 2:
        pick = min if name == "min" else max
        low = pick(part.low for part in numbers)
        return Numbers.between(low, pick(part.high for part in numbers), integral=integral)
    return ANYTHING


_RULES: Mapping[type[Operation], Callable[[Operation, Parts], Domain]] = {
    data.ConstantOp: _constant,
    data.RecordOp: _record,
    data.GetOp: _get,
    data.SomeOp: _some,
    data.NoneOp: _none,
    data.UnwrapOp: _unwrap,
    data.CoalesceOp: _coalesce,
    data.IsSomeOp: _is_some,
    data.CompareOp: _compare,
    data.AndOp: _logic(False),
    data.OrOp: _logic(True),
    data.NotOp: _not,
    data.SelectOp: _select,
    data.LenOp: _len,
    data.CastOp: _cast,
    data.AddOp: _arithmetic(lambda a, b: a + b),
    data.SubOp: _arithmetic(lambda a, b: a - b),
    data.MulOp: _arithmetic(lambda a, b: a * b),
    data.NegOp: _neg,
    data.CallOp: _call,
}
