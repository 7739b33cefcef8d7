"""Reads JSON as models write it: a parser that mends and notes what it mends.

It starts at a bracket and ends at the one that closes it. What the text does not say is not there:
text that ends inside of a node leaves the node cut.
"""

import re

from kumeo_runtime.answers.quoted import CLOSERS, QuotedReader
from kumeo_runtime.answers.scanning import Budget, Unreadable, skip_space
from kumeo_runtime.answers.tree import Entries, Items, Node, Text, Word
from kumeo_runtime.values import MAX_DEPTH

_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?=\s*[,}\]\n]|\s+[\"/#])")
_LITERAL = re.compile(r"(true|false|null)(?![\w$\"'])")
_PYTHON = re.compile(r"(True|False|None|TRUE|FALSE|NULL|undefined)(?![\w$\"'])")
_THOUSANDS = re.compile(
    r"[-+]?[$€£¥]?\d{1,3}(?:,\d{3})+(?:\.\d+)?(?=\s*(?:,\s*[\"'\n\w]|\}|\n|\r))"
)
_WORD = re.compile(r"[^,;:=}\]\n\"{\[，；\\][^,;}\]\n\"{\[，；\\]*")
_COMMENT = re.compile(r"\s(?://|#)|/\*|```")
_BARE_KEY = re.compile(r"[^\s:=,{}\[\]\"'][^:=,{}\[\]\"'\n]{0,99}?(?=\s*(?:[:：]|=>?))")
_COLON = re.compile(r"\s*(?::|：|=>|=|->)")
_LEFT_OUT = re.compile(r"\.\.\.|…")
_PLUS = re.compile(r"\s*\+\s*(?=[\"'])")
_KIND_OF_STRING = re.compile(r"[rbuf]{1,2}(?=[\"'])")
_NAMED = re.compile(r"[A-Za-z_][\w.]*(?=\()")


