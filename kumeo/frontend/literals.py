"""Values of literals: strings with escapes, raw strings, durations.

A decoded text may come with an offset table: entry `i` is the place of its character `i` in the
text as written, and one more entry marks the end.
"""

import re
from itertools import takewhile
from typing import NamedTuple

UNITS_US = {
    "ms": 1_000,
    "s": 1_000_000,
    "m": 60_000_000,
    "h": 3_600_000_000,
    "d": 86_400_000_000,
}
"""Microseconds of each unit of a duration."""

_SIMPLE = {'"': '"', "'": "'", "\\": "\\", "n": "\n", "r": "\r", "t": "\t"}
_ESCAPE = re.compile(r"\\(?:u\{([0-9A-Fa-f]{1,6})\}|(u\{[^}\"'\n]*\}?|.)|$)")
_MAX_I64 = 2**63 - 1


class BadEscape(NamedTuple):
    """An escape sequence that does not exist, at an offset of the text."""

    offset: int
    text: str
    reason: str


class Decoded(NamedTuple):
    """A decoded string."""

    value: str
    offsets: list[int]
    faults: tuple[BadEscape, ...]


def decode_escapes(text: str, start: int = 0) -> Decoded:
    """Return the meaning of `text`, the inside of a quoted string that begins at `start`."""
    parts: list[str] = []
    offsets: list[int] = []
    faults: list[BadEscape] = []
    last = 0
    for match in _ESCAPE.finditer(text):
        parts.append(text[last : match.start()])
        offsets.extend(range(start + last, start + match.start()))
        char = _escaped(match)
        reason = _fault_of(match, char)
        if reason is not None:
            faults.append(BadEscape(start + match.start(), match[0], reason))
        parts.append(match[0] if char is None else char)
        width = len(match[0]) if char is None else 1
        offsets.extend([start + match.start()] * width)
        last = match.end()
    parts.append(text[last:])
    offsets.extend(range(start + last, start + len(text) + 1))
    return Decoded("".join(parts), offsets, tuple(faults))


def _escaped(match: re.Match[str]) -> str | None:
    digits, other = match[1], match[2]
    if digits is None:
        return _SIMPLE.get(other or "")
    number = int(digits, 16)
    return chr(number) if number < 0x110000 and not 0xD800 <= number < 0xE000 else None


def _fault_of(match: re.Match[str], char: str | None) -> str | None:
    if char is not None:
        return None
    if match[1] is not None:
        return "no such character"
    if match[0].startswith("\\u"):
        return "write it as `\\u{…}` with one to six hexadecimal digits"
    return "unknown sequence"


def encode_string(value: str) -> str:
    """Return `value` as a string literal in double quotes."""
    return '"' + "".join(_encode(char) for char in value) + '"'


def _encode(char: str) -> str:
    if char in '"\\':
        return "\\" + char
    simple = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}.get(char)
    if simple is not None:
        return simple
    return char if char.isprintable() else f"\\u{{{ord(char):x}}}"


def dedent(text: str, start: int = 0) -> Decoded:
    """Return the meaning of `text`, the inside of a raw string that begins at `start`.

    The line break after the opening quotes is dropped, then the white space that all lines with
    text have in common. A last line of white space only, before the closing quotes, stays as an
    empty line. Line ends become `\\n`.
    """
    lines = [(m.start(), m[0]) for m in re.finditer(r"[^\n]*\n|[^\n]+", text)]
    is_block = bool(lines) and not lines[0][1].strip() and lines[0][1].endswith("\n")
    body = lines[1:] if is_block else lines
    margin = _margin([line for _, line in lines[1:]])
    parts: list[str] = []
    offsets: list[int] = []
    for index, (at, line) in enumerate(body):
        drop = margin if is_block or index else 0
        _append_line(line, start + at, drop, parts, offsets)
    offsets.append(start + len(text))
    return Decoded("".join(parts), offsets, ())


def _append_line(line: str, at: int, drop: int, parts: list[str], offsets: list[int]) -> None:
    body = line.rstrip("\r\n")
    kept = body[drop:] if body.strip() else ""
    parts.append(kept)
    offsets.extend(range(at + len(body) - len(kept), at + len(body)))
    if line.endswith("\n"):
        parts.append("\n")
        offsets.append(at + len(line) - 1)


def _margin(lines: list[str]) -> int:
    """Return how many characters of white space all lines with text begin with."""
    filled = [line for line in lines if line.strip()]
    margins = [line[: len(line) - len(line.lstrip(" \t"))] for line in filled]
    columns = zip(*margins, strict=False)
    return sum(1 for _ in takewhile(lambda column: len(set(column)) == 1, columns))


def duration_us(text: str) -> int | None:
    """Return the microseconds of `1.5s`; None when they are no whole number or too many."""
    number = text.rstrip("msdh")
    unit = UNITS_US[text[len(number) :]]
    whole, _, fraction = number.partition(".")
    if len(whole) > 20 or len(fraction) > 20:
        return None
    scaled = int(whole + fraction) * unit
    value, rest = divmod(scaled, 10 ** len(fraction))
    return value if rest == 0 and value <= _MAX_I64 else None
