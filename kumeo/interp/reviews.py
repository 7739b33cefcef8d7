"""What becomes of a task that nobody answered in time: the `on_timeout` of `agent.review`.

- a decision: it is taken in the name of `timeout`, at the time of the activation; the fields of
  the form are null,
- `escalate`: the task is given to somebody else and waits once more; that answer counts, or its
  failure,
- `fail`, or nothing said: the failure stays.
"""

from collections.abc import Callable

from kumeo.dialects.agent import ReviewOp
from kumeo.dialects.data import EnumType, RecordType
from kumeo.dialects.settings import from_setting
from kumeo.interp.values import Failure, Value

TIMEOUT = "timeout"
"""Code of the failure of a task without an answer, and who decided then."""


def after_timeout(op: ReviewOp, failure: Failure, ask: Callable[[], Value], now_us: int) -> Value:
    """Return the outcome of a task that timed out; `ask` waits for somebody else's answer."""
    setting = op.settings.data.get("on_timeout")
    wanted = None if setting is None else from_setting(setting)
    outcome = ask() if wanted == "escalate" else failure
    kind = op.result.type
    decision = kind.field("decision") if isinstance(kind, RecordType) else None
    if not isinstance(kind, RecordType) or not isinstance(decision, EnumType):
        return outcome
    if wanted not in decision.names:
        return outcome
    taken = {"decision": wanted, "by": TIMEOUT, "at": now_us}
    return {name: taken.get(name) for name in kind.names}
