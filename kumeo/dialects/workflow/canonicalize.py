"""Canonicalization of the `workflow` dialect's control flow.

What is sound follows from the meaning of failures. A failure is a value; it counts only where an
emit, a condition that guards one, an acting agent or a `try` result reads it. So a rewrite may

- replace control flow by the region that certainly runs, if what decides is a constant: a constant
  never holds a failure, and program order, sites and iteration paths stay as they are;
- do so only if the regions that go may be forgotten (`forgetting.py`): an act that never runs still
  makes the failure of a condition around it count;
- drop a result that nobody reads, because an unread failure is no failure. Results of `try` are the
  exception: `try` reads its own results.

It may replace a result that all regions yield alike by that value only if the condition never
fails: the result of a failed condition is a failure, the value is not. Operations without effects
whose results are unread are removed by xDSL's dead code elimination, which sees that no region of
them emits or runs an agent.
"""

from collections.abc import Iterator, Sequence

from xdsl.dialects.builtin import ArrayAttr, IntegerAttr
from xdsl.ir import Attribute, Operation, Region, SSAValue
from xdsl.pattern_rewriter import PatternRewriter, RewritePattern, op_type_rewrite_pattern
from xdsl.rewriter import InsertPoint

from kumeo.dialects.base import at
from kumeo.dialects.data import BOOL, ConstantOp, EnumType, ListOp
from kumeo.dialects.data.failure import never_fails
from kumeo.dialects.facts import own_facts
from kumeo.dialects.workflow.control import ControlOp, ForeachOp, IfOp, TryOp, YieldOp
from kumeo.dialects.workflow.forgetting import may_forget
from kumeo.dialects.workflow.match import MatchOp
from kumeo.dialects.workflow.program import OnOp, SubworkflowOp


class InlineConstantIf(RewritePattern):
    """Replace an `if` of a constant by the region that runs.

    Sound: the condition is never a failure, so the region runs exactly once, in the same place.
    """

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: IfOp, rewriter: PatternRewriter, /) -> None:
        """Inline the region that the condition chooses."""
        value = constant_of(op.condition)
        if not isinstance(value, IntegerAttr):
            return
        _choose(op, op.then_region if value.value.data else op.else_region, rewriter)


class InlineConstantMatch(RewritePattern):
    """Replace a `match` of a constant by its case, or by the default region.

    Sound for the same reason as `InlineConstantIf`.
    """

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: MatchOp, rewriter: PatternRewriter, /) -> None:
        """Inline the region that the subject chooses."""
        value = constant_of(op.subject)
        if value is None:
            return
        chosen = _region_for(op, value)
        if chosen is not None:
            _choose(op, chosen, rewriter)


class InlineKnownIf(RewritePattern):
    """Replace an `if` inside an `if` of the same condition by the region that runs.

    Sound: the outer region runs only if the condition did not fail and has the one value.
    """

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: IfOp, rewriter: PatternRewriter, /) -> None:
        """Inline the region that the outer condition chooses."""
        for outer, region in _statements_around(op):
            if isinstance(outer, IfOp) and outer.condition is op.condition:
                runs = op.then_region if region is outer.then_region else op.else_region
                _choose(op, runs, rewriter)
                return


class InlineKnownMatch(RewritePattern):
    """Replace a `match` inside a case of a `match` of the same subject by the region that runs.

    Sound as `InlineKnownIf`, if every value of the outer case leads to the same region.
    """

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: MatchOp, rewriter: PatternRewriter, /) -> None:
        """Inline the region that all values of the outer case choose."""
        for outer, region in _statements_around(op):
            if not isinstance(outer, MatchOp) or outer.subject is not op.subject:
                continue
            cases = zip(outer.case_values, outer.case_regions, strict=True)
            known = [value for values, inside in cases if inside is region for value in values]
            chosen = {_region_for(op, value) for value in known}
            if len(chosen) == 1 and (runs := chosen.pop()) is not None:
                _choose(op, runs, rewriter)
                return


