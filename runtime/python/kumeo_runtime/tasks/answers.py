"""What a person may answer: the types of the form and of the edited value, and their checks."""

import re
from collections.abc import Mapping
from typing import Any, cast

from msgspec import UNSET, Struct, UnsetType

from kumeo_runtime.agents.json_schema import schema_of
from kumeo_runtime.agents.review import VALUE, Review
from kumeo_runtime.decoding import from_json
from kumeo_runtime.parked import Answer, Task
from kumeo_runtime.service import agents_of
from kumeo_runtime.shapes import Field, shape_of
from kumeo_runtime.spec import Workflow
from kumeo_runtime.tasks.rules import FieldError
from kumeo_runtime.values import Failure
from kumeo_runtime.writing import to_json

_PLACE = re.compile(r"^at ([^:]+): (.*)$", re.DOTALL)


class Given(Struct, frozen=True):
    """What somebody wants to answer."""

    decision: str
    form: Any = None
    value: Any | UnsetType = UNSET
    """The edited value; not set where nothing was changed."""


class Schemas(Struct, frozen=True):
    """JSON schemas of a task; None where its build is not known here or there is none."""

    data: Any = None
    edit: Any = None
    form: Any = None


class Forms:
    """The reviews of a workflow by their sites."""

    def __init__(self, workflow: Workflow) -> None:
        agents = agents_of(workflow.services)
        self._reviews = {each.site: each for each in agents if isinstance(each, Review)}

    def schemas(self, site: str) -> Schemas:
        """Return the schemas of what a task shows and takes."""
        review: Review[Any] | None = self._reviews.get(site)
        if review is None:
            return Schemas()
        edit = None if review.edit is None else schema_of(review.edit)
        return Schemas(schema_of(review.input), edit, _form_schema(review.form_fields))

    def read(self, task: Task, given: Given, by: str, at_us: int) -> Answer | list[FieldError]:
        """Return the answer, or everything that is wrong with it."""
        review = self._reviews.get(task.site)
        errors = [*_decision_errors(task, given), *_edit_errors(task, given)]
        errors += _form_errors(review, given.form)
        value = given.value
        if review is not None and value is not UNSET and task.has_edit:
            value = _normal(value, review.edit)
        if isinstance(value, Failure):
            errors.append(placed(value, VALUE))
        if errors:
            return errors
        is_edited = value is not UNSET and value != task.edit
        return Answer(
            given.decision,
            by,
            at_us,
            given.form or None,
            is_edited=is_edited,
            value=value if is_edited else None,
        )


def placed(failure: Failure, field: str) -> FieldError:
    """Return a failure with the field that it is about.

    >>> placed(Failure("wrong-type", "at items[0].n: expected an integer"), "value")
    FieldError(field='value.items[0].n', message='expected an integer')
    """
    found = _PLACE.match(failure.message)
    if found is None:
        return FieldError(field, failure.message)
    place = found[1] if found[1].startswith("[") else f".{found[1]}"
    return FieldError(field + place, found[2])


def _decision_errors(task: Task, given: Given) -> list[FieldError]:
    if not task.decisions or given.decision in task.decisions:
        return []
    return [FieldError("decision", f"choose one of {', '.join(task.decisions)}")]


def _edit_errors(task: Task, given: Given) -> list[FieldError]:
    if given.value is UNSET or task.has_edit:
        return []
    return [FieldError(VALUE, "this task has no value to edit")]


def _form_errors(review: Review[Any] | None, form: Any) -> list[FieldError]:
    if form is not None and not isinstance(form, dict):
        return [FieldError("form", "expected an object")]
    filled = cast(Mapping[str, Any], form or {})
    if review is None:
        # Another build has asked: its handler checks the rest when the task goes on.
        return []
    fields = {field.json_name: field for field in review.form_fields}
    unknown = [FieldError(f"form.{name}", "no such field") for name in filled if name not in fields]
    found = [_field_error(name, field, filled) for name, field in fields.items()]
    return [*unknown, *(error for error in found if error is not None)]


def _field_error(name: str, field: Field, filled: Mapping[str, Any]) -> FieldError | None:
    if name not in filled and not shape_of(field.type).is_nullable:
        return FieldError(f"form.{name}", "fill in this field")
    read = from_json(filled.get(name), field.type)
    return placed(read, f"form.{name}") if isinstance(read, Failure) else None


def _normal(value: Any, type: Any) -> Any:
    """Return a value as its type writes it, or why it is none."""
    read = from_json(value, type)
    return read if isinstance(read, Failure) else to_json(read, type)


def _form_schema(fields: tuple[Field, ...]) -> Any:
    if not fields:
        return None
    required = [f.json_name for f in fields if not shape_of(f.type).is_nullable]
    return {
        "type": "object",
        "properties": {field.json_name: schema_of(field.type) for field in fields},
        "required": required,
        "additionalProperties": False,
    }
