"""Damaged pieces of text: what is reported, and which token stands in for them.

The lexer calls `mend` with the kind of damage. A stand-in token has a text that is well-formed,
while its place is that of the text as written.
"""

import re
import unicodedata

from kumeo.diagnostics import Span
from kumeo.frontend.errors.syntax import (
    InvalidCharacter,
    InvalidDuration,
    InvalidNumber,
    UnterminatedComment,
)
from kumeo.frontend.open_strings import mend_raw_string, mend_string
from kumeo.frontend.tokens import Comment, Tokens

_UNIT_NAMES = {
    "s": "sec secs second seconds",
    "ms": "msec msecs millis milliseconds",
    "m": "min mins minute minutes",
    "h": "hr hrs hour hours H",
    "d": "day days D",
}
UNIT_OF = {n: unit for unit, names in _UNIT_NAMES.items() for n in (unit, *names.split())}
"""Names that people write for the units of durations."""

_QUOTES = {"“": "”", "„": "“”", "”": "”", "‘": "’", "‚": "‘’", "’": "’", "«": "»", "»": "«"}
_HINTS = {
    "&": "write `and`",
    "^": "write `pow(a, b)` for a power",
    "`": 'strings are written in `"`',
    "@": "Kumeo has no annotations",
    "\\": "a line goes on without a mark",
    "~": "write `not`",
}


def mend(tokens: Tokens, kind: str, start: int, end: int, stop: int) -> int | None:
    """Report and repair the damaged piece; return where the lexer goes on, None for nowhere."""
    if kind == "bad_comment":
        return _mend_comment(tokens, start, stop)
    if kind == "bad_raw_string":
        return mend_raw_string(tokens, start, stop)
    if kind == "bad_string":
        return mend_string(tokens, start, end)
    if kind == "bad_character":
        return _mend_character(tokens, start, stop)
    _MENDERS[kind](tokens, Span(tokens.source, start, end))
    return end


def _mend_comment(tokens: Tokens, start: int, stop: int) -> None:
    span = Span(tokens.source, start, stop)
    tokens.comments.append(Comment(span, span.text))
    tokens.diagnostics.append(UnterminatedComment(Span(tokens.source, start, start + 2)))
    tokens.is_cut = True


def _mend_word(tokens: Tokens, span: Span) -> None:
    char = next(c for c in span.text if not c.isascii())
    fix = "names consist of the letters A to Z, a to z, digits and `_`"
    at = span.start + span.text.index(char)
    place = Span(span.source, at, at + 1)
    tokens.diagnostics.append(InvalidCharacter(place, f"`{char}` in a name", fix))
    tokens.damaged.add(span.start)
    tokens.add("NAME", span.text, span.start, span.end)


def _mend_fraction(tokens: Tokens, span: Span) -> None:
    follows_value = bool(tokens.ends) and tokens.ends[-1] == span.start
    if follows_value and tokens.kinds[-1] in ("NAME", "RPAREN", "RBRACKET"):
        reason, fix = "an index stands in brackets", f"[{span.text[1:]}]"
        tokens.diagnostics.append(InvalidNumber(span, span.text, reason, fix))
        return
    fix = "0" + span.text
    good = bool(re.fullmatch(r"\.\d+", span.text))
    reason = "a digit must stand before the point"
    tokens.diagnostics.append(InvalidNumber(span, span.text, reason, fix if good else None))
    _stand_in(tokens, "FLOAT", fix if good else "0.0", span)


def _mend_number(tokens: Tokens, span: Span) -> None:
    text = span.text
    unit = re.fullmatch(r"(\d+(?:\.\d+)?)([A-Za-z]+)", text)
    if unit and not text.lower().startswith(("0x", "0b", "0o")):
        known = UNIT_OF.get(unit[2])
        fix = unit[1] + known if known else None
        reason = "the units are `ms`, `s`, `m`, `h` and `d`; sizes are written as strings"
        tokens.diagnostics.append(InvalidDuration(span, text, reason, fix))
        _stand_in(tokens, "DURATION", fix or "1s", span)
        return
    fix, reason = _number_fix(text)
    tokens.diagnostics.append(InvalidNumber(span, text, reason, fix))
    _stand_in(tokens, "FLOAT" if fix and "." in fix else "INT", fix or "0", span)


