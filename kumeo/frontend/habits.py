"""Knows forms of other languages, to answer them with the form that Kumeo has.

Each rule looks at the words around the place where the parser stops. It gives a better message
than the edit that would mend the place: `elif` is no name that lacks an `=`.
"""

from collections.abc import Collection
from dataclasses import dataclass

from kumeo.diagnostics import Span
from kumeo.frontend.errors.syntax import SyntaxFault
from kumeo.frontend.tokens import Tokens

NULLS = frozenset({"None", "nil", "undefined", "NULL", "Null", "none"})
VALUES = {"True": "true", "TRUE": "true", "False": "false", "FALSE": "false"} | dict.fromkeys(
    NULLS, "null"
)
"""Values as other languages write them."""

_ELSE_IF = ("elif", "elsif", "elseif")
_DECLARING = ("let", "var", "const", "val", "set")
_OPTIONS = ("Optional", "Option", "Maybe")


@dataclass(frozen=True)
class _Place:
    """The token at which the parser stops, and its neighbours."""

    tokens: Tokens
    index: int

    def text(self, offset: int = 0) -> str:
        at = self.index + offset
        return self.tokens.texts[at] if 0 <= at < len(self.tokens.texts) else ""

    def kind(self, offset: int = 0) -> str:
        at = self.index + offset
        return self.tokens.kinds[at] if 0 <= at < len(self.tokens.kinds) else ""

    def span(self, first: int = 0, last: int = 0) -> Span:
        start, end = self.tokens.span(self.index + first), self.tokens.span(self.index + last)
        return Span(start.source, start.start, end.end)


def habit_at(tokens: Tokens, index: int, expected: Collection[str]) -> SyntaxFault | None:
    """Return what to say about a form of another language, or None."""
    place = _Place(tokens, index)
    for rule in _RULES:
        fault = rule(place)
        if fault is not None:
            return fault
    return _block(place) if "LBRACE" in expected else None


def _value_of_branch(at: _Place) -> SyntaxFault | None:
    """`x = if c { 1 } else { 2 }`."""
    if at.kind() not in ("IF", "MATCH", "TRY") or at.kind(-1) != "ASSIGN":
        return None
    name, word = at.text(-2), at.text()
    message = f"`{word}` is a statement and has no value"
    return SyntaxFault(at.span(), message, "", f"bind `{name} = …` inside each of its branches")


def _else_if(at: _Place) -> SyntaxFault | None:
    """`} elif c {`."""
    if at.text(-1) not in _ELSE_IF or at.kind(-2) != "RBRACE":
        return None
    return SyntaxFault(at.span(-1, -1), f"there is no `{at.text(-1)}`", "", "write `else if`")


def _declaration(at: _Place) -> SyntaxFault | None:
    """`let x = 5`."""
    if at.text(-1) not in _DECLARING or at.kind() != "NAME" or at.kind(1) != "ASSIGN":
        return None
    fix = f"write `{at.text()} = …`"
    return SyntaxFault(at.span(-1, -1), f"a name needs no `{at.text(-1)}`", "", fix)


def _is_null(at: _Place) -> SyntaxFault | None:
    """`x is null`, `x is not None`."""
    back = 0 if at.text() == "is" else -1
    following = at.text(back + 1)
    if at.text(back) != "is" or following not in ("not", "null", *NULLS):
        return None
    fix = "write `!= null`" if following == "not" else "write `== null`"
    return SyntaxFault(at.span(back, back), "there is no operator `is`", "", fix)


def _choice(at: _Place) -> SyntaxFault | None:
    """`c ? a : b`."""
    line = at.tokens.source.position(at.span().start)[0]
    rest = range(at.index, len(at.tokens.kinds))
    same = [i for i in rest if at.tokens.source.position(at.tokens.starts[i])[0] == line]
    if at.kind(-1) != "OPTIONAL" or not any(at.tokens.kinds[i] == "COLON" for i in same):
        return None
    fix = "bind the value in the branches of an `if`; `a ?? b` stands for a value that may be null"
    return SyntaxFault(at.span(-1, -1), "there is no `? :`", "", fix)


def _list_type(at: _Place) -> SyntaxFault | None:
    """`Item[]`, `List[Item]`, `Optional<Item>`, `dict[string, Item]` in the place of a type."""
    if at.text() == "]" and at.text(-1) == "[":  # A value stops there: `output: Item[]`.
        at = _Place(at.tokens, at.index - 1)
    is_type = at.kind(-2) in ("COLON", "ARROW") or at.text(-3) in ("output", "schema")
    if not is_type or at.kind(-1) != "NAME" or at.text() not in ("[", "<"):
        return None
    outer, inner = at.text(-1), at.text(1)
    if inner == "]":
        return SyntaxFault(
            at.span(-1, 1), "a list type stands in brackets", "", f"write `[{outer}]`"
        )
    last, written = _in_brackets(at, outer, inner)
    if not written:
        return None
    return SyntaxFault(at.span(-1, last), f"there is no type `{outer}`", "", f"write `{written}`")


def _in_brackets(at: _Place, outer: str, inner: str) -> tuple[int, str]:
    """Return where `Outer[Inner]` ends, and what it is called here."""
    is_closed = at.text(2) in ("]", ">")
    if at.kind(1) != "NAME" or not (is_closed or at.text(2) == ","):
        return 0, ""
    if not is_closed:
        is_map = at.kind(3) == "NAME" and at.text(4) in ("]", ">")
        return 4, f"{{string: {at.text(3)}}}" if is_map else ""
    if outer.lower() == "map" and at.kind(3) == "NAME":
        return 3, f"{{string: {at.text(3)}}}"
    return 2, f"{inner}?" if outer in _OPTIONS else f"[{inner}]"


def _union(at: _Place) -> SyntaxFault | None:
    """`string | null`, `Item | None` as the type of a field."""
    is_field = at.kind(-1) == "NAME" and at.kind(-2) == "COLON"
    if not is_field or at.text() != "|" or at.text(1) not in ("null", *NULLS):
        return None
    fix = f"write `{at.text(-1)}?`"
    return SyntaxFault(at.span(0, 1), "a type that may be null has a `?`", "", fix)


def _option(at: _Place) -> SyntaxFault | None:
    """`name?: string`."""
    if at.kind() != "OPTIONAL" or at.kind(-1) != "NAME" or at.kind(1) != "COLON":
        return None
    fix = f"write `{at.text(-1)}: {at.text(2)}?`"
    return SyntaxFault(at.span(), "the `?` stands behind the type", "", fix)


def _block(at: _Place) -> SyntaxFault | None:
    """`if c:` and the like, with the block on the next line."""
    follows = at.tokens.is_first_on_line(at.index + 1) if at.kind(1) else False
    if at.kind() != "COLON" or not follows:
        return None
    return SyntaxFault(at.span(), "a block stands in braces", "", "write `{ … }` in place of `:`")


_RULES = (
    *(_value_of_branch, _else_if, _declaration, _is_null, _choice),
    *(_list_type, _union, _option),
)
