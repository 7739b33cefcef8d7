"""How wide a text is and where it breaks, without a font at hand.

Widths are estimates for common sans-serif fonts, rounded up, so that no text leaves its box.
"""

import unicodedata

_NARROW = frozenset("iIjltf.,:;'|!()[]{} -/\\`\"r")
_WIDE = frozenset("mwMW@%—…")


def text_width(text: str, size: float) -> float:
    """Return the width of one line in pixels at a font size, or a little more."""
    return sum(_char(char) for char in text) * size


def shorten(text: str, size: float, limit: float) -> str:
    """Return the text, cut with an ellipsis when it is wider than `limit`."""
    if text_width(text, size) <= limit:
        return text
    kept = text
    while kept and text_width(kept + "…", size) > limit:
        kept = kept[:-1]
    return kept.rstrip() + "…"


def wrap(text: str, size: float, limit: float, lines_max: int) -> tuple[str, ...]:
    """Return the text in lines of at most `limit` pixels, the last one cut if need be."""
    lines: list[str] = []
    words = text.split()
    while words and len(lines) < lines_max - 1:
        lines.append(words.pop(0))
        while words and text_width(f"{lines[-1]} {words[0]}", size) <= limit:
            lines[-1] += f" {words.pop(0)}"
    if words:
        lines.append(" ".join(words))
    return tuple(shorten(line, size, limit) for line in lines)


def _char(char: str) -> float:
    if char in _NARROW:
        return 0.36
    if char in _WIDE or unicodedata.east_asian_width(char) in "WF":
        return 1.02
    return 0.72 if char.isupper() else 0.59
