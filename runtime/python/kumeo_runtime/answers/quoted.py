"""Reads text in quotes whose inner quotes may lack their backslashes.

A quote ends the text when what comes after it can come after text: a bracket, a colon after a key,
or a comma with the next part behind it. Any other quote is part of the text.
"""

import re
from collections.abc import Callable
from typing import Final

from kumeo_runtime.answers.scanning import Budget, Unreadable, skip_space
from kumeo_runtime.answers.tree import Text

CLOSERS: Final = {
    '"': '"',
    "'": "'",
    "“": '”“"',
    "”": '”"',
    "‘": "’‘'",
    "`": "`",
    "„": '“”"',
    "«": "»",
}
"""What may end text that starts with a quote."""
SPACE: Final = " \t\r\n"
_PLAIN = re.compile(r'"([^"\\\x00-\x1f]*)"(?=\s*[,:}\]])')
_NEXT_KEY = re.compile(
    r"(?:\"[^\"\n]{1,100}\"|'[^'\n]{1,100}'|“[^”\n]{1,100}”|[A-Za-z_$][\w$ .-]{0,60}?)\s*[:：=]"
)
_CUT_KEY = re.compile(r"[\"'“][^\"'”\n]{0,100}\Z")
_NEXT_ITEM = re.compile(r"[\"'“‘\[{(\d-]|(?:true|false|null|None|True|False)\b|//|/\*|#|\.\.\.|…")
_REST = re.compile(r"[\s}\])`;.]*\Z")
_ESCAPES: Final = {
    '"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t",
    "'": "'", "`": "`", "_": "_", "$": "$", "&": "&", "#": "#", "\n": "",
}  # fmt: skip
_PROPER: Final = '"\\/bfnrt'
_BEFORE = re.compile(r"[,:{\[]\s*\Z")
_AFTER = re.compile(r"\s*[,:}\])]")
_HEX = re.compile(r"[0-9a-fA-F]{4}")
LOOK_MAX: Final = 400
"""How many quotes inside of one text are looked at."""


class QuotedReader:
    """Reads texts in quotes."""

    def __init__(
        self,
        text: str,
        budget: Budget,
        mend: Callable[[int, str], None],
        is_open: Callable[[str], bool],
    ) -> None:
        self._text = text
        self._budget = budget
        self._mend = mend
        self._is_open = is_open

    def read(self, at: int, place: str) -> tuple[Text, int]:
        """Return the text that starts with the quote at a place, and where it ends.

        place: `key`, `value` or `item`: what may follow depends on it.
        """
        if place != "item" or not self._text.startswith('"""', at):
            plain = _PLAIN.match(self._text, at)
            if plain and (place == "key" or self._ends(plain.end() - 1, place)):
                return Text(plain[1]), plain.end()
        for mark in ('"""', "'''"):
            if self._text.startswith(mark, at):
                return self._tripled(at + 3, mark)
        return self._slowly(at, place)

    def _tripled(self, at: int, mark: str) -> tuple[Text, int]:
        self._mend(2, "tripled quotes")
        end = self._text.find(mark, at)
        if end < 0:
            return Text(self._text[at:], is_cut=True), len(self._text)
        return Text(self._text[at:end]), end + 3

    def _slowly(self, at: int, place: str) -> tuple[Text, int]:
        text, closers = self._text, CLOSERS[self._text[at]]
        if text[at] != '"':
            self._mend(1, "other quotes")
        special = re.compile(f"[{re.escape(closers)}\\\\\x00-\x1f]")
        parts: list[str] = []
        start, inner, has_control, at = at, 0, False, at + 1
        while found := special.search(text, at):
            self._budget.spend(1 + (found.start() - at) // 16)
            parts.append(text[at : found.start()])
            at, character = found.start(), found[0]
            if character == "\\":
                part, at = self._escaped(at)
                parts.append(part)
                continue
            if character in closers and (place == "key" or self._ends(at, place)):
                self._check(start, inner, has_control)
                return Text("".join(parts)), at + 1
            if character in closers:
                inner += self._inner(start, at)
            else:
                has_control = True
            parts.append(character)
            at += 1
        self._budget.spend((len(text) - at) // 16)
        return Text("".join(parts) + text[at:], is_cut=True), len(text)

    def _inner(self, start: int, at: int) -> int:
        """Return 1 for a quote inside of text, 0 for an apostrophe. Raises: Unreadable."""
        text = self._text
        if text[at] in "'’" and text[at - 1].isalnum() and text[at + 1 : at + 2].isalnum():
            self._mend(2, "quotes inside of text")
            return 0
        # Beside a comma or a colon it may as well be a quote too many, or one of another text.
        if at == start + 1 or _BEFORE.search(text, max(0, at - 20), at):
            raise Unreadable(at)
        if _AFTER.match(text, at + 1):
            raise Unreadable(at)
        return 1

    def _check(self, start: int, inner: int, has_control: bool) -> None:
        """Note what is unusual in a text. Raises: Unreadable when its end is not sure."""
        if inner % 2 or inner > LOOK_MAX or (inner and has_control):
            raise Unreadable(start)
        if inner:
            self._mend(3, "quotes inside of text")
        if has_control:
            self._mend(1, "control character in text")

    def _escaped(self, at: int) -> tuple[str, int]:
        """Return what a backslash stands for, and where to go on."""
        following = self._text[at + 1 : at + 2]
        if following == "u":
            return self._unicode(at)
        if following not in _PROPER:
            self._mend(1, "wrong backslash")
        if following in _ESCAPES:
            return _ESCAPES[following], at + 2
        return "\\", at + 1

    def _unicode(self, at: int) -> tuple[str, int]:
        high = self._code(at)
        if not 0xD800 <= high < 0xE000:
            return chr(high), at + 6
        if high < 0xDC00 and self._text.startswith("\\u", at + 6):
            low = self._code(at + 6)
            if 0xDC00 <= low < 0xE000:
                return chr(0x10000 + ((high - 0xD800) << 10) + low - 0xDC00), at + 12
        raise Unreadable(at)

    def _code(self, at: int) -> int:
        digits = _HEX.match(self._text, at + 2)
        if digits is None:
            raise Unreadable(at)
        return int(digits[0], 16)

    def _ends(self, at: int, place: str) -> bool:
        """Say whether the quote at a place ends the text."""
        text = self._text
        after = skip_space(text, at + 1).at
        if after >= len(text) or text.startswith("```", after):
            return True
        character = text[after]
        if character in ",;，；、":
            return self._starts(skip_space(text, after + 1).at, place)
        if character in "}])":
            is_closed = self._is_open({"}": "{", "]": "[", ")": "("}[character])
            return place == "key" or is_closed or _REST.match(text, after) is not None
        if character == "+":
            return skip_space(text, after + 1).at < len(text)
        has_gap = after > at + 1
        if place == "value":
            is_key = character in CLOSERS or "\n" in text[at + 1 : after]
            return has_gap and is_key and _NEXT_KEY.match(text, after) is not None
        return has_gap and character in "\"'{["

    def _starts(self, at: int, place: str) -> bool:
        """Say whether after a comma there is another part, or the end."""
        text = self._text
        if at >= len(text) or text[at] in "}])," or text.startswith(("...", "…"), at):
            return True
        if place == "value":
            return bool(_NEXT_KEY.match(text, at) or _CUT_KEY.match(text, at))
        return _NEXT_ITEM.match(text, at) is not None
