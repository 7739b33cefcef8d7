"""How a model gives a value of a type: free text, a record, or a record around the value."""

from dataclasses import replace
from typing import Any

from kumeo_runtime.answers import Answered, read_answer
from kumeo_runtime.shapes import fields_of, shape_of
from kumeo_runtime.values import Failure

KEY = "value"
"""The field of a value that is no record: schemas of answers are objects."""


class AnswerForm:
    """The form of the answers of one type."""

    def __init__(self, result: Any) -> None:
        from kumeo_runtime.agents.json_schema import is_strict, schema_of

        is_record = shape_of(result).kind == "record"
        fields = fields_of(result) if is_record else ()
        is_lone_text = [(f.json_name, f.type) for f in fields] == [("text", str)]
        self._result = result
        self._text_record: Any = result if is_lone_text else None
        self._is_free = result is str or is_lone_text
        self._key = None if is_record else KEY
        self.is_strict = is_strict(result)
        """Whether the schema says all about the type."""
        inner = None if self._is_free else schema_of(result)
        self.schema = inner if is_record or inner is None else _wrapped(inner)
        """What the model is told about the answer; None for free text."""

    def read(self, text: str) -> Answered[Any] | Failure:
        """Return the value in an answer, or why it has none."""
        if not self._is_free:
            return read_answer(text, self._result, key=self._key)
        found = read_answer(text, str)
        if self._text_record is None or isinstance(found, Failure):
            return found
        return replace(found, value=self._text_record(text=found.value))


def _wrapped(inner: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {KEY: inner},
        "required": [KEY],
        "additionalProperties": False,
    }
