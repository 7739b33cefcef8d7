"""Parameters of a query: `:name` in the text, and their places."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

_PART = re.compile(
    r"""
      '(?:[^']|'')*'                        # text
    | "(?:[^"]|"")*"                        # a name in quotes
    | --[^\n]*                              # a comment
    | /\*.*?\*/
    | (?P<tag>\$\w*\$).*?(?P=tag)           # text between dollars
    | ::                                    # a cast
    | :(?P<name>[A-Za-z_]\w*)
    """,
    re.VERBOSE | re.DOTALL | re.ASCII,
)


class Numbered(NamedTuple):
    """A query with numbers for names, and the names in the order of their numbers."""

    sql: str
    names: Sequence[str]


@lru_cache(maxsize=1024)
def numbered(sql: str) -> Numbered:
    """Return the query with `$1` for the first name, `$2` for the next one.

    >>> numbered("SELECT ':a' WHERE x::text = :b AND y = :c OR y = :b")
    Numbered(sql="SELECT ':a' WHERE x::text = $1 AND y = $2 OR y = $1", names=('b', 'c'))
    """
    places: dict[str, int] = {}

    def number(found: re.Match[str]) -> str:
        name = found["name"]
        if name is None:
            return found[0]
        return f"${places.setdefault(name, len(places) + 1)}"

    return Numbered(_PART.sub(number, sql), tuple(places))
