"""Canonicalization of agents whose answer is known, or partly known, when the program is compiled.

Each pattern keeps failures. An agent that computes has the failure of an operand as its result and
makes a call otherwise; the calls of a program may shrink, so an agent may go if nothing tells its
result from a value that is there already. A fallback goes with it: it never runs, and if it acts,
what is around must go on acting (`forgetting.py`).
"""

from collections.abc import Sequence
from typing import Any

from xdsl.dialects.builtin import ArrayAttr, IntegerAttr, StringAttr
from xdsl.ir import BlockArgument, SSAValue
from xdsl.pattern_rewriter import PatternRewriter, RewritePattern, op_type_rewrite_pattern

from kumeo.dialects.agent.compute import DecideOp, ProcessOp
from kumeo.dialects.base import at
from kumeo.dialects.data.constants import to_attribute
from kumeo.dialects.data.failure import never_fails
from kumeo.dialects.data.ops_values import ConstantOp
from kumeo.dialects.data.types import BOOL, ListType, RecordType
from kumeo.dialects.settings import strings_of
from kumeo.dialects.workflow.forgetting import may_forget


class ForwardProcess(RewritePattern):
    """Replace a process that gives back an input, or a constant, by that.

    Sound if no other operand can be a failure: that would be the result of the process. What else
    stands in its region is not read.
    """

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: ProcessOp, rewriter: PatternRewriter, /) -> None:
        """Read the input or a new constant instead of the result."""
        end = op.body.block.last_op
        if end is None or len(end.operands) != 1:
            return
        value = end.operands[0]
        forwarded = value.index if isinstance(value, BlockArgument) else None
        others = [each for i, each in enumerate(op.inputs) if i != forwarded]
        if not all(map(never_fails, others)) or not may_forget(op.regions, op):
            return
        if forwarded is not None:
            rewriter.replace(op, [], [op.inputs[forwarded]])
        elif isinstance(value.owner, ConstantOp):
            rewriter.replace(op, at(ConstantOp(value.owner.value, value.type), op.location))


class DropDecidedRules(RewritePattern):
    """Drop rules of a decision that are never looked at or never hold.

    Sound: a constant never fails. A rule that is false gives no outcome; after a rule that is true,
    a decision by first match looks at no other, also not at one that failed. Criteria are numbers
    and never true or false.
    """

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: DecideOp, rewriter: PatternRewriter, /) -> None:
        """Make the decision again with fewer rules; the last one stays."""
        kept = _rules_that_matter(op) or [0]
        if len(kept) == len(op.inputs):
            return
        names, outcomes = strings_of(op.rules), strings_of(op.outcomes)
        properties = dict(op.properties)
        properties["rules"] = ArrayAttr([StringAttr(names[i]) for i in kept])
        properties["outcomes"] = ArrayAttr([StringAttr(outcomes[i]) for i in kept])
        new = DecideOp.create(
            operands=[op.inputs[i] for i in kept],
            result_types=list(op.result_types),
            properties=properties,
            attributes=op.attributes,
            location=op.location,
            regions=[op.detach_region(region) for region in list(op.regions)],
        )
        rewriter.replace(op, new)


class FoldDecision(RewritePattern):
    """Replace a decision whose first rule is true, or whose rules are all false, by its answer.

    Sound for the reason of `DropDecidedRules`; without a default the second one fails and stays.
    """

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: DecideOp, rewriter: PatternRewriter, /) -> None:
        """Put a constant in the place of the decision."""
        if not may_forget(op.regions, op.parent_op()):
            return
        kept = _rules_that_matter(op)
        if not kept and op.default is not None:
            _answer(op, op.default.data, "default", rewriter)
        elif kept and _constant_rule(op.inputs[kept[0]]) and op.mode.data == "first_match":
            rule, outcome = strings_of(op.rules)[kept[0]], strings_of(op.outcomes)[kept[0]]
            _answer(op, outcome, rule, rewriter)


PATTERNS: tuple[RewritePattern, ...] = (ForwardProcess(), FoldDecision(), DropDecidedRules())


def _rules_that_matter(op: DecideOp) -> list[int]:
    """Return the rules that can decide, in order."""
    kept: list[int] = []
    for index, value in enumerate(op.inputs):
        known = _constant_rule(value)
        if known is not False:
            kept.append(index)
        if known and op.mode.data == "first_match":
            break
    return kept


def _constant_rule(value: SSAValue) -> bool | None:
    """Return what the condition of a rule always is; None if that is not known."""
    owner = value.owner
    match owner.value if isinstance(owner, ConstantOp) else None:
        case IntegerAttr(type=kind, value=flag) if kind == BOOL:
            return bool(flag.data)
        case _:
            return None


def _answer(op: DecideOp, outcome: str, rule: str, rewriter: PatternRewriter) -> None:
    """Replace `op` by the record of one outcome, if its fields are those of a decision."""
    kind = op.result.type
    if not isinstance(kind, RecordType):
        return
    values: dict[str, Any] = {
        "decision": _one_or_list(outcome, kind, "decision"),
        "rule": _one_or_list(rule, kind, "rule"),
        "score": None,
    }
    try:
        attribute = to_attribute({name: values.get(name) for name in kind.names}, kind)
    except ValueError:
        return
    rewriter.replace(op, at(ConstantOp(attribute, kind), op.location))


def _one_or_list(text: str, kind: RecordType, field: str) -> str | Sequence[str]:
    return [text] if isinstance(kind.field(field), ListType) else text
