"""The library functions on text, and text as other values."""

import json
import re
from typing import Any, TypeVar

from kumeo_runtime.functions_numbers import truncate
from kumeo_runtime.moments import text_of
from kumeo_runtime.values import INT_MAX, INT_MIN, Duration, Failure, Json, Time

E = TypeVar("E", bound=str)
WHITE_SPACE = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)
_INTEGER = re.compile(r"[+-]?[0-9]+")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")


def lower(text: str) -> str:
    """Return the text in lower case."""
    return text.lower()


def upper(text: str) -> str:
    """Return the text in upper case."""
    return text.upper()


def trim(text: str) -> str:
    """Return the text without white space at its ends."""
    return text.strip(WHITE_SPACE)


def starts_with(text: str, prefix: str) -> bool:
    """Say whether the text begins with a prefix."""
    return text.startswith(prefix)


def ends_with(text: str, suffix: str) -> bool:
    """Say whether the text ends with a suffix."""
    return text.endswith(suffix)


def replace(text: str, old: str, new: str) -> str:
    """Return the text with every old part replaced, left to right."""
    return text.replace(old, new)


def split(text: str, separator: str) -> list[str]:
    """Return the parts between separators; an empty separator gives the code points."""
    return text.split(separator) if separator else list(text)


def join(parts: list[str], separator: str) -> str:
    """Return the texts with a separator between them."""
    return separator.join(parts)


def substring(text: str, start: int, end: int | None = None) -> str:
    """Return the code points [start, end), both clamped to the text."""
    stop = len(text) if end is None else max(end, 0)
    return text[max(start, 0) : stop]


def to_string(value: bool | int | float | str) -> str:
    """Return the text of a scalar; `json_text` is that of json."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Time):
        return text_of(value)
    return _duration_text(value) if isinstance(value, Duration) else repr(value)


def _duration_text(micros: int) -> str:
    whole, fraction = divmod(abs(int(micros)), 1_000_000)
    digits = f".{fraction:06}".rstrip("0") if fraction else ""
    return f"{'-' if micros < 0 else ''}{whole}{digits}s"


def json_text(value: Json) -> str:
    """Return compact JSON text with sorted keys."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def to_int(value: str | float) -> int | Failure:
    """Return the integer of decimal text, or a number cut towards zero."""
    if isinstance(value, str):
        return _int_of_text(value)
    return truncate(value) if isinstance(value, float) else value


def _int_of_text(text: str) -> int | Failure:
    if _INTEGER.fullmatch(text) is None:
        return Failure("invalid-text", f'"{text:.40}" is no integer')
    if len(text) > 40 and len(text.lstrip("+-0")) > 19:
        return Failure("overflow", "the integer does not fit into 64 bits")
    number = int(text.lstrip("+-0") or "0") * (-1 if text[0] == "-" else 1)
    if INT_MIN <= number <= INT_MAX:
        return number
    return Failure("overflow", f"{number} does not fit into 64 bits")


def to_float(value: str | float) -> float | Failure:
    """Return the number of decimal text or of an integer; too large text gives infinity."""
    if isinstance(value, str) and _NUMBER.fullmatch(value) is None:
        return Failure("invalid-text", f'"{value:.40}" is no number')
    return float(value)


def parse_json(text: str) -> Json | Failure:
    """Return the value of JSON text; integers beyond 64 bits and fractions are floats."""
    try:
        value: Any = json.loads(
            text, parse_constant=_no_constant, parse_int=_json_int, parse_float=_json_float
        )
        json_text(value).encode()
    except (ValueError, RecursionError) as error:
        return Failure("invalid-text", f"the text is no JSON: {error}")
    return value


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def _json_int(digits: str) -> int | float:
    if len(digits) > 20:
        return _json_float(digits)
    number = int(digits)
    return number if INT_MIN <= number <= INT_MAX else _json_float(digits)


def _json_float(digits: str) -> float:
    number = float(digits)
    if number in (float("inf"), float("-inf")):
        raise ValueError(f"{digits:.40} is too large")
    return number


def enum_of(text: str, names: tuple[E, ...]) -> E | Failure:
    """Return text as one of the names of an enum."""
    for name in names:
        if name == text:
            return name
    return Failure("invalid-text", f'"{text}" is none of {", ".join(names)}')


def rank(name: E, names: tuple[E, ...]) -> int:
    """Return the place of an enum's name: enums are ordered as they are declared."""
    return names.index(name)
