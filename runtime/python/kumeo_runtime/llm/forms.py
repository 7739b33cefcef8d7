"""How a model gives a value of a type: free text, a record, or a record around the value."""

import re
from typing import Any, NamedTuple

from kumeo_runtime.shapes import fields_of, shape_of
from kumeo_runtime.values import Failure, json_decoder

KEY = "value"
"""The field of a value that is no record: schemas of answers are objects."""
_FENCE = re.compile(r"\A\s*```[a-z]*\s*\n(.*?)\n?\s*```\s*\Z", re.DOTALL)


class Answered(NamedTuple):
    """A value, and what was repaired to get it."""

    value: Any
    flags: tuple[str, ...] = ()


class AnswerForm:
    """The form of the answers of one type."""

    def __init__(self, result: Any) -> None:
        from kumeo_runtime.agents.json_schema import is_strict, schema_of

        is_record = shape_of(result).kind == "record"
        fields = fields_of(result) if is_record else ()
        is_lone_text = [(f.json_name, f.type) for f in fields] == [("text", str)]
        self._text_record: Any = result if is_lone_text else None
        self._is_free = result is str or is_lone_text
        self._is_wrapped = not is_record
        self.is_strict = is_strict(result)
        """Whether the schema says all about the type."""
        inner = None if self._is_free else schema_of(result)
        self.schema = inner if is_record or inner is None else _wrapped(inner)
        """What the model is told about the answer; None for free text."""
        self._decode = json_decoder(result if is_record else dict[str, result]).decode

    def read(self, text: str) -> Answered | Failure:
        """Return the value in an answer, or why it has none."""
        if self._is_free:
            return Answered(text if self._text_record is None else self._text_record(text=text))
        fenced = _FENCE.match(text)
        found = self._decode((fenced[1] if fenced else text).encode("utf-8", "replace"))
        if isinstance(found, Failure):
            return found
        if self._is_wrapped and KEY not in found:
            return Failure("wrong-type", f'the field "{KEY}" is missing')
        return Answered(found[KEY] if self._is_wrapped else found)


def _wrapped(inner: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {KEY: inner},
        "required": [KEY],
        "additionalProperties": False,
    }
