"""Where in a text an answer may be: the whole of it, fenced blocks, every bracket in prose.

Each candidate is a tree with the cost of its place and of what was mended in it. Proper JSON is
read by the parser of the standard library, everything else by `lenient`, and what that cannot read
by `json-repair` under guard.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from kumeo_runtime.answers.lenient import Lenient
from kumeo_runtime.answers.repairing import TEXT_MAX, repaired
from kumeo_runtime.answers.scanning import Budget, Exhausted, Unreadable
from kumeo_runtime.answers.tree import Entries, Items, Node, Word, node_of

WHOLE, FENCED, CODE, PROSE = 0, 1, 4, 5
"""Costs of places."""
BRACKETS_MAX: Final = 256
"""How many brackets are looked at, those inside of what is read not counted."""
_FENCE = re.compile(r"^[ \t>]*(`{3,}|~{3,})[ \t]*([\w+-]*)[^\n`]*\n", re.MULTILINE)
_DATA = frozenset({"", "json", "json5", "jsonc", "jsonl", "ndjson", "javascript", "js", "text"})
_BRACKET = re.compile(r"[{\[]")
_BODY = re.compile(r"\s*[\"'][^\"'\n]{1,100}[\"']\s*:")
_MEMBER = re.compile(r"\s*,\s*[\"']")
"""What goes on behind a bracket that has closed an object too early."""
_ANY_BRACKET = re.compile(r"[{}\[\]]")
_REST = re.compile(r"[\s}\])`;,.]*")
_LITERAL = re.compile(r"-?\d[\d.eE+-]*|true|false|null|True|False|None")
_LINES = re.compile(r"(?:[\s,;]|^[-*•]\s|^\d+[.)]\s)*\Z", re.MULTILINE)


@dataclass(slots=True)
class Candidate:
    """A tree, where it stands, and what it has cost up to now."""

    node: Node
    start: int
    end: int
    cost: int
    flags: list[str]

    def overlaps(self, other: "Candidate") -> bool:
        """Say whether both were read from the same part of the text."""
        return self.start < other.end and other.start < self.end


def candidates_in(text: str, budget: Budget) -> list[Candidate]:
    """Return all candidates with brackets. Raises: Exhausted."""
    fences = list(_fences(text))
    found: list[Candidate] = []
    for start, end, label in fences:
        cost = FENCED if label in _DATA else CODE
        found += _in_part(text, start, end, (cost, "fenced block"), budget)
    found += _outside(text, fences, budget)
    if not found and (body := _BODY.match(text)):
        found += _without_bracket(text, body.start(), budget)
    if not found and '\\"' in text:
        found += _escaped(text, budget)
    return found + _lines(text, found)


def _fences(text: str) -> Iterator[tuple[int, int, str]]:
    at = 0
    while opening := _FENCE.search(text, at):
        close = re.compile(rf"^[ \t>]*{re.escape(opening[1])}", re.MULTILINE)
        closing = close.search(text, opening.end())
        end = closing.start() if closing else len(text)
        yield opening.end(), end, opening[2].lower()
        at = closing.end() if closing else len(text)


def _outside(text: str, fences: list[tuple[int, int, str]], budget: Budget) -> Iterator[Candidate]:
    """Give what stands outside of fences, and what is the whole text."""
    start = len(text) - len(text.lstrip())
    if fences and text[start : start + 1] not in ("{", "["):
        at = 0
        for begin, end, _ in [*fences, (len(text), len(text), "")]:
            yield from _in_part(text, at, begin, (PROSE, "text around the answer"), budget)
            at = end
    else:
        yield from _in_part(text, 0, len(text), (PROSE, "text around the answer"), budget)


def _in_part(
    text: str, start: int, end: int, place: tuple[int, str], budget: Budget
) -> Iterator[Candidate]:
    part = text[start:end]
    for candidate in _spans(part, budget):
        is_whole = not part[: candidate.start].strip() and _REST.fullmatch(part, candidate.end)
        cost, flag = (WHOLE, "") if is_whole and place[0] == PROSE else place
        if is_whole and part[candidate.end :].strip():
            cost, flag = cost + 1, flag or "bracket too many"
        elif not is_whole and place[0] != PROSE:
            cost, flag = PROSE, "text around the answer"
        if cost == PROSE and _is_link(candidate.node):
            continue
        if not is_whole and _goes_on(part, candidate):
            continue
        candidate.start += start
        candidate.end += start
        candidate.cost += cost
        candidate.flags += [flag] if flag else []
        yield candidate


def _goes_on(text: str, candidate: Candidate) -> bool:
    """Say whether a bracket has closed a part too early, since more of it follows."""
    bracket = _ANY_BRACKET.search(text, candidate.end)
    has_closing = bracket is not None and bracket[0] in "}]"
    is_wrong = "wrong bracket" in candidate.flags
    return has_closing or is_wrong or _MEMBER.match(text, candidate.end) is not None


def _is_link(node: Node) -> bool:
    """Say whether brackets in prose hold words, as links, notes and placeholders do."""
    words = (
        [item for item in node.items if isinstance(item, Word)] if isinstance(node, Items) else []
    )
    return any(_LITERAL.fullmatch(word.text) is None for word in words)


def _spans(text: str, budget: Budget) -> Iterator[Candidate]:
    """Give what each bracket of a text opens, from left to right, without what is inside."""
    parser, at, number = Lenient(text, budget), 0, 0
    while bracket := _BRACKET.search(text, at):
        number += 1
        if number > BRACKETS_MAX:
            raise Exhausted
        candidate = _at(text, bracket.start(), parser, budget)
        at = bracket.end()
        if candidate is not None:
            at = max(candidate.end, at)
            yield candidate


def _at(text: str, at: int, parser: Lenient, budget: Budget) -> Candidate | None:
    proper = _proper(text, at, budget)
    if proper is not None:
        return Candidate(proper[0], at, proper[1], 0, [])
    try:
        node, end = parser.read(at)
    except Unreadable:
        return _mended(text, at, budget)
    if node.is_cut and end >= len(text.rstrip()):
        mended = _mended(text, at, budget)
        if mended is not None:
            return mended
    return Candidate(node, at, end, parser.cost, list(parser.flags))


def _proper(text: str, at: int, budget: Budget) -> tuple[Node, int] | None:
    try:
        data, end = _DECODER.raw_decode(text, at)
    except json.JSONDecodeError as error:
        budget.spend(1 + (error.pos - at) // 16)
        return None
    except RecursionError:
        budget.spend(1000)
        return None
    return node_of(data), end


def _mended(text: str, at: int, budget: Budget) -> Candidate | None:
    """Return what `json-repair` makes of the rest of the text, if it keeps every word."""
    if len(text) - at > TEXT_MAX:
        return None
    data = repaired(text[at:].strip(), budget)
    return None if data is None else Candidate(node_of(data), at, len(text), 8, ["mended JSON"])


def _without_bracket(text: str, at: int, budget: Budget) -> list[Candidate]:
    """Return an object whose opening bracket was put into the prompt."""
    parser = Lenient(text, budget)
    try:
        node, end = parser.read_entries(at)
    except Unreadable:
        return []
    return [Candidate(node, at, end, parser.cost, list(parser.flags))]


def _escaped(text: str, budget: Budget) -> list[Candidate]:
    """Return what is there when text was escaped once too often."""
    try:
        plain = json.loads(f'"{text.strip().strip(chr(34))}"', strict=False)
    except ValueError:
        return []
    found = list(_spans(plain, budget))
    return [
        Candidate(each.node, 0, len(text), each.cost + 4, [*each.flags, "escaped JSON"])
        for each in found
        if len(found) == 1
    ]


def _lines(text: str, found: list[Candidate]) -> list[Candidate]:
    """Return the list that objects one after another are, with nothing else between them."""
    parts = sorted(found, key=lambda each: each.start)
    if len(parts) < 2 or not all(isinstance(each.node, Entries) for each in parts):
        return []
    gaps = pairwise(parts)
    if not all(_LINES.match(text[left.end : right.start]) for left, right in gaps):
        return []
    node = Items([each.node for each in parts])
    cost = 2 + max(each.cost for each in parts)
    return [Candidate(node, parts[0].start, parts[-1].end, cost, ["objects one after another"])]


def _entries(pairs: list[tuple[str, Any]]) -> Entries:
    # As every parser of JSON: the last one of equal keys counts.
    return Entries([(key, node_of(value)) for key, value in dict(pairs).items()])


_DECODER = json.JSONDecoder(
    object_pairs_hook=_entries, parse_float=Word, parse_int=Word, parse_constant=Word
)
