"""`Review`: a person decides. The activation waits in the store; the answer comes with its return.

The handler before it parks a message together with `task(...)`. The handler after it starts when
somebody has answered, or nobody in time, and asks this agent for the result.
"""

from collections.abc import Sequence
from typing import Any, TypeVar, cast

import msgspec

from kumeo_runtime.activation import Activation
from kumeo_runtime.agents.base import Agent, Path, Policy
from kumeo_runtime.decoding import from_json
from kumeo_runtime.moments import text_of
from kumeo_runtime.parked import Answer, Task
from kumeo_runtime.shapes import Field, fields_of, shape_of
from kumeo_runtime.values import Failure, Json, json_enc_hook
from kumeo_runtime.writing import to_json

T = TypeVar("T")
TIMEOUT = "timeout"
"""Code of the failure of a task without an answer, and who decided then."""
VALUE = "value"
"""The field of the result that holds the edited value."""
_GIVEN = ("decision", "by", "at")


class Review(Agent[T]):
    """A question to a person, and what the answer looks like."""

    def __init__(
        self,
        *,
        site: str,
        result: Any,
        input: Any = Any,
        title: str = "",
        instructions: str = "",
        form: Any = None,
        assignees: Sequence[str] = (),
        group: str = "",
        timeout_s: float | None = None,
        on_timeout: str = "fail",
        escalate_to: Sequence[str] = (),
        edit: Any = None,
        due_s: float | None = None,
        reminder_s: float | None = None,
        priority: int = 0,
        id: str = "",
        policy: Policy | None = None,
        acts: bool = True,
    ) -> None:
        super().__init__(site=site, id=id, result=result, policy=policy, acts=acts)
        self.input = input
        """The annotation of what the person sees."""
        self.title = title
        self.instructions = instructions
        self.form = form
        """JSON schema of the fields that the person fills in."""
        self.assignees = (*assignees, *((group,) if group else ()))
        self.timeout_s = timeout_s
        self.on_timeout = on_timeout
        self.escalate_to = tuple(escalate_to)
        self.edit = edit
        """The annotation of the value that the person may change; None without one."""
        self.due_s = due_s
        self.reminder_s = reminder_s
        self.priority = priority
        self._fields = fields_of(result)
        decision = next(field for field in self._fields if field.json_name == "decision")
        self.decisions = shape_of(decision.type).names

    @property
    def form_fields(self) -> tuple[Field, ...]:
        """The fields that the person fills in beside the decision."""
        taken = _GIVEN if self.edit is None else (*_GIVEN, VALUE)
        return tuple(field for field in self._fields if field.json_name not in taken)

    def task(self, input: Any, *, path: Path = (), edit: Any = None) -> Task:
        """Return what the person is asked about a value, and the value that may be changed."""
        data = _plain(input, self.input)
        changed = None if self.edit is None else _plain(edit, self.edit)
        wrong = data if isinstance(data, Failure) else changed
        return Task(
            site=self.site,
            path=path,
            title=self.title or self.id,
            text=wrong.message if isinstance(wrong, Failure) else "",
            instructions=self.instructions,
            data=None if isinstance(data, Failure) else data,
            has_edit=self.edit is not None and not isinstance(changed, Failure),
            edit=None if isinstance(changed, Failure) else changed,
            form=self.form,
            decisions=self.decisions,
            assignees=self.assignees,
            timeout_s=self.timeout_s,
            on_timeout=self.on_timeout,
            escalate_to=self.escalate_to,
            attempts=self.policy.attempts,
            due_s=self.due_s,
            reminder_s=self.reminder_s,
            priority=self.priority,
        )

    def __call__(self, act: Activation, /, **inputs: Any) -> T | Failure:
        """Return the answer that has come, or the failure `timeout`."""
        cancelled = self.cancelled(act, inputs)
        if cancelled is not None:
            return cancelled
        self.counters.calls += 1
        answer = act.answer
        if answer is None:
            return self.blamed(Failure("no-answer", "nobody was asked: the task was not parked"))
        if answer.failure is not None:
            return self._unanswered(answer.failure, act.now, inputs)
        found = self.read(answer)
        if isinstance(found, Failure):
            message = f"agent `{self.id}`: {found.message}"
            return self.blamed(Failure("invalid-answer", message))
        return found

    def read(self, answer: Answer) -> T | Failure:
        """Return the result that an answer of a person gives, or why it does not fit."""
        return from_json(self._data_of(answer), self.result)

    def _data_of(self, answer: Answer) -> dict[str, Any]:
        form: Any = answer.form
        filled = cast(dict[str, Any], form) if isinstance(form, dict) else {}
        edited = {} if self.edit is None else {VALUE: answer.value}
        given = {"decision": answer.decision, "by": answer.by, "at": text_of(answer.at)}
        return {**filled, **edited, **given}

    def _unanswered(self, failure: Failure, now_us: int, inputs: dict[str, Any]) -> T | Failure:
        """Return the decision that holds when nobody answers, if there is one."""
        if failure.code != TIMEOUT or self.on_timeout not in self.decisions:
            return self.blamed(failure)
        taken = {"decision": self.on_timeout, "by": TIMEOUT, "at": text_of(now_us)}
        if self.edit is not None:
            taken[VALUE] = _plain(inputs.get("edit"), self.edit)
        return from_json(taken, self.result)


def _plain(value: Any, type: Any) -> Json:
    """Return a value as JSON data without any text that is still to be read, or the failure."""
    if isinstance(value, Failure):
        return value
    data = to_json(value, type)
    if isinstance(data, Failure):
        return data
    return msgspec.json.decode(msgspec.json.encode(data, enc_hook=json_enc_hook))
