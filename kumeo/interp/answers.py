"""Where the answer of an agent's attempt comes from.

In this order: the journal of this run, a recording, a mock, the work itself, a stub. The last two
depend on the kind of the agent: one that computes its result is run for real; a stub of one that is
deterministic depends on its inputs, a stub of any other on the place of the call.
"""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias, cast

from kumeo.analysis.places import point_of
from kumeo.dialects.agent import AgentOp
from kumeo.dialects.data.failures import DataFailure
from kumeo.dialects.facts import own_facts
from kumeo.interp.errors import InvalidAnswer, MissingAnswer
from kumeo.interp.evaluate import Frame
from kumeo.interp.results import Called
from kumeo.interp.reviews import with_edited
from kumeo.interp.session import Session
from kumeo.interp.stubs import is_one_in, stub
from kumeo.interp.values import CannotRunError, Failure, Value
from kumeo.interp.wire import from_json, shown
from kumeo.interp.world import CallKey, Known

Compute: TypeAlias = Callable[[Sequence[Value], Frame], Value]
"""The work of an agent. It may raise DataFailure, and CannotRunError where a file is missing."""

FLOATS = re.compile(r"(?<![\w.])-?(?:\d+\.\d+(?:e[+-]?\d+)?|\d+e[+-]?\d+)(?!\w|\.\d)")
"""Floats as texts show them."""


def agent_name(op: AgentOp) -> str:
    """Return the id that the author wrote: what stands after the call sites of inlined calls."""
    return op.agent_id.rpartition("/")[2]


def attempt(
    op: AgentOp, compute: Compute | None, values: Sequence[Value], frame: Frame, number: int
) -> Value:
    """Return the outcome of one attempt, a value or a failure, and record the call."""
    session = frame.activation.session
    key = CallKey(frame.activation.event.id, frame.prefix + op.site, frame.path, number)
    if key in session.journal:
        return session.journal[key]
    given = _given(op, key, session)
    if given is None:
        outcome, is_given = _worked_out(op, compute, values, frame, key)
    else:
        outcome, is_given = _decoded(op, with_edited(op, given[0], values), session), True
    if isinstance(outcome, Failure):
        outcome = outcome.blamed_on(key.site)
    session.journal[key] = outcome
    answer = shown(outcome, op.result.type)
    acts = not own_facts(op).discardable
    call = Called(agent_name(op), key.site, key.path, number, answer, key.event, is_given, acts)
    session.run.calls.append(call)
    return outcome


def _given(op: AgentOp, key: CallKey, session: Session) -> tuple[Any] | None:
    """Return the recorded or mock answer in a tuple, or None when there is neither."""
    world, name = session.world, agent_name(op)
    if key in world.recordings:
        return (world.recordings[key],)
    if name not in world.answers:
        return None
    answers, used = world.answers[name], session.asked.get(name, 0)
    session.asked[name] = used + 1
    if used < len(answers):
        return (answers[used],)
    session.run.diagnostics.append(MissingAnswer(point_of(op), name, len(answers)))
    return ({"fail": f"agent `{name}` has no answer left", "code": "missing-answer"},)


def _decoded(op: AgentOp, answer: Any, session: Session) -> Value:
    """Return an outside answer as a value of the agent's result type, or as a failure."""
    if isinstance(answer, Known):
        return answer.value
    failure = _failure_in(answer)
    if failure is not None:
        return failure
    try:
        return from_json(answer, op.result.type)
    except DataFailure as fault:
        problem = InvalidAnswer(point_of(op), agent_name(op), fault.message)
        session.run.diagnostics.append(problem)
        return Failure("invalid-answer", f"agent `{agent_name(op)}`: {fault.message}")


def _failure_in(answer: Any) -> Failure | None:
    """Read `{"fail": "message"}` with an optional `"code"`."""
    if not isinstance(answer, Mapping):
        return None
    entries = cast(Mapping[str, Any], answer)
    if not isinstance(entries.get("fail"), str) or not set(entries) <= {"fail", "code"}:
        return None
    return Failure(str(entries.get("code", "attempt-failed")), entries["fail"])


def _worked_out(
    op: AgentOp, compute: Compute | None, values: Sequence[Value], frame: Frame, key: CallKey
) -> tuple[Value, bool]:
    """Return the outcome of the work or of its stub, and whether it depends on the place."""
    session = frame.activation.session
    try:
        if compute is not None:
            return compute(values, frame), False
    except DataFailure as failure:
        return Failure(failure.code, failure.message), False
    except RecursionError:
        return Failure("too-deep", "an input is nested too deeply"), False
    except CannotRunError:
        pass
    kind, seed = op.result.type, session.world.seed
    if session.effects.is_deterministic(op):
        work = _work_of(op, values, session)
        if is_one_in(session.world.fail_work_one_in, *work):
            return Failure("attempt-failed", "the stub of this work fails"), False
        return from_json(stub(kind, *work), kind), False
    if is_one_in(session.world.fail_one_in, seed, *key):
        return Failure("attempt-failed", "the stub of this attempt fails"), True
    return from_json(stub(kind, seed, *key), kind), True


def _work_of(op: AgentOp, values: Sequence[Value], session: Session) -> list[Any]:
    """Return everything that decides what a deterministic agent answers: equal for equal work."""
    place = {"id", "site", "policy", "cost", "language"}
    settings = {name: str(a) for name, a in op.properties.items() if name not in place}
    kinds = [operand.type for operand in op.operands]
    inputs = [shown(value, kind) for value, kind in zip(values, kinds, strict=True)]
    known = _coarse(inputs, session.world.rounds) if session.world.rounds > 0.0 else inputs
    return [session.world.seed, op.name, settings, known]


def _coarse(value: Any, rounds: float) -> Any:
    """Return JSON data with floats cut to the digits that rounding hardly reaches.

    Those that a text shows are cut, too: the text was made of a float that is rounded.
    """
    if isinstance(value, float) and math.isfinite(value):
        digits = max(1, int(-math.log10(rounds)) - 1)
        return float(f"{value:.{digits}g}") + 0.0
    if isinstance(value, str):
        return FLOATS.sub(lambda found: str(_coarse(float(found[0]), rounds)), value)
    if isinstance(value, list):
        return [_coarse(item, rounds) for item in cast(list[Any], value)]
    if isinstance(value, dict):
        return {k: _coarse(v, rounds) for k, v in cast(dict[str, Any], value).items()}
    return value
