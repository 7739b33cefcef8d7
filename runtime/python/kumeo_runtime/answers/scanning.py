"""What parsers of answers share: a bound of their work, and the space between parts."""

import re
from typing import NamedTuple

_GAP = re.compile(r"\s*(?://[^\n]*|/\*[\s\S]*?(?:\*/|\Z)|#[^\n]*|<!--[\s\S]*?(?:-->|\Z))")
_SPACE = re.compile(r"[\s\u200b\ufeff]*")


class Unreadable(Exception):  # noqa: N818 - says that a text is none, not that something broke
    """Here nothing starts that can be read."""


class Exhausted(Exception):  # noqa: N818 - see above
    """Reading takes more work than an answer is worth."""


class Budget:
    """How much work reading may take."""

    def __init__(self, steps: int) -> None:
        self._left = steps

    def spend(self, steps: int) -> None:
        """Take steps away. Raises: Exhausted."""
        self._left -= steps
        if self._left < 0:
            raise Exhausted


class Gap(NamedTuple):
    """Where the next part starts, and whether a comment was passed."""

    at: int
    has_comment: bool


def skip_space(text: str, at: int) -> Gap:
    """Return where the next part starts."""
    has_comment = False
    while found := _GAP.match(text, at):
        has_comment, at = True, found.end()
    found = _SPACE.match(text, at)
    return Gap(found.end() if found else at, has_comment)
