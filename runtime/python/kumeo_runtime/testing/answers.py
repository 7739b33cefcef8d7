"""The corpus of answers: files of cases, and their types as Python has them."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, NamedTuple, cast

import msgspec

from kumeo_runtime.values import Duration, Int, Json, Record, Time

_NAMED: dict[str, Any] = {
    "bool": bool,
    "int": Int,
    "float": float,
    "string": str,
    "bytes": bytes,
    "timestamp": Time,
    "duration": Duration,
    "json": Json,
}


class Case(NamedTuple):
    """One answer; `value` is the JSON data of what it says."""

    name: str
    type: Any
    text: str
    value: Json = None


def type_of(form: Any) -> Any:
    """Return the annotation of a type that a file describes."""
    if isinstance(form, str):
        return _NAMED[form]
    if "enum" in form:
        return Literal[tuple(form["enum"])]
    if "option" in form:
        return type_of(form["option"]) | None
    if "list" in form:
        return list[type_of(form["list"])]
    if "map" in form:
        return dict[str, type_of(form["map"])]
    fields = [_field(name, inner) for name, inner in form["fields"].items()]
    made: Any = msgspec.defstruct(form["record"], fields, bases=(Record,), kw_only=True)
    return made


def _field(name: str, form: Any) -> Any:
    is_optional = isinstance(form, dict) and "option" in form
    return (name, type_of(form), None) if is_optional else (name, type_of(form))


def cases(folder: Path, kind: str) -> Iterator[Case]:
    """Give the cases of all files, those that are `read` or those that are `refused`."""
    for path in sorted(folder.glob("*.json")):
        content = cast(dict[str, Any], json.loads(path.read_text(encoding="utf-8")))
        type = type_of(content["type"])
        for case in content[kind]:
            name = f"{path.stem}: {case['fault']}"
            yield Case(name, type, case["text"], case.get("value"))
