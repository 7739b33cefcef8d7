"""Values to and from JSON at the border of a run: events, answers, messages, the record of a run.

JSON from outside may be nested `MAX_DEPTH` deep, as in the readers of both back-end languages. Only
`parse_json` can make deeper values inside; what cannot take them fails with `too-deep`.
"""

import json
from collections.abc import Iterable
from typing import Any, cast

from xdsl.ir import Attribute

from kumeo.dialects.data.casting import decode, encode
from kumeo.dialects.data.failures import DataFailure
from kumeo.interp.values import Failure, Value

MAX_DEPTH = 128


def from_json(data: Any, kind: Attribute) -> Value:
    """Return JSON data as a value of a type. Raises: DataFailure."""
    if is_deeper(data, MAX_DEPTH):
        raise DataFailure("too-deep", f"the data is nested more than {MAX_DEPTH} levels deep")
    return decode(data, kind)


def to_json(value: Value, kind: Attribute) -> Any:
    """Return a value as JSON data. Raises: DataFailure, for instance for an infinite number."""
    try:
        return encode(value, kind)
    except RecursionError:
        raise DataFailure("too-deep", "the value is nested too deeply") from None


def shown(value: Value, kind: Attribute) -> Any:
    """Return a value as JSON data; a failure stays one. What JSON cannot hold becomes text."""
    if isinstance(value, Failure):
        return value
    try:
        return to_json(value, kind)
    except DataFailure as failure:
        is_deep = failure.code == "too-deep"
        return failure.message if is_deep else json.dumps(value, default=str)


def is_deeper(data: Any, limit: int) -> bool:
    """Return whether arrays and objects are nested more than `limit` levels deep."""
    level: list[Any] = [data]
    while level and limit >= 0:
        level = [inner for item in level for inner in _parts(item)]
        limit -= 1
    return bool(level)


def _parts(item: Any) -> Iterable[Any]:
    if isinstance(item, dict):
        return cast(dict[Any, Any], item).values()
    return cast(list[Any], item) if isinstance(item, list | tuple) else ()
