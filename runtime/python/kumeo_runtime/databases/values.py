"""Values of database drivers as JSON data."""

import base64
import datetime
import decimal
import uuid
from typing import Any, cast


def data_of(value: Any) -> Any:
    """Return a value as JSON data; a moment without a zone is one of UTC.

    >>> data_of(datetime.date(2026, 1, 2))
    '2026-01-02'
    """
    match value:
        case bytes():
            return base64.b64encode(value).decode()
        case decimal.Decimal():
            return int(value) if value == value.to_integral_value() else float(value)
        case datetime.datetime():
            moment = value if value.tzinfo else value.replace(tzinfo=datetime.UTC)
            return moment.astimezone(datetime.UTC).isoformat().replace("+00:00", "Z")
        case datetime.date() | datetime.time():
            return value.isoformat()
        case datetime.timedelta():
            return value.total_seconds()
        case uuid.UUID():
            return str(value)
        case list() | tuple():
            return [data_of(item) for item in cast(list[Any], value)]
        case dict():
            entries = cast(dict[Any, Any], value).items()
            return {str(key): data_of(item) for key, item in entries}
        case _:
            return value
