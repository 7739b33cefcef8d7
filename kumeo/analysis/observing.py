"""What a body of the messaging level may observe: failures that somebody has to be told of.

    may_observe(body)       // a report may follow, and it shows the event

Conservative: False means that no run of the body observes a failure.
"""

from xdsl.dialects.builtin import i1, i64
from xdsl.ir import Attribute, Operation

from kumeo.analysis.walk import walk_ops
from kumeo.dialects.agent import AgentOp, ObserveOp
from kumeo.dialects.data import STR, EnumType, ListType, OptionType, RecordType
from kumeo.dialects.data.failure import never_fails
from kumeo.dialects.facts import own_facts
from kumeo.dialects.workflow import CallOp, EmitOp


def may_observe(body: Operation) -> bool:
    """Return whether a run of the body can observe a failure."""
    return any(_observes(op) for op in walk_ops(body))


def _observes(op: Operation) -> bool:
    match op:
        case EmitOp():
            return not (never_fails(op.value) and always_has_text(op.value.type))
        case ObserveOp():
            return not never_fails(op.value)
        case CallOp():
            return True
        case AgentOp():
            return not own_facts(op).discardable
        case _:
            # The condition of an `if` is observed if something inside acts.
            return op.dialect_name() == "workflow" and bool(op.regions) and _acts_inside(op)


def _acts_inside(op: Operation) -> bool:
    return any(isinstance(i, EmitOp | CallOp | AgentOp) for i in walk_ops(op) if i is not op)


def always_has_text(type: Attribute) -> bool:
    """Return whether every value of a type can be written as JSON; a number may be infinite."""
    match type:
        case EnumType():
            return True
        case OptionType():
            return always_has_text(type.inner)
        case ListType():
            return always_has_text(type.item)
        case RecordType():
            return all(always_has_text(inner) for _, inner in type.fields)
        case _:
            return type in (STR, i1, i64)
