"""The schema of an answer as strict servers take it: fewer words, and nothing is optional.

What a server is told is a part of what is checked here: bounds and patterns are left out, and the
answer is read against the full type all the same.
"""

from collections.abc import Mapping
from typing import Any, cast

_KEPT = ("type", "enum", "description", "title", "$ref")
_FORMATS = frozenset(
    {"date-time", "date", "time", "duration", "email", "hostname", "ipv4", "ipv6", "uuid"}
)
_NULL = {"type": "null"}


def portable(schema: Any) -> dict[str, Any]:
    """Return a schema that every strict server takes.

    Every field is required, one that may be missing may be null instead; objects hold nothing
    else; `oneOf` becomes `anyOf` and `const` an enum; numbers, texts and lists have no bounds.

    >>> portable({"type": "integer", "minimum": 1})
    {'type': 'integer'}
    """
    given = cast(Mapping[str, Any], schema if isinstance(schema, Mapping) else {})
    one = _lone(given)
    if one is not None:
        return portable(one)
    made = {key: given[key] for key in _KEPT if key in given}
    if "const" in given:
        made["enum"] = [given["const"]]
    if given.get("format") in _FORMATS:
        made["format"] = given["format"]
    if "items" in given:
        made["items"] = portable(given["items"])
    if "properties" in given:
        made |= _object(given)
    choices = given.get("anyOf") or given.get("oneOf")
    if choices:
        made["anyOf"] = [portable(each) for each in choices]
    if "$defs" in given:
        made["$defs"] = {name: portable(each) for name, each in given["$defs"].items()}
    return made


def _lone(given: Mapping[str, Any]) -> Any:
    """Return the only part of an `allOf`."""
    parts = given.get("allOf") or ()
    return parts[0] if len(parts) == 1 and "properties" not in given else None


def _object(given: Mapping[str, Any]) -> dict[str, Any]:
    required: frozenset[str] = frozenset(given.get("required") or ())
    fields: Mapping[str, Any] = given["properties"]
    return {
        "type": "object",
        "properties": {
            name: portable(kind) if name in required else _nullable(portable(kind))
            for name, kind in fields.items()
        },
        "required": list(fields),
        "additionalProperties": False,
    }


def _nullable(schema: dict[str, Any]) -> dict[str, Any]:
    kind = schema.get("type")
    kinds = cast(list[Any], kind if isinstance(kind, list) else [kind])
    choices: list[Any] = schema.get("anyOf", [schema])
    is_nullable = "null" in kinds or _NULL in choices
    return schema if is_nullable else {"anyOf": [*choices, _NULL]}
