"""What the results of agents can be: ranges and shapes that a kind of agent promises."""

import math

from xdsl.dialects.builtin import f64
from xdsl.ir import Attribute

from kumeo.analysis.domains.numbers import Numbers
from kumeo.analysis.domains.values import ANYTHING, Domain, Fields, top_of, whole
from kumeo.dialects.agent import AgentOp, AggregateOp, BayesOp, DecideOp, ModelOp
from kumeo.dialects.data.constants import INT_MAX
from kumeo.dialects.data.types import ListType, MapType, OptionType, RecordType
from kumeo.dialects.settings import strings_of

_PROBABILITY = Numbers.between(0.0, 1.0)
_COMPUTED = Numbers.between(-math.inf, math.inf, nan=True)


def agent_domain(op: AgentOp, outcome: Domain | None) -> Domain:
    """Return what the result of an agent can be; `outcome` is what a decision decides."""
    kind = op.result.type
    match op:
        case DecideOp() if outcome is not None and isinstance(kind, RecordType):
            fields = {name: top_of(part) for name, part in kind.fields}
            return Fields({**fields, "decision": outcome})
        case BayesOp():
            return _with_floats(kind, _PROBABILITY)
        case ModelOp():
            return _with_floats(kind, _COMPUTED)
        case AggregateOp() if isinstance(kind, RecordType):
            reducers = strings_of(op.reducers)
            fields = {
                name: whole(1, INT_MAX) if reducer == "count" else _with_floats(part, _COMPUTED)
                for (name, part), reducer in zip(kind.fields, reducers, strict=True)
            }
            return Fields(fields)
        case _:
            return _with_floats(kind, None if not op.effect_facts().deterministic else _COMPUTED)


def is_free_agent(op: AgentOp) -> bool:
    """Say whether the result can be any value of its type, whatever the inputs are."""
    return not op.effect_facts().deterministic and not isinstance(op, AggregateOp)


def _with_floats(kind: Attribute, floats: Domain | None) -> Domain:
    """Return the values of a type whose floats are in a set."""
    if floats is None:
        return top_of(kind)
    if kind == f64:
        return floats
    if isinstance(kind, RecordType):
        return Fields({name: _with_floats(part, floats) for name, part in kind.fields})
    if isinstance(kind, OptionType | ListType | MapType):
        return ANYTHING
    return top_of(kind)
