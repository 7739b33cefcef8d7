"""States and entries as the service shows them."""

from kumeo_runtime.moments import text_of as moment_of
from kumeo_runtime.tasks.actions import Current
from kumeo_runtime.tasks.answers import Schemas
from kumeo_runtime.tasks.audit import Entry
from kumeo_runtime.tasks.inbox import due_of
from kumeo_runtime.tasks.people import Person
from kumeo_runtime.tasks.rest import shapes
from kumeo_runtime.tasks.rules import allowed
from kumeo_runtime.tasks.state import TaskState, text_of


def row_of(state: TaskState, revision: int) -> shapes.Row:
    """Return a task of a list."""
    answer = state.answer
    return shapes.Row(
        id=state.id,
        title=state.task.title or state.task.site,
        status=_label(state),
        agent=state.task.site,
        source=state.source,
        event_id=state.event_id,
        assignees=state.assignees,
        holder=state.holder,
        priority=state.task.priority,
        asked=moment_of(state.asked_us),
        due=_moment(due_of(state)),
        until=_moment(state.due_us),
        attempt=state.attempt,
        decision=None if answer is None else answer.decision,
        revision=revision,
    )


def detail_of(current: Current, person: Person, schemas: Schemas) -> shapes.Detail:
    """Return everything about a task."""
    state, revision = current
    row, task = row_of(state, revision), state.task
    return shapes.Detail(
        id=row.id,
        title=row.title,
        status=row.status,
        agent=row.agent,
        source=row.source,
        event_id=row.event_id,
        assignees=row.assignees,
        holder=row.holder,
        priority=row.priority,
        asked=row.asked,
        due=row.due,
        until=row.until,
        on_timeout=task.on_timeout,
        attempt=row.attempt,
        revision=revision,
        instructions=task.instructions,
        text=text_of(task),
        input=task.data,
        input_schema=schemas.data,
        has_edit=task.has_edit,
        edit=task.edit,
        edit_schema=schemas.edit,
        form_schema=schemas.form,
        decisions=task.decisions,
        may=allowed(person, state),
        answer=_answer(state),
    )


def event_of(entry: Entry) -> shapes.Event:
    """Return an entry of a trail."""
    return shapes.Event(
        number=entry.number,
        at=moment_of(entry.at_us),
        action=entry.action,
        by=entry.by,
        before=entry.before,
        after=entry.after,
        attempt=entry.attempt,
        comment=entry.comment,
        decision=entry.decision,
        to=entry.to,
        form=entry.form,
        changes=entry.changes,
        shown=entry.shown,
        via=entry.via,
    )


def _answer(state: TaskState) -> shapes.Given | None:
    answer = state.answer
    if answer is None:
        return None
    at, edited = moment_of(answer.at), answer.is_edited
    return shapes.Given(answer.decision, answer.by, at, answer.form, answer.value, edited)


def _label(state: TaskState) -> shapes.Label:
    return "claimed" if state.label == "claimed" else state.status


def _moment(micros: int | None) -> str | None:
    return None if micros is None else moment_of(micros)
