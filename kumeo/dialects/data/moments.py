"""Times as text and as calendar parts. A time is microseconds since 1970 UTC, years 1 to 9999."""

import re
from datetime import UTC, datetime, timedelta

from kumeo.dialects.data.failures import DataFailure

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_TEXT = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt]([0-9]{2}):([0-9]{2}):([0-9]{2})"
    r"(?:\.([0-9]{1,6})0*)?(?:[Zz]|([+-])([0-9]{2}):?([0-9]{2}))"
)


def time_from_text(text: str) -> int:
    """Return the time of ISO 8601 text such as `2026-01-31T10:00:00.5+02:00`.

    The zone is required. At most six digits after the point carry value; seconds go up to 59.
    """
    found = _TEXT.fullmatch(text)
    if found is None:
        raise DataFailure("invalid-text", f'"{text}" is no ISO 8601 time with a zone')
    year, month, day, hour, minute, second = (int(part) for part in found.groups()[:6])
    micros = int((found[7] or "0").ljust(6, "0"))
    try:
        moment = datetime(year, month, day, hour, minute, second, micros, UTC)
        return (moment - _offset(found[8], found[9], found[10]) - _EPOCH) // _MICROSECOND
    except (ValueError, OverflowError):
        raise DataFailure("invalid-text", f'"{text}" is no time of the calendar') from None


def _offset(sign: str | None, hours: str | None, minutes: str | None) -> timedelta:
    if sign is None:
        return timedelta()
    if int(hours or 0) > 23 or int(minutes or 0) > 59:
        raise ValueError("an offset is less than a day")
    size = timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
    return -size if sign == "-" else size


def time_to_text(micros: int) -> str:
    """Return ISO 8601 text in UTC with `Z`; the fraction has three or six digits, or none."""
    moment = calendar(micros)
    text = f"{moment.year:04}-{moment:%m-%dT%H:%M:%S}"
    fraction = f"{moment.microsecond:06}"
    if moment.microsecond == 0:
        return text + "Z"
    return f"{text}.{fraction[:3] if fraction.endswith('000') else fraction}Z"


def calendar(micros: int) -> datetime:
    """Return the UTC calendar time."""
    return _EPOCH + timedelta(microseconds=micros)
