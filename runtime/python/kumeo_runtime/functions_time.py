"""The library functions on times and durations; the calendar is that of UTC."""

from kumeo_runtime.moments import calendar, micros_of, text_of
from kumeo_runtime.values import Duration, Failure, Time

_HOUR_US, _MINUTE_US = 3_600_000_000, 60_000_000


def timestamp(text: str) -> Time | Failure:
    """Return the time of ISO 8601 text."""
    try:
        return Time(micros_of(text))
    except ValueError as error:
        return Failure("invalid-text", str(error))


def time_text(time: Time) -> str:
    """Return ISO 8601 text in UTC."""
    return text_of(time)


def hour(time: Time) -> int:
    """Return the hour, 0 to 23."""
    return time // _HOUR_US % 24


def minute(time: Time) -> int:
    """Return the minute, 0 to 59."""
    return time // _MINUTE_US % 60


def day(time: Time) -> int:
    """Return the day of the month, 1 to 31."""
    return calendar(time).day


def month(time: Time) -> int:
    """Return the month, 1 to 12."""
    return calendar(time).month


def year(time: Time) -> int:
    """Return the year."""
    return calendar(time).year


def weekday(time: Time) -> int:
    """Return the day of the week, 1 for Monday."""
    return calendar(time).isoweekday()


def seconds(duration: Duration) -> float:
    """Return a duration in seconds."""
    return float(duration) / 1e6


def epoch(time: Time) -> float:
    """Return the seconds since 1970 UTC."""
    return float(time) / 1e6
