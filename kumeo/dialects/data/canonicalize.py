"""Rewrites of `data` operations that need a new operation; the others are folds (`simplify`).

Each keeps failures: a value that may fail is never dropped, and none is added.
"""

from typing import Any

from xdsl.ir import Attribute, Operation
from xdsl.pattern_rewriter import PatternRewriter, RewritePattern, op_type_rewrite_pattern

from kumeo.dialects.base import replace_keeping_location
from kumeo.dialects.data.casts import cast_between
from kumeo.dialects.data.failure import never_fails
from kumeo.dialects.data.ops_calls import CastOp
from kumeo.dialects.data.ops_collections import LenOp, ListOp
from kumeo.dialects.data.ops_options import CoalesceOp, IsSomeOp, SomeOp
from kumeo.dialects.data.ops_records import GetOp, SetOp
from kumeo.dialects.data.ops_scalars import CompareOp, NotOp
from kumeo.dialects.data.ops_values import ConstantOp
from kumeo.dialects.data.types import FLOAT, EnumType, OptionType

OPPOSITE = {"eq": "ne", "ne": "eq", "lt": "ge", "ge": "lt", "gt": "le", "le": "gt"}


def replace_by_constant(rewriter: PatternRewriter, op: Operation, value: Any) -> None:
    """Replace `op` by a constant at its place."""
    constant = ConstantOp.of(value, op.results[0].type)
    replace_keeping_location(rewriter, op, constant)


class ReadThroughSet(RewritePattern):
    """`get (set r "a" x) "b"` reads `r`, if `x` cannot fail."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: GetOp, rewriter: PatternRewriter, /) -> None:
        """Skip a change of another field."""
        changed = op.base.owner
        if not isinstance(changed, SetOp) or changed.field == op.field:
            return
        if never_fails(changed.value):
            replace_keeping_location(rewriter, op, GetOp(changed.base, op.field.data))


class ReadInsideSome(RewritePattern):
    """`get (some r) "a"` is `some (get r "a")`, or `get r "a"` if the field is nullable."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: GetOp, rewriter: PatternRewriter, /) -> None:
        """Read the record, then wrap the field."""
        wrapped = op.base.owner
        if not isinstance(wrapped, SomeOp):
            return
        field = GetOp(wrapped.value, op.field.data)
        is_wrapped = field.result.type == op.result.type
        new_ops = (field,) if is_wrapped else (field, SomeOp(field))
        replace_keeping_location(rewriter, op, new_ops)


class MergeCasts(RewritePattern):
    """Two casts are one where the first only makes an option, or names an enum by its text."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: CastOp, rewriter: PatternRewriter, /) -> None:
        """Cast the first value directly, or not at all."""
        first = op.value.owner
        if not isinstance(first, CastOp):
            return
        source, target = first.value.type, op.result.type
        if isinstance(source, EnumType) and source == target and not first.can_fail():
            replace_keeping_location(rewriter, op, (), [first.value])
        elif _wraps(source, first.result.type) and cast_between(source, target) is not None:
            replace_keeping_location(rewriter, op, CastOp(first.value, target))


def _wraps(source: Attribute, target: Attribute) -> bool:
    return isinstance(target, OptionType) and target.inner == source


class CastIntoOption(RewritePattern):
    """A cast from `T` to `T?` is `data.some`, which other rewrites understand."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: CastOp, rewriter: PatternRewriter, /) -> None:
        """Wrap the value."""
        if _wraps(op.value.type, op.result.type):
            replace_keeping_location(rewriter, op, SomeOp(op.value))


class CastInsideSome(RewritePattern):
    """A total cast of `some x` to an option is `some` of the cast value."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: CastOp, rewriter: PatternRewriter, /) -> None:
        """Cast the value itself; the cast to the option does the wrapping."""
        wrapped, target = op.value.owner, op.result.type
        if isinstance(wrapped, SomeOp) and isinstance(target, OptionType):
            replace_keeping_location(rewriter, op, CastOp(wrapped.value, target))


class KnowSome(RewritePattern):
    """`is_some (some x)` holds, if `x` cannot fail."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: IsSomeOp, rewriter: PatternRewriter, /) -> None:
        """Answer without looking at the value."""
        wrapped = op.value.owner
        if isinstance(wrapped, SomeOp) and never_fails(wrapped.value):
            replace_by_constant(rewriter, op, True)


class UnwrapKnownCoalesce(RewritePattern):
    """`coalesce` of a constant that is not null is that constant without its option."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: CoalesceOp, rewriter: PatternRewriter, /) -> None:
        """Make the constant of the inner type."""
        known = op.value.owner
        if not isinstance(known, ConstantOp) or isinstance(op.result.type, OptionType):
            return
        value = known.evaluate()
        if value is not None:
            replace_by_constant(rewriter, op, value)


class NegateComparison(RewritePattern):
    """`not (a < b)` is `a >= b`, except for floats, where NaN makes both false."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: NotOp, rewriter: PatternRewriter, /) -> None:
        """Compare by the opposite predicate."""
        compared = op.value.owner
        if not isinstance(compared, CompareOp):
            return
        predicate = compared.predicate.data
        if predicate in ("eq", "ne") or compared.lhs.type != FLOAT:
            opposite = CompareOp(OPPOSITE[predicate], compared.lhs, compared.rhs)
            replace_keeping_location(rewriter, op, opposite)


class CountListItems(RewritePattern):
    """The length of `data.list` is known, if no item can fail."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: LenOp, rewriter: PatternRewriter, /) -> None:
        """Answer without making the list."""
        made = op.value.owner
        if isinstance(made, ListOp) and all(map(never_fails, made.values)):
            replace_by_constant(rewriter, op, len(made.values))


PATTERNS: dict[type[Operation], tuple[RewritePattern, ...]] = {
    GetOp: (ReadThroughSet(), ReadInsideSome()),
    CastOp: (MergeCasts(), CastIntoOption(), CastInsideSome()),
    IsSomeOp: (KnowSome(),),
    CoalesceOp: (UnwrapKnownCoalesce(),),
    NotOp: (NegateComparison(),),
    LenOp: (CountListItems(),),
}


def patterns_of(op: type[Operation]) -> tuple[RewritePattern, ...]:
    """Return the patterns whose root is `op`."""
    return PATTERNS.get(op, ())