class InlineOnlyCase(RewritePattern):
    """Replace a `match` with one region by that region, if its subject never fails.

    Sound: every value leads to the region. A failed subject would lead to none.
    """

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: MatchOp, rewriter: PatternRewriter, /) -> None:
        """Inline the only region."""
        regions = [region for region in op.branches if region.blocks]
        if len(regions) == 1 and never_fails(op.subject):
            _inline(op, regions[0], rewriter)


class DropUnreachableDefault(RewritePattern):
    """Drop the default region of a `match` whose cases cover every value.

    Sound: it never runs, and the `match` itself goes on acting if its subject can fail.
    """

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: MatchOp, rewriter: PatternRewriter, /) -> None:
        """Empty the default region."""
        default = op.default_region
        if default is None or not _is_total(op) or not may_forget([default], op):
            return
        for inner in reversed(list(default.block.ops)):
            rewriter.erase(inner)
        default.detach_block(default.block).erase()
        rewriter.notify_op_modified(op)


class ForwardEqualResults(RewritePattern):
    """Replace a result that every region yields alike: the same outer value or equal constants.

    Sound if the condition never fails; a constant is made anew before the statement.
    """

    def match_and_rewrite(self, op: Operation, rewriter: PatternRewriter, /) -> None:
        """Read the value itself instead of the results."""
        if not isinstance(op, IfOp | MatchOp) or not never_fails(op.operands[0]):
            return
        ends = [region.block.last_op for region in op.regions if region.blocks]
        for index, result in enumerate(op.results):
            yielded = [end.operands[index] for end in ends if end is not None]
            if result.first_use is None or not _is_alike(yielded, op):
                continue
            value = yielded[0]
            if isinstance(value.owner, ConstantOp):
                constant = at(ConstantOp(value.owner.value, value.type), op.location)
                rewriter.insert(constant, InsertPoint.before(op))
                value = constant.result
            rewriter.replace_all_uses_with(result, value)


class ForwardElements(RewritePattern):
    """Replace the result of a `foreach` that yields its elements by the list.

    Sound: the items of a list never fail, and a list that failed makes the result that failure.
    """

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: ForeachOp, rewriter: PatternRewriter, /) -> None:
        """Read the list itself instead of the result."""
        end = op.body.block.last_op
        if not isinstance(end, YieldOp):
            return
        for result, value in zip(op.outputs, end.arguments, strict=True):
            if value is op.item and result.first_use is not None:
                rewriter.replace_all_uses_with(result, op.items)


class InlineSafeTry(RewritePattern):
    """Replace a `try` whose body observes nothing by its body.

    Sound: only an act, a condition around one and a failed result are observed. If nothing in the
    body acts and no result can fail, the handler never runs.
    """

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: TryOp, rewriter: PatternRewriter, /) -> None:
        """Inline the body."""
        end = op.body.block.last_op
        if end is None or not all(map(never_fails, end.operands)):
            return
        if all(own_facts(inner).discardable for inner in op.body.walk()):
            _choose(op, op.body, rewriter)


class EraseEmptyForeach(RewritePattern):
    """Replace a `foreach` over an empty list by empty lists.

    Sound: an empty list literal is never a failure, and no iteration runs.
    """

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: ForeachOp, rewriter: PatternRewriter, /) -> None:
        """Replace each result by an empty list."""
        if not _is_empty_list(op.items) or not may_forget(op.regions, op.parent_op()):
            return
        empty = [at(ConstantOp(ArrayAttr([]), t), op.location) for t in op.outputs.types]
        rewriter.replace(op, empty, [constant.result for constant in empty])


class DropUnreadResults(RewritePattern):
    """Drop the results of `if`, `match` and `foreach` that nobody reads.

    Sound: a failure that nobody reads is no failure. `try` reads its results, so it keeps them.
    """

    def match_and_rewrite(self, op: Operation, rewriter: PatternRewriter, /) -> None:
        """Make the op again without its unread results."""
        if not isinstance(op, ControlOp) or isinstance(op, TryOp):
            return
        kept = [i for i, result in enumerate(op.results) if result.first_use is not None]
        if len(kept) == len(op.results):
            return
        new = with_results(op, kept)
        values: list[SSAValue | None] = [None] * len(op.results)
        for index, result in zip(kept, new.results, strict=True):
            values[index] = result
        rewriter.replace(op, new, values)


