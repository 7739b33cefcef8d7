"""Goes on after a token that does not fit: reports it once and repairs the engine's stacks.

First a small edit is tried: insert, replace or drop one token. An edit is taken when the parser
then accepts the tokens that follow. Otherwise the parser panics: it drops the element that it is
reading and goes on at the next comma, line or closing bracket, first within the innermost open
brackets, then further out. What was read before in these brackets stays.

Trials run on copies of the state stack only; no value is built by them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from kumeo.diagnostics import Diagnostic, Span, nearest
from kumeo.frontend.brackets import CLOSERS
from kumeo.frontend.engine import Engine
from kumeo.frontend.errors.syntax import SyntaxFault
from kumeo.frontend.habits import habit_at
from kumeo.frontend.messages import AN_ITEM, after, expectation, found, text_of
from kumeo.frontend.tokens import END

MAX_FAULTS = 100
"""The parser gives up after so many repairs."""

_AHEAD = 6
_ENOUGH = 3
_INSERTED = ("COLON", "COMMA", "ASSIGN", "DARROW", "ARROW", "TO", "IN", "FOR", "CATCH")
_REPLACED_MARKS = ("TO", "COLON", "COMMA", "ASSIGN", "EQ", "DARROW", "ARROW")
_REPLACED_WORDS = ("TO", "IN", "FOR", "CATCH", "AS")
_MAX_POPS = 300
_CLOSERS = frozenset(CLOSERS.values())
_SEPARATORS = ("COMMA", "SEMICOLON")
_STATEMENT_WORDS = ("if", "for", "match", "parallel", "try", "emit")
_PROGRAM_KEYS = ("agents", "preprocessors")
_WORDS = ("TO", "IN", "FOR", "CATCH")
"""Keywords among the insertions: where any name fits they are not what is missing."""
_ITEMS = ("IMPORT", "SCHEMA", "ENUM", "PROVIDER", "AGENT", "WORKFLOW", "SUBWORKFLOW", "INTEGRATION")
_ITEM_KINDS = frozenset((*_ITEMS, "TEST"))


@dataclass(frozen=True)
class _Edit:
    """Put `insert` in the place of the next `drop` tokens."""

    insert: str | None
    drop: int


class Recovery:
    """Repairs one run of the parser as often as needed."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.tokens = engine.tokens
        self.diagnostics: list[Diagnostic] = []
        self._faults = 0
        self._quiet_until = -1

    def run(self) -> bool:
        """Parse to the end; return whether the start symbol was reached."""
        while not self.engine.run():
            self._faults += 1
            if self._faults > MAX_FAULTS or not self._recover():
                return False
        return True

    def _recover(self) -> bool:
        self.engine.settle()
        index = self.engine.index
        is_quiet = self._is_quiet(index)
        if self._resume_one_back():
            diagnostic = self._unfinished(index)
            self.diagnostics += [] if is_quiet else [diagnostic]
            return True
        edit = self._best_edit()
        habit = habit_at(self.tokens, index, self._expected())
        self.diagnostics += [] if is_quiet else [habit or self._diagnose(edit)]
        mended = self._panic() if edit is None else self._carry_out(edit)
        if habit is not None:
            self._quiet_until = max(self._quiet_until, self._line_end(index))
        return mended

    def _line_end(self, index: int) -> int:
        """Return the index of the first token of the next line."""
        following = range(index + 1, len(self.tokens.kinds))
        return next((i for i in following if self.tokens.is_first_on_line(i)), index)

    def _is_quiet(self, index: int) -> bool:
        """Return whether the fault only follows from one that is already reported."""
        tokens = self.tokens
        if index < self._quiet_until or tokens.starts[index] in tokens.damaged:
            return True
        if tokens.kinds[index] == END and tokens.is_cut:
            return True
        line = tokens.source.position(tokens.starts[index])[0]
        return line in self._damaged_lines

    @cached_property
    def _damaged_lines(self) -> set[int]:
        places = [d.place for d in self.tokens.diagnostics if d.code == "unterminated-string"]
        return {place.line for place in places if place is not None}

    # Trials.

    def _accepted(self, states: list[int], kinds: list[str]) -> int:
        """Return how many of the tokens the parser accepts; changes `states`."""
        for count, kind in enumerate(kinds):
            if not self._advance(states, kind):
                return count
        return len(kinds)

    def _advance(self, states: list[int], kind: str) -> bool:
        tables = self.engine.tables
        while True:
            action = tables.actions[states[-1]].get(kind)
            if action is None and kind in tables.soft:
                kind = "NAME"
                action = tables.actions[states[-1]].get(kind)
            if action is None:
                return False
            if action >= 0:
                states.append(action)
                return True
            rule = tables.rules[-1 - action]
            if rule.size:
                del states[-rule.size :]
            states.append(tables.gotos[states[-1]][rule.origin])
            if kind == END and states[-1] == self.engine.end_state:
                return True

    def _expected(self) -> set[str]:
        states = self.engine.states
        kinds = self.engine.tables.actions[states[-1]]
        return {kind for kind in kinds if self._advance(states.copy(), kind)}

    def _ahead(self, index: int) -> list[str]:
        return self.tokens.kinds[index : index + _AHEAD]

    # Small edits.

    def _best_edit(self) -> _Edit | None:
        best, best_score = None, 0
        index = self.engine.index
        for edit in self._edits():
            following = self._ahead(index + edit.drop)
            inserted = [] if edit.insert is None else [edit.insert]
            states = self.engine.states.copy()
            if self._accepted(states, inserted) < len(inserted):
                continue
            score = self._accepted(states, following)
            enough = min(len(following), _ENOUGH)
            if score >= enough and score > best_score:
                best, best_score = edit, score
        return best

    def _edits(self) -> Iterator[_Edit]:
        """Yield the edits to try; of equally good ones the first wins."""
        index = self.engine.index
        kind = self.tokens.kinds[index]
        is_word = kind == "NAME" or kind in self.engine.tables.keywords
        if is_word and kind != "NAME":
            yield _Edit("NAME", 1)
        near = self._near_keyword(index)
        if near is not None:
            yield _Edit(near, 1)
        expected = self._expected()
        names = self.engine.tables.soft if "NAME" in expected else frozenset[str]()
        for insert in _INSERTED:
            if insert in expected - names:
                yield _Edit(insert, 0)
        if not expected - self.engine.tables.keywords - {"NAME"}:
            yield _Edit("NAME", 0)
        if kind == END or kind in CLOSERS or kind in _CLOSERS:
            return
        for insert in _REPLACED_WORDS if is_word else _REPLACED_MARKS:
            yield _Edit(insert, 1)
        yield _Edit(None, 1)

    def _near_keyword(self, index: int) -> str | None:
        if self.tokens.kinds[index] != "NAME":
            return None
        expected = self._expected() & self.engine.tables.keywords
        known = {text_of(kind): kind for kind in expected}
        return known.get(nearest(self.tokens.texts[index], known) or "")

    def _carry_out(self, edit: _Edit) -> bool:
        """Change the tokens; the engine reads on from there, so the answer is yes."""
        tokens, index = self.tokens, self.engine.index
        at = tokens.ends[index - 1] if index else 0
        end, text = at, "" if edit.insert == "NAME" else text_of(edit.insert or "")
        if edit.drop:
            at, end = tokens.starts[index], tokens.ends[index]
            text = tokens.texts[index] if edit.insert == "NAME" else text
        row = [] if edit.insert is None else [(edit.insert, text, at, end)]
        tokens.replace(index, index + edit.drop, row)
        return True

    # Panic.

    def _resume_one_back(self) -> bool:
        """Go on at the token before, if it begins a line and belongs to a new element.

        This is the case after an unfinished line, such as `prompt:`, which reads the first word of
        the next line as its end.
        """
        index = self.engine.index - 1
        if index < 1 or not self.tokens.is_first_on_line(index):
            return False
        return self._resume(index, self._levels()[-1], _ENOUGH)

    def _levels(self) -> list[int]:
        """Return the heights in the state stack of the open brackets, after 0 for the file."""
        symbols = self.engine.tables.symbols
        states = self.engine.states
        return [0, *(h for h, state in enumerate(states) if symbols[state] in CLOSERS)]

    def _panic(self) -> bool:
        """Skip tokens until the parser can go on; return False when it cannot."""
        kinds = self.tokens.kinds
        levels = self._levels()
        depth, index = 0, self.engine.index
        while kinds[index] != END:
            kind = kinds[index]
            is_closer = depth == 0 and kind in _CLOSERS
            is_sync = is_closer or (depth == 0 and self._is_sync(index, levels))
            enough = 1 if is_closer or len(levels) == 1 else _ENOUGH
            if is_sync and self._resume(index, levels[-1], enough):
                return True
            if is_closer:
                del levels[max(1, len(levels) - 1) :]
            depth = max(0, depth + (kind in CLOSERS) - (kind in _CLOSERS))
            index += 1
        return self._resume(index, 0, 1)

    def _is_sync(self, index: int, levels: list[int]) -> bool:
        """Return whether a new element may begin, or an old one end, at a token."""
        if len(levels) == 1:
            return self.tokens.kinds[index] in _ITEM_KINDS and self.tokens.is_first_on_line(index)
        if self.tokens.kinds[index] in _SEPARATORS or self.tokens.is_first_on_line(index):
            return True
        return index > self.engine.index and self.tokens.kinds[index - 1] in _SEPARATORS

    def _resume(self, index: int, floor: int, enough: int) -> bool:
        """Drop symbols, but none below `floor`, until the tokens from `index` on are accepted."""
        engine, following = self.engine, self._ahead(index)
        top = len(engine.states) - 1
        heights = [*range(top, max(floor, top - _MAX_POPS), -1), floor]
        may_end = following[0] in (*_SEPARATORS, *_CLOSERS, END)
        for height in heights:
            if height and engine.ends[height - 1] > self.tokens.starts[index]:
                continue
            if not may_end and not self._is_between(height):
                continue
            accepted = self._accepted(engine.states[: height + 1], following)
            if accepted >= min(enough, len(following)):
                engine.pop_to(height)
                engine.index = index
                self._quiet_until = index + (2 if floor else 1)
                return True
        return False

    def _is_between(self, height: int) -> bool:
        """Return whether an element may begin on top of a symbol: not in the middle of another."""
        symbol = self.engine.tables.symbols[self.engine.states[height]]
        return not symbol.isupper() or symbol in CLOSERS or symbol in _SEPARATORS

    # Messages.

    def _diagnose(self, edit: _Edit | None) -> Diagnostic:
        tokens, index = self.tokens, self.engine.index
        place = self._place(index)
        if edit is None:
            wanted = expectation(self._expected())
            if wanted == AN_ITEM:
                message = f"expected {wanted}, found {found(tokens, index)}"
                return SyntaxFault(tokens.span(index), message)
            message = f"expected {wanted}{after(tokens, index)}"
            return SyntaxFault(place, message, f"found {found(tokens, index)}", self._near_word())
        if edit.insert is None:
            return SyntaxFault(place, f"unexpected {found(tokens, index)}", "", "remove it")
        if edit.insert == "NAME" and edit.drop:
            return self._reserved_word()
        is_name = edit.insert == "NAME" or (edit.insert in _WORDS and "NAME" in self._expected())
        wanted = "a name" if is_name else f"`{text_of(edit.insert)}`"
        if edit.drop:
            message = f"expected {wanted}, found {found(tokens, index)}"
            return SyntaxFault(tokens.span(index), message, "", f"write {wanted}")
        return SyntaxFault(place, f"expected {wanted}{after(tokens, index)}")

    def _unfinished(self, index: int) -> Diagnostic:
        message = f"the line ends too early{after(self.tokens, index - 1)}"
        return SyntaxFault(self._place(index - 1), message, "something is missing here")

    def _reserved_word(self) -> Diagnostic:
        span = self.tokens.span(self.engine.index)
        message = f"the keyword `{span.text}` cannot be a name here"
        return SyntaxFault(span, message, "", f'write `"{span.text}"` or another name')

    def _near_word(self) -> str | None:
        """Return help for a misspelt keyword: of a statement read as a call, or before `[`."""
        index, known = self.engine.index - 1, _STATEMENT_WORDS
        if index < 0 or self.tokens.kinds[index] != "NAME":
            index, known = self._list_key(index), _PROGRAM_KEYS
        text = self.tokens.texts[index] if index >= 0 else ""
        word = nearest(text, known) if text else None
        return f"write `{word}` in the place of `{text}`" if word and word != text else None

    def _list_key(self, index: int) -> int:
        """Return the place of the key whose list is open at a token, -1 for none."""
        kinds, depth = self.tokens.kinds, 0
        while index > 1:
            depth += (kinds[index] in CLOSERS) - (kinds[index] in _CLOSERS)
            if depth > 0:
                is_key = kinds[index - 2 : index + 1] == ["NAME", "COLON", "LBRACKET"]
                return index - 2 if is_key else -1
            index -= 1
        return -1

    def _place(self, index: int) -> Span:
        """Return the place of a token, or the end of the line before if it begins a line."""
        tokens = self.tokens
        if not index or (not tokens.is_first_on_line(index) and tokens.kinds[index] != END):
            return tokens.span(index)
        return Span(tokens.source, tokens.ends[index - 1], tokens.ends[index - 1])
