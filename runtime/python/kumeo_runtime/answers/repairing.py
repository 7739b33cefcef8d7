"""`json-repair` under guard: what it makes counts only if it keeps every word, and adds none.

It is made to return something for every text. Left alone it drops what it cannot place and closes
what was cut off. Here the words of its result must be those of the text, in their order.
"""

import re
from collections.abc import Iterator
from typing import Any, Final, cast

from kumeo_runtime.answers.scanning import Budget

TEXT_MAX: Final = 20_000
BRACKETS_MAX: Final = 400
"""Its time grows with the square of brackets that are never closed."""
_WORDS = re.compile(r"\w+(?:[.\-]\w+)*")
_BEYOND = re.compile(r"\\|\.\.\.|…|//|/\*|#")
"""What it drops without a word."""
_ODD = re.compile(r"[\"{}\[\]:\n]|\A\W*\Z|\A[\s,;]|[\s,;]\Z")
"""What texts hold when their ends were not found, or when there was none."""
_NAMES = {"none": "null", "undefined": "null", "nil": "null"}


def repaired(text: str, budget: Budget) -> Any:
    """Return the data of malformed JSON, or None when something would be lost or invented."""
    if len(text) > TEXT_MAX or _BEYOND.search(text) or text[-1:] not in ("}", "]"):
        return None
    brackets = text.count("{"), text.count("[")
    if sum(brackets) > BRACKETS_MAX or brackets != (text.count("}"), text.count("]")):
        return None
    budget.spend(len(text))
    from json_repair import loads

    try:
        data = loads(text, skip_json_loads=True)
    except (ValueError, RecursionError, IndexError):
        return None
    if not isinstance(data, dict | list) or not data:
        return None
    if not all(_is_sound(part, text) for part in _texts_of(data)):
        return None
    same_words = _words_of(data) == [_plain(word) for word in _WORDS.findall(text)]
    return data if same_words and _brackets_of(data) == brackets else None


def _is_sound(part: str, text: str) -> bool:
    """Say whether a text is clean, and has at least one of its quotes."""
    has_quote = any(f"{quote}{part}" in text or f"{part}{quote}" in text for quote in "\"'")
    is_literal = part.lower() in ("null", "none", "true", "false")
    return has_quote and not is_literal and _ODD.search(part) is None


def _texts_of(data: Any) -> Iterator[str]:
    """Give all keys and texts."""
    pending: list[Any] = [data]
    while pending:
        part = pending.pop()
        if isinstance(part, dict):
            pending += [*cast(dict[str, Any], part), *cast(dict[str, Any], part).values()]
        elif isinstance(part, list):
            pending += cast(list[Any], part)
        elif isinstance(part, str):
            yield part


def _brackets_of(data: Any) -> tuple[int, int]:
    """Return how many objects and arrays there are."""
    objects, arrays, pending = 0, 0, [data]
    while pending:
        part = pending.pop()
        if isinstance(part, dict):
            objects += 1
            pending += cast(dict[str, Any], part).values()
        elif isinstance(part, list):
            arrays += 1
            pending += cast(list[Any], part)
    return objects, arrays


def _words_of(data: Any) -> list[str]:
    """Return the words of keys and values in their order."""
    found: list[str] = []
    pending: list[Any] = [data]
    while pending:
        part = pending.pop()
        if isinstance(part, dict):
            for key, value in reversed(cast(dict[str, Any], part).items()):
                pending += [value, key]
        elif isinstance(part, list):
            pending += reversed(cast(list[Any], part))
        elif part is None:
            found.append("null")
        else:
            found += [_plain(word) for word in _WORDS.findall(str(part))]
    return found


def _plain(word: str) -> str:
    lower = word.lower()
    return _NAMES.get(lower, lower)
