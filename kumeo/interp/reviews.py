"""What becomes of a task that nobody answered in time: the `on_timeout` of `agent.review`.

- a decision: it is taken in the name of `timeout`, at the time of the activation; the fields of
  the form are null, and what the person might have changed is unchanged,
- `escalate`: the task is given to somebody else and waits once more; that answer counts, or its
  failure,
- `fail`, or nothing said: the failure stays.

A person who does not say otherwise leaves the value of `edit` as it is: an answer without it is
completed.
"""

from collections.abc import Callable, Sequence
from typing import Any, cast

from kumeo.dialects.agent import AgentOp, ReviewOp
from kumeo.dialects.agent.outside import EDITED
from kumeo.dialects.data import EnumType, RecordType
from kumeo.dialects.settings import from_setting
from kumeo.interp.values import Failure, Value
from kumeo.interp.wire import to_json

TIMEOUT = "timeout"
"""Code of the failure of a task without an answer, and who decided then."""


def with_edited(op: AgentOp, answer: Any, values: Sequence[Value]) -> Any:
    """Return an answer as JSON with the value that its person did not change."""
    if not isinstance(op, ReviewOp) or op.edit is None or not isinstance(answer, dict):
        return answer
    given = cast(dict[str, Any], answer)
    if EDITED in given or "decision" not in given:
        return given
    return {**given, EDITED: to_json(values[1], op.edit.type)}


def after_timeout(
    op: ReviewOp,
    failure: Failure,
    values: Sequence[Value],
    ask: Callable[[], Value],
    now_us: int,
) -> Value:
    """Return the outcome of a task that timed out; `ask` waits for somebody else's answer.

    values: what the task is about, and what the person may change.
    """
    setting = op.settings.data.get("on_timeout")
    wanted = None if setting is None else from_setting(setting)
    outcome = ask() if wanted == "escalate" else failure
    kind = op.result.type
    decision = kind.field("decision") if isinstance(kind, RecordType) else None
    if not isinstance(kind, RecordType) or not isinstance(decision, EnumType):
        return outcome
    if wanted not in decision.names:
        return outcome
    taken: dict[str, Value] = {"decision": wanted, "by": TIMEOUT, "at": now_us}
    if op.edit is not None:
        taken[EDITED] = values[1]
    return {name: taken.get(name) for name in kind.names}
