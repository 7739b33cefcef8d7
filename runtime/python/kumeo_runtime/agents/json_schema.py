"""The JSON schema of a type: what a language model is told about its answer."""

from collections.abc import Sequence
from typing import Any, TypeAlias

from kumeo_runtime.shapes import Field, fields_of, holds, shape_of
from kumeo_runtime.values import Duration, Time

Schema: TypeAlias = dict[str, Any]
_SCALARS: dict[Any, Schema] = {
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": "number"},
    str: {"type": "string"},
    bytes: {"type": "string", "contentEncoding": "base64"},
    Time: {"type": "string", "format": "date-time"},
    Duration: {"type": "number", "description": "seconds"},
}


def schema_of(type: Any) -> Schema:
    """Return the schema of a type. Every field is required; one that may be missing may be null."""
    shape = shape_of(type)
    match shape.kind:
        case "json":
            return {}
        case "option":
            return {"anyOf": [schema_of(shape.inner), {"type": "null"}]}
        case "list":
            return {"type": "array", "items": schema_of(shape.inner)}
        case "map":
            return {"type": "object", "additionalProperties": schema_of(shape.inner)}
        case "record":
            return _object(fields_of(shape.type))
        case "enum":
            return {"type": "string", "enum": list(shape.names)}
        case _:
            return dict(_SCALARS[shape.type])


def is_strict(type: Any) -> bool:
    """Say whether the schema says all about the type: no maps and no free json inside."""
    return not holds(type, "map") and not holds(type, "json")


def _object(fields: Sequence[Field]) -> Schema:
    return {
        "type": "object",
        "properties": {field.json_name: schema_of(field.type) for field in fields},
        "required": [field.json_name for field in fields],
        "additionalProperties": False,
    }
