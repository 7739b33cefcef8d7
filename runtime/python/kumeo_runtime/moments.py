"""Times as text. A time is microseconds since 1970 UTC, years 1 to 9999."""

import re
from datetime import UTC, datetime, timedelta
from typing import Final

TIME_MIN: Final = -62_135_596_800_000_000
TIME_MAX: Final = 253_402_300_799_999_999
_EPOCH = datetime(1970, 1, 1)
_EPOCH_UTC = datetime(1970, 1, 1, tzinfo=UTC)
_DAY_US, _SECOND_US = 86_400_000_000, 1_000_000
_TEXT = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt]([0-9]{2}):([0-9]{2}):([0-9]{2})"
    r"(?:\.([0-9]{1,6})0*)?(?:[Zz]|([+-])([0-9]{2}):?([0-9]{2}))"
)


def micros_of(text: str) -> int:
    """Return the time of ISO 8601 text with a zone. Raises: ValueError with the reason."""
    if _is_usual(text):
        try:
            return _since_epoch(datetime.fromisoformat(text) - _EPOCH_UTC)
        except ValueError:
            pass  # the pattern below tells what is wrong
    return _micros_of_any(text)


def _is_usual(text: str) -> bool:
    """Say whether text has the form that nearly all times have; `fromisoformat` takes more."""
    size = len(text)
    if size != 20 and (size not in (24, 27) or text[19] != "."):
        return False
    return text[10] == "T" and text[-1] == "Z" and text[7] == "-" == text[4]


def _micros_of_any(text: str) -> int:
    found = _TEXT.fullmatch(text)
    if found is None:
        raise ValueError(f'"{text}" is no ISO 8601 time with a zone')
    year, month, day, hour, minute, second = (int(part) for part in found.groups()[:6])
    micros = int((found[7] or "0").ljust(6, "0"))
    try:
        moment = datetime(year, month, day, hour, minute, second, micros)
        return _in_calendar(_since_epoch(moment - _EPOCH) - _offset(found[8], found[9], found[10]))
    except ValueError:
        raise ValueError(f'"{text}" is no time of the calendar') from None


def _since_epoch(distance: timedelta) -> int:
    return distance.days * _DAY_US + distance.seconds * _SECOND_US + distance.microseconds


def _in_calendar(micros: int) -> int:
    if TIME_MIN <= micros <= TIME_MAX:
        return micros
    raise ValueError("outside of the years 1 to 9999")


def _offset(sign: str | None, hours: str | None, minutes: str | None) -> int:
    if sign is None:
        return 0
    if int(hours or 0) > 23 or int(minutes or 0) > 59:
        raise ValueError("an offset is less than a day")
    size = (int(hours or 0) * 60 + int(minutes or 0)) * 60 * _SECOND_US
    return -size if sign == "-" else size


def text_of(micros: int) -> str:
    """Return ISO 8601 text in UTC with `Z`; the fraction has three or six digits, or none."""
    text = calendar(micros).isoformat()
    if len(text) == 26 and text.endswith("000"):
        text = text[:-3]
    return text + "Z"


def calendar(micros: int) -> datetime:
    """Return the UTC calendar time, without a zone."""
    return _EPOCH + timedelta(microseconds=micros)