def _mend_space(tokens: Tokens, span: Span) -> None:
    number, unit = span.text.split()
    fix = number + UNIT_OF[unit]
    reason = "no space stands before the unit"
    tokens.diagnostics.append(InvalidDuration(span, span.text, reason, fix))
    _stand_in(tokens, "DURATION", fix, span)


def _number_fix(text: str) -> tuple[str | None, str]:
    if re.fullmatch(r"\d+\.", text):
        return text + "0", "a digit must follow the point"
    if re.fullmatch(r"0[xXbBoO]\w+", text):
        return _decimal(text), "integers are written in decimal"
    if re.fullmatch(r"[\d_]+(\.[\d_]+)?", text):
        return text.replace("_", "").removesuffix("."), "digits are written without `_`"
    return None, "numbers look like `10`, `0.5` or `1e-3`"


def _decimal(text: str) -> str | None:
    try:
        return str(int(text, 0))
    except ValueError:
        return None


def _stand_in(tokens: Tokens, kind: str, text: str, span: Span) -> None:
    tokens.damaged.add(span.start)
    tokens.add(kind, text, span.start, span.end)


def _mend_character(tokens: Tokens, start: int, stop: int) -> int:
    text = tokens.source.text
    char = text[start]
    line_end = text.find("\n", start, stop)
    line_end = stop if line_end < 0 else line_end
    if char == "\ufeff" and start == 0:
        return 1
    if char in _QUOTES:
        return _mend_quotes(tokens, start, line_end)
    span = Span(tokens.source, start, start + 1)
    if char == "#":
        tokens.diagnostics.append(InvalidCharacter(span, "`#`", "comments begin with `//`"))
        return line_end
    if not _continues(tokens, start):
        tokens.diagnostics.append(InvalidCharacter(span, _describe(char), _HINTS.get(char)))
    tokens.damaged.add(_next_start(text, start + 1, stop))
    if char == "&":
        tokens.add("AMPAMP", "&&", start, start + 1)
    return start + 1


def _mend_quotes(tokens: Tokens, start: int, line_end: int) -> int:
    text = tokens.source.text
    closers = _QUOTES[text[start]] + "\"'"
    close = next((i for i in range(start + 1, line_end) if text[i] in closers), None)
    span = Span(tokens.source, start, start + 1)
    fix = 'write the straight quote `"`'
    tokens.diagnostics.append(InvalidCharacter(span, f"the quote `{text[start]}`", fix))
    if close is None:
        return start + 1
    value = text[start + 1 : close].replace("\\", "\\\\").replace('"', '\\"')
    tokens.damaged.add(start)
    tokens.add("STRING", f'"{value}"', start, close + 1)
    return close + 1


def _continues(tokens: Tokens, start: int) -> bool:
    """Return whether the character just before was reported too: a run is one mistake."""
    last = tokens.diagnostics[-1] if tokens.diagnostics else None
    if not isinstance(last, InvalidCharacter) or not isinstance(last.place, Span):
        return False
    between = tokens.source.text[last.place.start : start]
    return not any(char.isspace() or char.isalnum() or char in "{}[]()\"',:" for char in between)


def _next_start(text: str, position: int, stop: int) -> int:
    while position < stop and text[position] in " \t\r\n":
        position += 1
    return position


def _describe(char: str) -> str:
    if char.isprintable() and not char.isspace():
        return f"`{char}`"
    name = unicodedata.name(char, "control character").lower()
    return f"U+{ord(char):04X} ({name})"


_MENDERS = {
    "bad_fraction": _mend_fraction,
    "bad_number": _mend_number,
    "bad_space": _mend_space,
    "bad_word": _mend_word,
}
