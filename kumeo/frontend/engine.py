"""The parser's engine: runs the LALR(1) tables over tokens and builds the tree on the way.

It takes the place of Lark's own loop, because it needs less than half of the time and gives the
error recovery (`recovery.py`) access to its stacks. The stacks are parallel lists:

    states   state numbers; one more than the others
    values   the value of each symbol: a node, a list, None for punctuation
    starts   offset of the first character of each symbol
    ends     offset behind its last character
    depths   how many nodes deep the symbol's tree is
"""

from typing import Any

from kumeo.diagnostics import Span
from kumeo.frontend import tree
from kumeo.frontend.brackets import MAX_DEPTH
from kumeo.frontend.build_tree import BUILDERS, LEAVES, Build, Builder, Leaf
from kumeo.frontend.errors.syntax import NestingTooDeep
from kumeo.frontend.tables import Rule, Tables, load_tables
from kumeo.frontend.tokens import END, Tokens

_DEEP = (tree.Unary, tree.Binary, tree.Get, tree.Index, tree.Optional, tree.Call, tree.If)


class Spliced(list[Any]):
    """The value of a helper list; its items become children of the parent."""


def _name(builder: Builder, span: Span, text: str) -> tree.Name:
    return tree.Name(span, text)


class Engine:
    """One run of the parser."""

    def __init__(self, tokens: Tokens, start: str) -> None:
        self.tables: Tables = load_tables()
        self.tokens = tokens
        self.builder = Builder(tokens.source)
        self.end_state = self.tables.end[start]
        self.states = [self.tables.start[start]]
        self.values: list[Any] = []
        self.starts: list[int] = []
        self.ends: list[int] = []
        self.depths: list[int] = []
        self.index = 0
        """The next token."""
        self._rules = [(rule, BUILDERS.get(rule.builder)) for rule in self.tables.rules]
        leaves: dict[str, Leaf] = {kind: _name for kind in self.tables.keywords}
        self._leaves = {**leaves, "NAME": _name, **LEAVES}
        self._is_too_deep = False

    def run(self) -> bool:
        """Parse until the end (True) or the first token that does not fit (False)."""
        actions = self.tables.actions
        states, kinds = self.states, self.tokens.kinds
        soft = self.tables.soft
        while True:
            kind = kinds[self.index]
            action = actions[states[-1]].get(kind)
            if action is None and kind in soft:
                kind = "NAME"
                action = actions[states[-1]].get(kind)
            if action is None:
                return False
            if action >= 0:
                self._shift(kind, action)
            elif self._reduce(action) and kind == END:
                return True

    def settle(self) -> None:
        """Carry out the reductions that do not depend on the next token."""
        while True:
            choices = set(self.tables.actions[self.states[-1]].values())
            if len(choices) != 1 or min(choices) >= 0:
                return
            self._reduce(choices.pop())

    def pop_to(self, height: int) -> None:
        """Drop all symbols above a height of the state stack."""
        del self.states[height + 1 :]
        for stack in (self.values, self.starts, self.ends, self.depths):
            del stack[height:]

    def _shift(self, kind: str, state: int) -> None:
        tokens, index = self.tokens, self.index
        start, end = tokens.starts[index], tokens.ends[index]
        leaf = self._leaves.get(kind)
        value = None
        if leaf is not None:
            value = leaf(self.builder, Span(tokens.source, start, end), tokens.texts[index])
        self.states.append(state)
        self.values.append(value)
        self.starts.append(start)
        self.ends.append(end)
        self.depths.append(0)
        self.index = index + 1

    def _reduce(self, action: int) -> bool:
        """Replace the children of a rule by its value; return whether that ends the text."""
        rule, build = self._rules[-1 - action]
        size = rule.size
        states = self.states
        if size == 1 and not rule.builder:
            states[-1] = self.tables.gotos[states[-2]][rule.origin]
            return states[-1] == self.end_state
        if size:
            start, end = self.starts[-size], self.ends[-1]
            depth = max(self.depths[-size:])
            value = self._value(rule, build, self.values[-size:], start, end)
            for stack in (states, self.values, self.starts, self.ends, self.depths):
                del stack[-size:]
        else:
            start = end = self.tokens.starts[self.index]
            depth = 0
            value = self._value(rule, build, [], start, end)
        if isinstance(value, _DEEP):
            depth += 1
            if depth > MAX_DEPTH:
                value, depth = self._limit_depth(value, depth), MAX_DEPTH
        states.append(self.tables.gotos[states[-1]][rule.origin])
        self.values.append(value)
        self.starts.append(start)
        self.ends.append(end)
        self.depths.append(depth)
        return states[-1] == self.end_state

    def _value(
        self, rule: Rule, build: Build | None, children: list[Any], start: int, end: int
    ) -> Any:
        if rule.builder == "@list":
            return _extend(children, rule)
        if not rule.builder:
            return children[rule.kept[0]]
        kept: list[Any] = []
        for position in rule.kept:
            child = children[position]
            if type(child) is Spliced:
                kept.extend(child)
            else:
                kept.append(child)
        assert build is not None, rule.builder
        return build(self.builder, Span(self.tokens.source, start, end), kept)

    def _limit_depth(self, value: Any, depth: int) -> Any:
        """Report the first node that is too deep; return a part of it that is not."""
        if not self._is_too_deep:
            self.builder.diagnostics.append(NestingTooDeep(value.span, MAX_DEPTH, depth))
        self._is_too_deep = True
        return _shallow(value)


def _shallow(value: Any) -> Any:
    match value:
        case tree.If(span, condition, then):
            return tree.If(span, condition, then, None)
        case tree.Binary(_, _, child) | tree.Unary(_, _, child):
            return child
        case tree.Get(_, child) | tree.Index(_, child) | tree.Optional(_, child):
            return child
        case _:
            return value.callee


def _extend(children: list[Any], rule: Rule) -> Spliced:
    """Return the children as one list; a list that comes first is extended in place."""
    if not rule.kept:
        return Spliced()
    first = children[rule.kept[0]]
    if type(first) is not Spliced:
        return Spliced(children[position] for position in rule.kept)
    for position in rule.kept[1:]:
        first.append(children[position])
    return first
