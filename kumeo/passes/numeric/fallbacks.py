"""What others read of an agent that has a fallback: its numbers, or those of a constant fallback.

    %r = agent.bayes @risk (…) … fallback { agent.yield {Fraud = {yes = 0.5, no = 0.5}} }

is read inside of the program as

    %yes = infer.select (%possible, %posterior_yes, %half)
"""

from collections.abc import Mapping
from functools import reduce
from typing import Any, cast

from xdsl.ir import Region, SSAValue

from kumeo.dialects import infer
from kumeo.dialects.agent.functions import YieldOp
from kumeo.dialects.data.constants import constant_value
from kumeo.dialects.data.types import BOOL, FLOAT, INT, EnumType
from kumeo.models.emitting import Emit
from kumeo.passes.numeric.members import Member
from kumeo.passes.numeric.tensor_values import Fields, Scalar, Translated

_KINDS = (FLOAT, INT, BOOL)


def with_fallback(member: Member, emit: Emit) -> Fields | None:
    """Return what others read of a member that has a fallback, or None if that is computed.

    A value that it needs from outside may fail, and then the whole program gives nothing. So only
    an agent that fails by its own checks is read inside.
    """
    fallback = member.op.fallback
    known = None if fallback is None else _constant_of(fallback)
    if known is None or member.needs or not isinstance(member.inside, Fields):
        return None
    flags = [member.outputs[name][0] for name, _ in member.checks]
    succeeds = reduce(lambda left, right: emit.add(infer.AndOp(left, right)), flags)
    return _chosen(emit, succeeds, member.inside, known)


def _constant_of(fallback: Region) -> Mapping[str, Any] | None:
    """Return the record that a fallback always gives; None if it does anything else."""
    last = fallback.block.last_op
    if not isinstance(last, YieldOp) or not last.operands or len(fallback.block.ops) != 2:
        return None
    known = constant_value(last.operands[0])
    is_record = known is not None and isinstance(known[0], Mapping)
    return cast(Mapping[str, Any], known[0]) if known is not None and is_record else None


def _chosen(emit: Emit, succeeds: SSAValue, found: Fields, known: Mapping[str, Any]) -> Fields:
    """Return the fields that are numbers, each from the agent or from its fallback."""
    values: dict[str, Translated] = {}
    for name, value in found.values.items():
        other = known.get(name)
        if isinstance(value, Fields) and isinstance(other, Mapping):
            values[name] = _chosen(emit, succeeds, value, cast(Mapping[str, Any], other))
        elif isinstance(value, Scalar) and other is not None:
            number = other
            if isinstance(value.kind, EnumType):
                number = value.kind.names.index(other)
            elif value.kind not in _KINDS:
                continue
            tensor = emit.add(infer.SelectOp(succeeds, value.tensor, emit.constant(number)))
            values[name] = Scalar(tensor, value.kind)
    return Fields(values)
