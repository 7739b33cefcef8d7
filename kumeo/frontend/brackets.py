"""Makes the brackets of a token list balance, so that the parser can rely on them.

Balanced text is left alone. Otherwise two plans of insertions and removals are made, one by the
brackets alone and one that also trusts the indentation, and the shorter one is carried out, one
diagnostic for each edit. Brackets nested too deep lose their contents.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

from kumeo.diagnostics import Related, Span
from kumeo.frontend.errors.syntax import NestingTooDeep, UnclosedBracket, UnopenedBracket
from kumeo.frontend.tokens import Tokens

MAX_DEPTH = 200
"""Limit for nested brackets, and for nested operators and `else if`."""

CLOSERS = {"LPAREN": "RPAREN", "LBRACKET": "RBRACKET", "LBRACE": "RBRACE"}
_MAX_REPORTS = 20
_MAX_SEARCH = 300
_OPENERS = {closer: opener for opener, closer in CLOSERS.items()}
_TEXTS = {"RPAREN": ")", "RBRACKET": "]", "RBRACE": "}"}


class Edit(NamedTuple):
    """Drop the token `at`, or insert the closer of `opener` before it."""

    at: int
    opener: int | None


class _Open(NamedTuple):
    kind: str
    at: int
    indent: int


def balance(tokens: Tokens) -> None:
    """Repair the brackets in place and report each repair."""
    if not _is_balanced(tokens.kinds):
        plain = _Plan(tokens, by_indent=False).edits
        indented = _Plan(tokens, by_indent=True).edits
        _apply(tokens, indented if len(indented) <= len(plain) else plain)
    _limit_depth(tokens)


def _is_balanced(kinds: list[str]) -> bool:
    stack: list[str] = []
    for kind in kinds:
        if kind in CLOSERS:
            stack.append(CLOSERS[kind])
        elif kind in _OPENERS and (not stack or stack.pop() != kind):
            return False
    return not stack


@dataclass
class _Plan:
    """One walk over the tokens that collects the edits."""

    tokens: Tokens
    by_indent: bool
    edits: list[Edit] = field(default_factory=list[Edit])
    stack: list[_Open] = field(default_factory=list[_Open])
    indent: int = 0

    def __post_init__(self) -> None:
        for index, kind in enumerate(self.tokens.kinds):
            is_first = self.tokens.is_first_on_line(index)
            if is_first:
                self.indent = self._column(index)
            if self.by_indent and is_first and kind not in _OPENERS:
                self._close_deeper(index)
            if kind in CLOSERS:
                self.stack.append(_Open(kind, index, self.indent))
            elif kind in _OPENERS:
                self._close(index, _OPENERS[kind], is_first)
        self._close_above(0, len(self.tokens.kinds) - 1)

    def _column(self, index: int) -> int:
        text, start = self.tokens.source.text, self.tokens.starts[index]
        return len(text[text.rfind("\n", 0, start) + 1 : start].expandtabs(8))

    def _close_deeper(self, index: int) -> None:
        """A line that stands too far to the left closes what is open."""
        keep = len(self.stack)
        while keep and self.stack[keep - 1].indent >= self.indent:
            keep -= 1
        self._close_above(keep, index)

    def _close_above(self, keep: int, index: int) -> None:
        while len(self.stack) > keep:
            self.edits.append(Edit(index, self.stack.pop().at))

    def _close(self, index: int, opener: str, is_first: bool) -> None:
        height = self._partner(opener, is_first)
        if height is None:
            self.edits.append(Edit(index, None))
            return
        self._close_above(height + 1, index)
        self.stack.pop()

    def _partner(self, opener: str, is_first: bool) -> int | None:
        """Return the height of the bracket that a closer belongs to."""
        top = len(self.stack) - 1
        same: list[int] = []
        for height in range(top, max(-1, top - _MAX_SEARCH), -1):
            if self.stack[height].kind == opener:
                same.append(height)
        if not same:
            return None
        if not (self.by_indent and is_first):
            return same[0]
        aligned = [height for height in same if self.stack[height].indent == self.indent]
        if aligned:
            return aligned[0]
        return same[0] if same[0] == top else None


def _apply(tokens: Tokens, edits: list[Edit]) -> None:
    for edit in edits[:_MAX_REPORTS]:
        _report(tokens, edit)
    result = Tokens(tokens.source)
    waiting = sorted(enumerate(edits), key=lambda item: (item[1].at, item[0]), reverse=True)
    for index, kind in enumerate(tokens.kinds):
        is_dropped = False
        while waiting and waiting[-1][1].at == index:
            edit = waiting.pop()[1]
            is_dropped = is_dropped or edit.opener is None
            if edit.opener is not None:
                _insert(tokens, result, edit.opener, index)
        if is_dropped:
            tokens.damaged.add(tokens.starts[min(index + 1, len(tokens.kinds) - 1)])
            continue
        result.add(kind, tokens.texts[index], tokens.starts[index], tokens.ends[index])
    tokens.kinds[:], tokens.texts[:] = result.kinds, result.texts
    tokens.starts[:], tokens.ends[:] = result.starts, result.ends


def _insert(tokens: Tokens, result: Tokens, opener: int, index: int) -> None:
    closer = CLOSERS[tokens.kinds[opener]]
    at = tokens.ends[index - 1]
    tokens.damaged.add(at)
    result.add(closer, _TEXTS[closer], at, at)


def _report(tokens: Tokens, edit: Edit) -> None:
    if edit.opener is None:
        place = tokens.span(edit.at)
        tokens.diagnostics.append(UnopenedBracket(place, place.text))
        return
    is_at_end = edit.at == len(tokens.kinds) - 1
    if tokens.is_cut and is_at_end:
        return
    place = tokens.span(edit.opener)
    closer = _TEXTS[CLOSERS[tokens.kinds[edit.opener]]]
    related: tuple[Related, ...] = ()
    if edit.at - 1 > edit.opener:
        related = (Related(tokens.span(edit.at - 1), f"`{closer}` is expected after this"),)
    tokens.diagnostics.append(UnclosedBracket(place, place.text, closer, related=related))


def _limit_depth(tokens: Tokens) -> None:
    """Empty the brackets that are nested too deep; report the first one."""
    depth = 0
    too_deep: int | None = None
    holes: list[tuple[int, int]] = []
    for index, kind in enumerate(tokens.kinds):
        if kind in CLOSERS:
            depth += 1
            if depth == MAX_DEPTH + 1:
                too_deep = index
        elif kind in _OPENERS:
            if depth == MAX_DEPTH + 1 and too_deep is not None:
                holes.append((too_deep, index + 1))
            depth -= 1
    if not holes:
        return
    place = tokens.span(holes[0][0])
    tokens.diagnostics.append(NestingTooDeep(place, MAX_DEPTH, MAX_DEPTH + 1))
    for first, last in reversed(holes):
        _empty(tokens, first, last)


def _empty(tokens: Tokens, first: int, last: int) -> None:
    """Replace the tokens of a pair of brackets by one value."""
    span = Span(tokens.source, tokens.starts[first], tokens.ends[last - 1])
    for column in (tokens.kinds, tokens.texts, tokens.starts, tokens.ends):
        del column[first + 1 : last]
    tokens.kinds[first], tokens.texts[first] = "NULL", "null"
    tokens.ends[first] = span.end
    tokens.damaged.update((span.start, tokens.starts[first + 1]))
