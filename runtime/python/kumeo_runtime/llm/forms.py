"""How a model gives a value of a type: free text, a record, or a record around the value."""

import re
from typing import Any

from kumeo_runtime.shapes import fields_of, shape_of
from kumeo_runtime.values import Failure, json_decoder

_FENCE = re.compile(r"\A\s*```[a-z]*\s*\n(.*?)\n?\s*```\s*\Z", re.DOTALL)


class AnswerForm:
    """The form of the answers of one type."""

    def __init__(self, result: Any) -> None:
        from kumeo_runtime.agents.json_schema import is_strict, schema_of

        shape = shape_of(result)
        fields = fields_of(result) if shape.kind == "record" else ()
        self._is_text = result is str
        is_lone_text = [(f.json_name, f.type) for f in fields] == [("text", str)]
        self._text_record: Any = result if is_lone_text else None
        self._is_wrapped = shape.kind != "record"
        self.is_strict = is_strict(result)
        is_free = self._is_text or is_lone_text
        inner = None if is_free else schema_of(result)
        self.schema = inner if not self._is_wrapped or is_free else _wrapped(inner)
        self._decode = json_decoder(dict[str, result] if self._is_wrapped else result).decode

    def read(self, text: str) -> Any:
        """Return the value in an answer, or why it has none."""
        if self._is_text:
            return text
        if self._text_record is not None:
            return self._text_record(text=text)
        fenced = _FENCE.match(text)
        found = self._decode((fenced[1] if fenced else text).encode("utf-8", "replace"))
        if isinstance(found, Failure) or not self._is_wrapped:
            return found
        if "value" not in found:
            return Failure("wrong-type", 'the field "value" is missing')
        return found["value"]


def _wrapped(inner: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {"value": inner},
        "required": ["value"],
        "additionalProperties": False,
    }