PATTERNS: tuple[RewritePattern, ...] = (
    InlineConstantIf(),
    InlineConstantMatch(),
    InlineKnownIf(),
    InlineKnownMatch(),
    InlineOnlyCase(),
    DropUnreachableDefault(),
    ForwardEqualResults(),
    InlineSafeTry(),
    EraseEmptyForeach(),
    ForwardElements(),
    DropUnreadResults(),
)


def with_results(op: ControlOp, kept: Sequence[int]) -> ControlOp:
    """Return an op that does the same with only some of the results; `op` loses its regions."""
    for region in op.regions:
        _keep_yielded(region, kept)
    new = type(op).create(
        operands=op.operands,
        result_types=[op.results[i].type for i in kept],
        properties=op.properties,
        attributes=op.attributes,
        location=op.location,
        regions=[op.detach_region(region) for region in list(op.regions)],
    )
    for index, result in zip(kept, new.results, strict=True):
        result.name_hint = op.results[index].name_hint
    return new


def constant_of(value: SSAValue) -> Attribute | None:
    """Return the constant that `value` always holds, or None."""
    owner = value.owner
    return owner.value if isinstance(owner, ConstantOp) else None


def _is_empty_list(value: SSAValue) -> bool:
    if isinstance(value.owner, ListOp):
        return not value.owner.operands
    constant = constant_of(value)
    return constant == ArrayAttr([])


def _keep_yielded(region: Region, kept: Sequence[int]) -> None:
    """Yield only the values of the results that are kept."""
    for block in region.blocks:
        terminator = block.last_op
        if isinstance(terminator, YieldOp):
            terminator.operands = [terminator.operands[i] for i in kept]


def _region_for(op: MatchOp, value: Attribute) -> Region | None:
    """Return the region that runs for a value of the subject."""
    for values, region in zip(op.case_values, op.case_regions, strict=True):
        if value in values:
            return region
    return op.default_region


def _is_total(op: MatchOp) -> bool:
    """Say whether the cases name every value of the subject."""
    named = sum(len(values) for values in op.case_values)
    if isinstance(op.subject.type, EnumType):
        return named == len(op.subject.type.names)
    return op.subject.type == BOOL and named == 2


def _is_alike(values: Sequence[SSAValue], op: Operation) -> bool:
    """Say whether what all regions of `op` yield is one constant, or one value made outside."""
    constants = {constant_of(value) for value in values}
    if len(constants) == 1 and None not in constants:
        return True
    if not values or any(value is not values[0] for value in values):
        return False
    # The value of an only region may be made inside of it.
    return not op.is_ancestor(values[0].owner)


def _statements_around(op: Operation) -> Iterator[tuple[Operation, Region | None]]:
    """Yield the ops around `op`, inside out, each with the region of it that holds `op`."""
    inner, outer = op, op.parent_op()
    while outer is not None and not isinstance(inner, SubworkflowOp | OnOp):
        yield outer, inner.parent_region()
        inner, outer = outer, outer.parent_op()


def _choose(op: ControlOp, region: Region, rewriter: PatternRewriter) -> None:
    """Replace `op`, whose condition cannot have failed here, by one of its regions.

    It stays if the other regions may not be forgotten.
    """
    if may_forget([other for other in op.regions if other is not region], op.parent_op()):
        _inline(op, region, rewriter)


def _inline(op: ControlOp, region: Region, rewriter: PatternRewriter) -> None:
    """Put the ops of `region` in the place of `op`; what it yields replaces the results."""
    terminator = region.block.last_op
    if not isinstance(terminator, YieldOp):
        return
    values: Sequence[SSAValue] = tuple(terminator.arguments)
    rewriter.erase(terminator)
    rewriter.inline_block(region.block, InsertPoint.before(op))
    rewriter.replace(op, [], values)
