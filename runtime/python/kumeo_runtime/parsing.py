"""JSON text as plain data, with the limits that data from outside has."""

import json
import math
from collections.abc import Iterable
from typing import Any, cast

from kumeo_runtime.values import MAX_DEPTH, Fault, Json


def parsed(text: bytes | str) -> Json:
    """Return the data of JSON text. Raises: Fault with code `invalid-text`."""
    try:
        plain = text if isinstance(text, str) else text.decode()
        return json.loads(plain, parse_constant=_no_constant, parse_float=_number)
    except RecursionError:
        message = f"the data is nested more than {MAX_DEPTH} levels deep"
        raise Fault("too-deep", message) from None
    except UnicodeDecodeError as error:
        raise Fault("invalid-text", f"byte {error.start} is no UTF-8") from None
    except ValueError as error:
        raise Fault("invalid-text", f"the text is no JSON: {error}") from None


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def _number(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise ValueError(f"{digits:.40} is too large")
    return number


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
