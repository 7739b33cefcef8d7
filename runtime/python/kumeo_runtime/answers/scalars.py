"""Numbers, truth, names of enums, times and durations, in the spellings that models use.

Each reader returns JSON data of the type, or None when the node does not say one. Nothing is
rounded, completed or guessed: `3.7` is no integer, and a time without a zone is no time.
"""

import math
import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from email.utils import parsedate_to_datetime
from typing import Any, Final, TypeAlias

from kumeo_runtime.answers.notes import Notes
from kumeo_runtime.answers.tree import Node, Text, Word
from kumeo_runtime.moments import micros_of
from kumeo_runtime.values import Duration, Time

ScalarReader: TypeAlias = Callable[[Text | Word, Notes], Any]
"""Returns data, or None."""
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d{1,4})?")
_GROUPED = re.compile(r"[-+]?\d{1,3}(?:([,_' \u202f])\d{3})(?:\1\d{3})*(?:\.\d+)?")
_MONEY = re.compile(r"\s*(?:[$€£¥]|USD|EUR|GBP|CHF)\s*")
_TRUE: Final = frozenset({"true", "yes", "y", "on", "1"})
_FALSE: Final = frozenset({"false", "no", "n", "off", "0"})
_WRAPPING = " \t\r\n\"'`*“”‘’.!;:,"
_SEPARATORS = re.compile(r"[\s_\-]+")
_UNITS: Final = {
    "us": "0.000001", "µs": "0.000001", "ms": "0.001", "millisecond": "0.001", "s": "1",
    "sec": "1", "second": "1", "m": "60", "min": "60", "minute": "60", "h": "3600", "hr": "3600",
    "hour": "3600", "d": "86400", "day": "86400", "w": "604800", "week": "604800",
}  # fmt: skip
_PART = re.compile(r"\s*(?:,\s*|and\s+)?(\d+(?:\.\d+)?)\s*([a-zµ]+)")
_ISO_PERIOD = re.compile(
    r"P(?:(\d+)W|(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?)", re.IGNORECASE
)
_CLOCK = re.compile(r"(\d{1,3}):([0-5]\d):([0-5]\d(?:\.\d+)?)")
_TIME = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt ]\s*(\d\d:\d\d)(:\d\d(?:\.\d+)?)?\s*(Z|UTC|GMT|[+-]\d\d(?::?\d\d)?)",
    re.IGNORECASE,
)
_BASE64 = re.compile(r"[A-Za-z0-9+/]*={0,2}")


def read_scalar(type: Any, node: Node, notes: Notes) -> Any:
    """Return JSON data of a scalar type, or None."""
    if node.is_cut or not isinstance(node, Text | Word):
        return None
    return _READERS[type](node, notes)


def read_name(names: tuple[str, ...], node: Node, notes: Notes) -> str | None:
    """Return the one name of an enum that a node says, or None."""
    if node.is_cut or not isinstance(node, Text | Word):
        return None
    text = _text_of(node)
    if text in names:
        notes.repair(1, "name without quotes") if isinstance(node, Word) else None
        return text
    for cost, simpler in ((1, _trimmed), (2, _folded), (3, _joined)):
        found = [name for name in names if simpler(name) == simpler(text)]
        if found and simpler(text):
            notes.repair(cost, "spelling of a name")
            return found[0] if len(found) == 1 else None
    return None


def says_nothing(node: Node) -> bool:
    """Say whether a node is null in some spelling without quotes."""
    return isinstance(node, Word) and node.text.lower() in ("null", "none", "undefined", "nil")


def is_null_text(node: Node) -> bool:
    """Say whether a text stands for null where text is no value."""
    empty = ("", "null", "none", "n/a", "na", "nil", "undefined", "-")
    return isinstance(node, Text) and node.value.strip().lower() in empty


def _trimmed(text: str) -> str:
    return text.strip(_WRAPPING)


def _folded(text: str) -> str:
    return _trimmed(text).casefold()


def _joined(text: str) -> str:
    return _SEPARATORS.sub("", _folded(text))


def _text_of(node: Text | Word) -> str:
    return node.value if isinstance(node, Text) else node.text


def _read_text(node: Text | Word, notes: Notes) -> Any:
    if isinstance(node, Text):
        return node.value
    if not node.text or says_nothing(node):
        return None
    notes.repair(3, "text without quotes")
    return node.text


def _read_bool(node: Text | Word, notes: Notes) -> Any:
    text = _trimmed(_text_of(node)).lower()
    if text not in _TRUE and text not in _FALSE:
        return None
    is_proper = isinstance(node, Word) and node.text in ("true", "false")
    notes.repair(0 if is_proper else 2, "" if is_proper else "truth in words")
    return text in _TRUE


def _read_integer(node: Text | Word, notes: Notes) -> Any:
    number = _number_in(node, notes)
    if number is None or number != number.to_integral_value() or abs(number) > 2**64:
        return None
    return int(number)