class Lenient:
    """A parser of one text. `cost` and `flags` tell what was mended in the last node."""

    def __init__(self, text: str, budget: Budget) -> None:
        self.text = text
        self.end = len(text)
        self.cost = 0
        self.flags: list[str] = []
        self._budget = budget
        self._open: list[str] = []
        self._quoted = QuotedReader(text, budget, self._mend, self._is_open)

    def read(self, at: int) -> tuple[Node, int]:
        """Return the node that starts at a place, and where it ends. Raises: Unreadable."""
        self.cost, self.flags, self._open = 0, [], []
        return self._value(at, "item")

    def read_entries(self, at: int) -> tuple[Node, int]:
        """Return an object whose opening bracket is missing. Raises: Unreadable."""
        self.cost, self.flags, self._open = 0, [], []
        self._mend(5, "missing `{`")
        return self._object(at)

    def _mend(self, cost: int, flag: str) -> None:
        self.cost += cost
        if flag not in self.flags:
            self.flags.append(flag)

    def _is_open(self, bracket: str) -> bool:
        return bracket in self._open

    def _skip(self, at: int) -> int:
        after = skip_space(self.text, at)
        if after.has_comment:
            # Half of a pair of quotes: that is no comment but a piece of text.
            if self.text.count('"', at, after.at) % 2:
                raise Unreadable(at)
            self._mend(1, "comment")
        return after.at

    # -- values

    def _value(self, at: int, place: str) -> tuple[Node, int]:
        self._budget.spend(1)
        character = self.text[at]
        if character == "{":
            return self._object(at + 1)
        if character == "[":
            return self._array(at + 1, "]")
        if character == "(":
            self._mend(2, "tuple")
            return self._array(at + 1, ")")
        if character in CLOSERS:
            return self._joined(at, place)
        return self._bare(at, place)

    def _joined(self, at: int, place: str) -> tuple[Node, int]:
        """Read text, and texts that are added to it with `+`."""
        node, at = self._quoted.read(at, place)
        while not node.is_cut and (plus := _PLUS.match(self.text, at)):
            self._mend(3, "joined text")
            more, at = self._quoted.read(plus.end(), place)
            node = Text(node.value + more.value, more.is_cut)
        return node, at

    def _bare(self, at: int, place: str) -> tuple[Node, int]:
        if place == "value" and (found := _THOUSANDS.match(self.text, at)):
            return Word(found[0]), found.end()
        for pattern, cost in ((_NUMBER, 0), (_LITERAL, 0), (_PYTHON, 1)):
            if found := pattern.match(self.text, at):
                self._mend(cost, "literal of another language") if cost else None
                return Word(found[0]), found.end()
        if found := _KIND_OF_STRING.match(self.text, at):
            self._mend(1, "literal of another language")
            return self._joined(found.end(), place)
        if _LEFT_OUT.match(self.text, at):
            return Word("...", is_cut=True), at + 1
        return self._word(at)

    def _word(self, at: int) -> tuple[Node, int]:
        found = _WORD.match(self.text, at)
        if found is None or _NAMED.match(self.text, at):
            raise Unreadable(at)
        text = _COMMENT.split(found[0])[0]
        stop = at + len(text)
        # A quote behind it may be one whose partner is missing.
        if self.text[found.end() : found.end() + 1] in ('"', "\\"):
            raise Unreadable(at)
        self._mend(1, "text without quotes")
        return Word(text.strip(), is_cut=stop >= self.end), stop

    # -- objects

    def _object(self, at: int) -> tuple[Node, int]:
        self._enter("{")
        node = Entries()
        while True:
            at = self._between(at, "}", bool(node.entries))
            if at >= self.end or self.text.startswith("```", at):
                node.is_cut = True
                return self._leave(node, at)
            character = self.text[at]
            if character in "}])":
                return self._closed(node, at, "}")
            if _LEFT_OUT.match(self.text, at):
                node.is_cut, at = True, self._past_dots(at)
                continue
            if character == "{" and not node.entries:
                return self._doubled(at)
            key, at = self._key(at)
            value, at = self._entry(at)
            node.entries.append((key, value))

    def _doubled(self, at: int) -> tuple[Node, int]:
        self._mend(3, "doubled brackets")
        inner, at = self._object(at + 1)
        at = self._skip(at)
        return self._leave(inner, at + 1 if self.text.startswith("}", at) else at)

    def _key(self, at: int) -> tuple[str, int]:
        self._budget.spend(1)
        if self.text[at] in CLOSERS:
            node, at = self._quoted.read(at, "key")
            if node.is_cut:
                return node.value, self.end
            return node.value, at
        found = _BARE_KEY.match(self.text, at)
        if found is None:
            raise Unreadable(at)
        self._mend(1, "key without quotes")
        return found[0].strip(), found.end()

    def _entry(self, at: int) -> tuple[Node, int]:
        """Read the value of a key, from the colon on."""
        colon = _COLON.match(self.text, at)
        if colon is None:
            at = self._without_colon(at)
        else:
            at = self._skip(colon.end())
            if colon[0].strip() != ":":
                self._mend(1, f"`{colon[0].strip()}` for a colon")
        if at >= self.end:
            return Word("", is_cut=True), at
        if self.text[at] in "},]":
            return Word(""), at
        return self._value(at, "value")

    def _without_colon(self, at: int) -> int:
        at = self._skip(at)
        if at < self.end:
            if self.text[at] not in '"{[-0123456789' or not self.text[at - 1].isspace():
                raise Unreadable(at)
            self._mend(3, "missing colon")
        return at

    # -- arrays

    def _array(self, at: int, closer: str) -> tuple[Node, int]:
        self._enter("[" if closer == "]" else "(")
        node = Items()
        while True:
            at = self._between(at, closer, bool(node.items))
            if at >= self.end or self.text.startswith("```", at):
                node.is_cut = True
                return self._leave(node, at)
            if self.text[at] in "}])":
                return self._closed(node, at, closer)
            if _LEFT_OUT.match(self.text, at):
                node.is_cut, at = True, self._past_dots(at)
                continue
            value, at = self._value(at, "item")
            node.items.append(value)

    # -- what stands between

    def _between(self, at: int, closer: str, has_parts: bool) -> int:
        """Return where the next part or the end starts, after commas and space."""
        start, at, commas = at, self._skip(at), 0
        while at < self.end and self.text[at] in ",;，；、":
            self._budget.spend(1)
            if self.text[at] != ",":
                self._mend(1, f"`{self.text[at]}` for a comma")
            commas += 1
            at = self._skip(at + 1)
        is_end = at >= self.end or self.text[at] in "}])"
        if is_end and commas:
            self._mend(1, "comma at the end")
        elif not is_end and has_parts and not commas:
            if at == start and self.text[at] not in "{[":
                raise Unreadable(at)
            self._mend(2, "missing comma")
        if commas > 1 or (commas and not has_parts):
            self._mend(2, "comma too many")
        return at

    def _past_dots(self, at: int) -> int:
        found = _LEFT_OUT.match(self.text, at)
        return found.end() if found else at

    def _closed(self, node: Node, at: int, closer: str) -> tuple[Node, int]:
        """Leave at a bracket: its own, that of a part around it, or a wrong one."""
        bracket = self.text[at]
        if bracket == closer:
            return self._leave(node, at + 1)
        opener = {"}": "{", "]": "[", ")": "("}[bracket]
        if opener in self._open[:-1]:
            self._mend(3, "missing bracket")
            return self._leave(node, at)
        self._mend(3, "wrong bracket")
        return self._leave(node, at + 1)

    def _enter(self, bracket: str) -> None:
        if len(self._open) >= MAX_DEPTH:
            raise Unreadable(0)
        self._open.append(bracket)

    def _leave(self, node: Node, at: int) -> tuple[Node, int]:
        self._open.pop()
        return node, at
