"""`deadline_faults`: agents that may take longer than what waits for them."""

from collections.abc import Iterator
from typing import NamedTuple

from xdsl.dialects.builtin import DictionaryAttr, ModuleOp

from kumeo.analysis import late
from kumeo.analysis.bills import budget_of
from kumeo.analysis.domains.describe import duration_text
from kumeo.analysis.places import point_of
from kumeo.analysis.waiting import agent_us, attempt_us, setting_of, waits_for_people
from kumeo.analysis.walk import walk_ops
from kumeo.diagnostics import Diagnostic
from kumeo.dialects.agent import AgentOp
from kumeo.dialects.settings import from_setting
from kumeo.dialects.workflow import OnOp, SourceOp, WorkflowOp


class Deadline(NamedTuple):
    """How long something waits: for one attempt, or for all of them with the pauses."""

    who: str
    us: int
    for_all: bool
    fix: str


def deadline_faults(module: ModuleOp) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each agent that outlasts a deadline, and for late reminders."""
    for op in module.ops:
        deadlines = _deadlines(op) if isinstance(op, WorkflowOp) else []
        for inner in walk_ops(op):
            if isinstance(inner, AgentOp):
                yield from _late_reminder(inner)
                yield from _outlasts(inner, deadlines)


def _deadlines(op: WorkflowOp) -> list[Deadline]:
    found: list[Deadline] = []
    ack_wait = _number(op.nats, "ack_wait")
    if ack_wait is not None:
        fix = "raise `ack_wait`, or lower the timeout"
        found.append(Deadline("the ack wait is", ack_wait, False, fix))
    latency = budget_of(op).get("latency")
    if latency is not None:
        fix = "lower its timeout or attempts, or raise `latency` of the budget"
        found.append(Deadline("the budget of the event is", int(latency), True, fix))
    read = {name for on in op.body.block.ops if isinstance(on, OnOp) for name in on.source_names}
    for source in op.body.block.ops:
        if isinstance(source, SourceOp) and source.symbol in read:
            found += _source_deadlines(source)
    return found


def _source_deadlines(source: SourceOp) -> Iterator[Deadline]:
    seconds = _number(source.settings, "ack_wait_s")
    if seconds is not None:
        fix = "raise `ack_wait_s`, or lower the timeout"
        who = f"the ack wait of `{source.symbol}` is"
        yield Deadline(who, seconds * 1_000_000, False, fix)
    timeout = _number(source.settings, "timeout")
    if timeout is not None:
        fix = f"raise the timeout of `{source.symbol}`, or lower that of the agent"
        yield Deadline(f"a client of `{source.symbol}` waits", timeout, True, fix)


def _outlasts(op: AgentOp, deadlines: list[Deadline]) -> Iterator[Diagnostic]:
    if waits_for_people(op) or op.policy is None:
        return
    for deadline in deadlines:
        time = agent_us(op) if deadline.for_all else attempt_us(op)
        if time > deadline.us:
            shown, limit = duration_text(time), duration_text(deadline.us)
            where = point_of(op)
            yield late.risk_errors.DeadlineExceeded(
                where, op.agent_id, shown, deadline.who, limit, deadline.fix
            )


def _late_reminder(op: AgentOp) -> Iterator[Diagnostic]:
    reminder, timeout = setting_of(op, "reminder_us"), setting_of(op, "timeout_us")
    if reminder is not None and timeout is not None and reminder >= timeout:
        shown, limit = duration_text(int(reminder)), duration_text(int(timeout))
        yield late.risk_errors.LateReminder(point_of(op), op.agent_id, shown, limit)


def _number(settings: DictionaryAttr | None, name: str) -> int | None:
    found = None if settings is None else settings.data.get(name)
    value = None if found is None else from_setting(found)
    return value if isinstance(value, int) and not isinstance(value, bool) else None
