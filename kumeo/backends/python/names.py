"""Names of the printed code: identifiers that say what the source calls a thing."""

import builtins
import keyword
import re
from collections.abc import Iterable

_WORDS = re.compile(r"[A-Za-z0-9]+")
_HUMPS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
RESERVED = frozenset(
    {
        *keyword.kwlist,
        *keyword.softkwlist,
        *(name for name in dir(builtins) if name.islower()),
        *("act", "f", "m", "edges", "path"),
    }
)
"""What no local variable is called."""


def words_of(text: str) -> list[str]:
    """Return the words of a name in any spelling: `runAssess`, `run.assess`, `run-assess`."""
    return [word for part in _WORDS.findall(text) for word in _HUMPS.split(part) if word]


def snake(text: str, default: str = "value") -> str:
    """Return a name for a variable or function, not yet unique."""
    name = "_".join(words_of(text)).lower() or default
    return f"{default}_{name}" if name[0].isdigit() else name


def pascal(text: str, default: str = "Value") -> str:
    """Return a name for a class, not yet unique."""
    name = "".join(word[0].upper() + word[1:] for word in words_of(text)) or default
    return f"{default}{name}" if name[0].isdigit() else name


def class_name(text: str) -> str:
    """Return a name for a class, not yet unique: never one that a variable could have."""
    return text if text[0].isupper() and text.isidentifier() else pascal(text)


def constant(text: str, default: str = "VALUE") -> str:
    """Return a name for a module constant, not yet unique."""
    return snake(text, default.lower()).upper()


def field_name(text: str) -> str:
    """Return the attribute of a record field: the name itself where Python allows it."""
    is_plain = text.isidentifier() and text.isascii() and not text.startswith("_")
    if is_plain and not keyword.iskeyword(text):
        return text
    name = snake(text, "field")
    return f"{name}_" if keyword.iskeyword(name) else name


def field_names(texts: Iterable[str]) -> dict[str, str]:
    """Return the attribute of each field of a record; no two are the same."""
    scope = Names(())
    return {text: scope.fresh(field_name(text)) for text in texts}


class Names:
    """The names that are taken in one scope."""

    def __init__(self, taken: Iterable[str] = RESERVED) -> None:
        self._taken = set(taken)

    def fresh(self, name: str) -> str:
        """Return the name, with a number behind it when it is taken; it is taken now."""
        found, number = name, 1
        while found in self._taken:
            number += 1
            found = f"{name}_{number}"
        self._taken.add(found)
        return found

    def inner(self) -> "Names":
        """Return a scope that sees the names of this one."""
        return Names(self._taken)
