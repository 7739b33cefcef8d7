"""Conditions whose right side runs only if the left one does not decide.

    %c = data.and %cheap, %costly
    workflow.if %c { A } else { B }        // nothing else reads %c, B may be written twice

becomes

    workflow.if %cheap { workflow.if %costly { A } else { B } } else { B }

and a condition that is read otherwise becomes a value:

    %c = workflow.if %cheap -> (i1) { workflow.yield %costly } else { workflow.yield %false }

Both keep the value and every failure: see `push_guards.py`.
"""

from xdsl.dialects.builtin import IntegerAttr, i1
from xdsl.ir import Block, Operation, Region
from xdsl.rewriter import Rewriter

from kumeo.analysis.placement import deciding_region
from kumeo.dialects.base import at
from kumeo.dialects.data.ops_scalars import LogicOp
from kumeo.dialects.data.ops_values import ConstantOp
from kumeo.dialects.workflow.control import IfOp, YieldOp
from kumeo.passes.locations import fuse, settle


def split_condition(condition: LogicOp, reader: IfOp | None) -> None:
    """Split the `if` that alone reads the condition, or the condition itself without one."""
    if reader is None:
        _to_if(condition)
    else:
        _nest(condition, reader)


def _to_if(condition: LogicOp) -> None:
    decided = ConstantOp(IntegerAttr(-int(condition.DECIDING), i1), i1)
    short = _yielding([decided], YieldOp([decided.result]))
    asked = _yielding([], YieldOp([condition.rhs]))
    new = _choice(condition, asked, short, condition)
    new.results[0].name_hint = condition.result.name_hint
    Rewriter.replace_op(condition, new)
    settle([new], condition.location)


def _nest(condition: LogicOp, reader: IfOp) -> None:
    """Ask for the right side inside of an `if` on the left side."""
    decided = deciding_region(reader, condition).clone()
    inner = IfOp(
        condition.rhs,
        reader.result_types,
        reader.detach_region(reader.then_region),
        reader.detach_region(reader.then_region),
    )
    inner.attributes |= reader.attributes
    asked = _yielding([inner], YieldOp(inner.results))
    outer = _choice(condition, asked, decided, reader)
    outer.attributes |= reader.attributes
    outer.location = inner.location = fuse(reader.location, condition.location)
    for old, new in zip(reader.results, outer.results, strict=True):
        new.name_hint = old.name_hint
    Rewriter.replace_op(reader, outer)
    Rewriter.erase_op(condition)
    settle([outer], outer.location)


def _choice(condition: LogicOp, asked: Region, decided: Region, old: Operation) -> IfOp:
    """Return an `if` on the left side, in the place of `old`: `asked` if it does not decide."""
    regions = (decided, asked) if condition.DECIDING else (asked, decided)
    return at(IfOp(condition.lhs, old.result_types, *regions), old.location)


def _yielding(ops: list[Operation], end: YieldOp) -> Region:
    return Region(Block([*ops, end]))
