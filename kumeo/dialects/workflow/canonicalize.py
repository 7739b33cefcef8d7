"""Canonicalization of the `workflow` dialect's control flow.

What is sound follows from the meaning of failures. A failure is a value; it counts only where an
emit, a condition that guards one, an acting agent or a `try` result reads it. So a rewrite may

- replace control flow by the region that certainly runs, if what decides is a constant: a constant
  never holds a failure, and program order, sites and iteration paths stay as they are;
- drop a result that nobody reads, because an unread failure is no failure. Results of `try` are the
  exception: `try` reads its own results.

It may not replace a result that both regions yield alike by that value: the result of a failed
condition is a failure, the value is not. Nothing here removes an emit or an agent; operations
without effects whose results are unread are removed by xDSL's dead code elimination, which sees
that no region of them emits.
"""

from collections.abc import Sequence

from xdsl.dialects.builtin import ArrayAttr, IntegerAttr
from xdsl.ir import Attribute, Operation, Region, SSAValue
from xdsl.pattern_rewriter import PatternRewriter, RewritePattern, op_type_rewrite_pattern
from xdsl.rewriter import InsertPoint

from kumeo.dialects.base import at
from kumeo.dialects.data import ConstantOp, ListOp
from kumeo.dialects.workflow.control import ControlOp, ForeachOp, IfOp, TryOp, YieldOp
from kumeo.dialects.workflow.match import MatchOp


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
        _inline(op, op.then_region if value.value.data else op.else_region, rewriter)


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
        chosen = op.default_region
        for values, region in zip(op.case_values, op.case_regions, strict=True):
            if value in values:
                chosen = region
        if chosen is not None:
            _inline(op, chosen, rewriter)


class EraseEmptyForeach(RewritePattern):
    """Replace a `foreach` over an empty list by empty lists.

    Sound: an empty list literal is never a failure, and no iteration runs.
    """

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: ForeachOp, rewriter: PatternRewriter, /) -> None:
        """Replace each result by an empty list."""
        if not _is_empty_list(op.items):
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
    EraseEmptyForeach(),
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


def _inline(op: ControlOp, region: Region, rewriter: PatternRewriter) -> None:
    """Put the ops of `region` in the place of `op`; what it yields replaces the results."""
    terminator = region.block.last_op
    if not isinstance(terminator, YieldOp):
        return
    values: Sequence[SSAValue] = tuple(terminator.arguments)
    rewriter.erase(terminator)
    rewriter.inline_block(region.block, InsertPoint.before(op))
    rewriter.replace(op, [], values)
