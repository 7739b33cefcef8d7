"""Values of database drivers as JSON data."""

import base64
import datetime
import decimal
import ipaddress
import uuid
from typing import Any, cast

from kumeo_runtime.values import INT_MAX, INT_MIN, Fault

_AS_TEXT = (
    uuid.UUID,
    ipaddress.IPv4Address,
    ipaddress.IPv6Address,
    ipaddress.IPv4Interface,
    ipaddress.IPv6Interface,
    ipaddress.IPv4Network,
    ipaddress.IPv6Network,
)


def data_of(value: Any) -> Any:
    """Return a value as JSON data; a moment without a zone is one of UTC.

    An integer of more than 64 bits becomes a number. Raises: Fault for a type without JSON.

    >>> data_of(datetime.date(2026, 1, 2))
    '2026-01-02'
    """
    match value:
        case bytes():
            return base64.b64encode(value).decode()
        case decimal.Decimal():
            return _number_of(value)
        case int() if not isinstance(value, bool):
            return value if INT_MIN <= value <= INT_MAX else _float_of(value)
        case datetime.datetime():
            moment = value if value.tzinfo else value.replace(tzinfo=datetime.UTC)
            return moment.astimezone(datetime.UTC).isoformat().replace("+00:00", "Z")
        case datetime.date() | datetime.time():
            return value.isoformat()
        case datetime.timedelta():
            return value.total_seconds()
        case list() | tuple():
            return [data_of(item) for item in cast(list[Any], value)]
        case dict():
            entries = cast(dict[Any, Any], value).items()
            return {str(key): data_of(item) for key, item in entries}
        case _:
            return _scalar(value)


def _scalar(value: Any) -> Any:
    if value is None or isinstance(value, bool | float | str):
        return value
    if isinstance(value, _AS_TEXT):
        return str(value)
    kind = type(value).__name__
    message = f"a value of the type {kind} has no JSON; cast it in the query, as to text"
    raise Fault("attempt-failed", message)


def _number_of(value: decimal.Decimal) -> int | float:
    is_whole = value.is_finite() and value == value.to_integral_value()
    return int(value) if is_whole and INT_MIN <= value <= INT_MAX else _float_of(value)


def _float_of(value: int | decimal.Decimal) -> float:
    """Return the nearest number of 64 bits. Raises: Fault for none."""
    try:
        found = float(value)
    except (OverflowError, ValueError):
        found = None
    is_lost = found is None or (abs(found) == float("inf") and abs(value) != abs(found))
    if found is None or is_lost:
        raise Fault("attempt-failed", "a number of the store does not fit into 64 bits")
    return found