def _read_float(node: Text | Word, notes: Notes) -> Any:
    number = _number_in(node, notes, is_float=True)
    found = math.nan if number is None else float(number)
    return found if math.isfinite(found) else None


def _number_in(node: Text | Word, notes: Notes, is_float: bool = False) -> Decimal | None:
    text = _text_of(node).strip()
    if isinstance(node, Text):
        notes.repair(2, "number as text")
    if found := _NUMBER.fullmatch(text):
        return _decimal(found[0])
    return _decorated(text.strip("*`\"' \n").rstrip("."), notes, is_float)


def _decorated(text: str, notes: Notes, is_float: bool) -> Decimal | None:
    """Return a number with a currency or with thousands set apart."""
    notes.repair(3, "spelling of a number")
    plain = _MONEY.sub("", text, count=1) if _MONEY.match(text) else _without_end(text)
    if _NUMBER.fullmatch(plain):
        return _decimal(plain)
    grouped = _GROUPED.fullmatch(plain)
    if grouped is None:
        return None
    # In half of the world `1,234` is a number between one and two.
    is_unclear = is_float and grouped[1] == "," and plain.count(",") == 1 and "." not in plain
    return None if is_unclear else _decimal(plain.replace(grouped[1], ""))


def _without_end(text: str) -> str:
    money = list(_MONEY.finditer(text))
    return text[: money[-1].start()] if money and money[-1].end() == len(text) else text


def _decimal(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def _read_time(node: Text | Word, notes: Notes) -> Any:
    text = _text_of(node).strip()
    if _is_time(text):
        return text
    notes.repair(2, "spelling of a time")
    found = _TIME.fullmatch(text)
    spelled = _iso(found) if found else _of_mail(text)
    return spelled if _is_time(spelled) else None


def _iso(found: re.Match[str]) -> str:
    zone = found[4].upper()
    zone = "Z" if zone in ("UTC", "GMT", "Z") else zone
    zone = zone + ":00" if len(zone) == 3 else zone
    return f"{found[1]}T{found[2]}{found[3] or ':00'}{zone}"


def _of_mail(text: str) -> str:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, IndexError, TypeError):
        return ""
    return "" if moment.tzinfo is None else moment.isoformat()


def _is_time(text: str) -> bool:
    try:
        micros_of(text)
    except ValueError:
        return False
    return True


def _read_duration(node: Text | Word, notes: Notes) -> Any:
    number = _number_in(node, Notes())
    if number is not None and _NUMBER.fullmatch(_text_of(node).strip()):
        notes.repair(2, "number as text") if isinstance(node, Text) else None
        return float(number)
    notes.repair(3, "spelling of a duration")
    seconds = _seconds_in(_text_of(node).strip(_WRAPPING))
    return None if seconds is None else float(seconds)


def _seconds_in(text: str) -> Decimal | None:
    if found := _CLOCK.fullmatch(text):
        return Decimal(found[1]) * 3600 + Decimal(found[2]) * 60 + Decimal(found[3])
    found = _ISO_PERIOD.fullmatch(text)
    if found and any(found.groups()):
        weeks, days, hours, minutes, seconds = (Decimal(part or 0) for part in found.groups())
        return ((weeks * 7 + days) * 24 + hours) * 3600 + minutes * 60 + seconds
    return _in_words(text.lower())


def _in_words(text: str) -> Decimal | None:
    at, total, before = 0, Decimal(0), Decimal("Infinity")
    while found := _PART.match(text, at):
        unit = Decimal(_UNITS.get(found[2]) or _UNITS.get(found[2].removesuffix("s")) or 0)
        if not 0 < unit < before:
            return None
        total, at, before = total + Decimal(found[1]) * unit, found.end(), unit
    return total if at and at == len(text) else None


def _read_bytes(node: Text | Word, notes: Notes) -> Any:
    if not isinstance(node, Text):
        return None
    text = node.value
    plain = re.sub(r"\s+", "", re.sub(r"\Adata:[\w/+.-]*;base64,", "", text))
    plain = plain.replace("-", "+").replace("_", "/")
    if _BASE64.fullmatch(plain) is None or len(plain.rstrip("=")) % 4 == 1:
        return None
    plain = plain.rstrip("=") + "=" * (-len(plain.rstrip("=")) % 4)
    notes.repair(2, "spelling of bytes") if plain != text else None
    return plain


_READERS: dict[Any, ScalarReader] = {
    bool: _read_bool,
    int: _read_integer,
    float: _read_float,
    str: _read_text,
    bytes: _read_bytes,
    Time: _read_time,
    Duration: _read_duration,
}
EXPECTED: Final[dict[Any, str]] = {
    bool: "true or false",
    int: "an integer",
    float: "a number",
    str: "text",
    bytes: "bytes in base64",
    Time: "an ISO 8601 time with a zone",
    Duration: "seconds",
}
