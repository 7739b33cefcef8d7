"""A task as a person reads it: what is asked, what can be answered, and the command that does."""

import json
import shlex
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

from kumeo_runtime.shapes import Shape, shape_of
from kumeo_runtime.tasks.state import text_of

from kumeo.tools.running.shown import ID_SHOWN

if TYPE_CHECKING:
    from kumeo_runtime.engine.parking import TaskState
    from kumeo_runtime.parked import Task
    from kumeo_runtime.spec import Workflow

_MOMENTS = {"now": "now", "asked_us": "asked", "due_us": "until", "at": "at"}
_KINDS = {str: "text", int: "whole number", float: "number", bool: "true or false"}
_SAMPLES: dict[Any, Any] = {str: "…", int: 0, float: 0.0, bool: False}


def described(task: "TaskState", workflow: "Workflow", name: str) -> str:
    """Return a task as text, with the command that answers it; `name` is what the user wrote."""
    return "".join(line + "\n" for line in _lines(task, form_of(task, workflow), name))


def with_moments(data: dict[str, Any]) -> dict[str, Any]:
    """Return the data of a task with moments as text and without units in their names."""
    shown = {_MOMENTS.get(key, key): _moment(key, value) for key, value in data.items()}
    answer = shown.get("answer")
    if isinstance(answer, dict):
        shown["answer"] = with_moments(cast(dict[str, Any], answer))
    return shown


def iso(micros: int) -> str:
    """Return a moment in ISO 8601, in UTC.

    >>> iso(1_500_000)
    '1970-01-01T00:00:01.500Z'
    """
    moment = datetime.fromtimestamp(micros / 1e6, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def form_of(task: "TaskState", workflow: "Workflow") -> dict[str, Shape]:
    """Return the fields that can be filled in beside the decision."""
    from kumeo_runtime.agents.review import Review
    from kumeo_runtime.service import agents_of

    for agent in agents_of(workflow.services):
        if isinstance(agent, Review) and agent.site == task.task.site:
            return {field.json_name: shape_of(field.type) for field in agent.form_fields}
    return {}


def kind_of(shape: Shape) -> str:
    """Return what a field takes, in a few words.

    >>> kind_of(shape_of(list[int])), kind_of(shape_of(str | None))
    ('list of whole number', 'text, may be left out')
    """
    if shape.kind == "option":
        return f"{kind_of(shape_of(shape.inner))}, may be left out"
    if shape.kind == "list":
        return f"list of {kind_of(shape_of(shape.inner))}"
    if shape.names:
        return " or ".join(shape.names)
    return _KINDS.get(shape.type, shape.kind)


def _lines(task: "TaskState", form: Mapping[str, Shape], name: str) -> Iterator[str]:
    asked = task.task
    yield f"{asked.title or asked.site}   {task.id[:ID_SHOWN]}, {task.label}"
    yield from _facts(task)
    yield f"decisions:  {', '.join(asked.decisions) or 'any text'}"
    for number, (field, shape) in enumerate(form.items()):
        yield f"{'' if number else 'form:':<12}{field}: {kind_of(shape)}"
    text = text_of(asked)
    if text:
        yield ""
        yield text
    if asked.has_edit:
        yield ""
        yield "to edit:"
        yield json.dumps(asked.edit, ensure_ascii=False, indent=2)
    yield ""
    if task.status == "open":
        yield "answer with:"
        yield f"  {_command(task, form, name)}"
    elif task.answer is not None:
        what = task.answer.decision or (task.answer.failure.message if task.answer.failure else "")
        yield f"{task.status}: {what}, by {task.answer.by or 'nobody'}, {iso(task.answer.at)}"


def _facts(task: "TaskState") -> Iterator[str]:
    """Yield when a task was asked and is due, and whose it is."""
    asked = task.task
    yield f"asked:      {iso(task.asked_us)}"
    if task.due_us is not None:
        yield f"until:      {iso(task.due_us)}, then {_after(asked)}"
    yield f"event:      {task.event_id} of {task.source}"
    if asked.due_s is not None:
        yield f"due:        {iso(task.asked_us + int(asked.due_s * 1e6))}"
    if asked.reminder_s is not None:
        yield f"reminder:   {iso(task.asked_us + int(asked.reminder_s * 1e6))}"
    if asked.priority:
        yield f"priority:   {asked.priority}"
    if task.assignees:
        yield f"for:        {', '.join(task.assignees)}"
    if task.holder:
        yield f"with:       {task.holder}"


def _after(asked: "Task") -> str:
    """Return what happens when nobody answers in time."""
    to = f" to {', '.join(asked.escalate_to)}" if asked.escalate_to else ""
    return asked.on_timeout + (to if asked.on_timeout == "escalate" else "")


def _command(task: "TaskState", form: Mapping[str, Shape], name: str) -> str:
    decision = task.task.decisions[0] if task.task.decisions else "TEXT"
    words = ["kumeo", "tasks", "decide", name, task.id[:ID_SHOWN], decision]
    if form:
        filled = {field: _sample(shape) for field, shape in form.items()}
        words += ["--form", json.dumps(filled, ensure_ascii=False)]
    command = shlex.join(words)
    return f"{command} [--value JSON]" if task.task.has_edit else command


def _sample(shape: Shape) -> Any:
    if shape.kind == "option":
        return _sample(shape_of(shape.inner))
    return (
        shape.names[0]
        if shape.names
        else _SAMPLES.get(shape.type, [] if shape.kind == "list" else {})
    )


def _moment(key: str, value: Any) -> Any:
    return iso(value) if key in _MOMENTS and isinstance(value, int) else value
