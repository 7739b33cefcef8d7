"""Answers without brackets: a lone value, `answer: value`, a list with bullets, lines of fields."""

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from kumeo_runtime.answers.candidates import Candidate
from kumeo_runtime.answers.tree import Entries, Items, Text, Word
from kumeo_runtime.shapes import Shape, fields_of, shape_of
from kumeo_runtime.values import Duration, Time

TEXT_MAX: Final = 100_000
_SCALARS: Final = (bool, int, float, Time, Duration)
_LEAD = re.compile(
    r"(?:(?:so|thus|therefore|hence)[, ]+)?(?:the |my |final |correct )*"
    r"(?:answer|result|output|value|label|category|class|classification|decision|verdict|choice)"
    r"(?:\s+is|\s+would be)?\s*[:=]?\s+(.+)",
    re.IGNORECASE,
)
_BOXED = re.compile(r"\\boxed\{\s*(?:\\text\{)?([^{}]*)\}+")
_TAGGED = re.compile(r"\A<(\w+)>\s*([^<>]*?)\s*</\1>\Z")
_BULLET = re.compile(r"\s*(?:[-*•–+]|\d{1,3}[.)])\s+(.*\S)\s*")
_FIELD = re.compile(
    r"\s*(?:[-*•]\s+)?[*_`\"]*([A-Za-z_][\w \-]{0,60}?)[*_`\"]*\s*[:=]\s*[*_]*\s*(.*)"
)
_FENCES = re.compile(r"^[ \t]*(?:`{3,}|~{3,})[\w+-]*[ \t]*$", re.MULTILINE)
_EMPHASIS = re.compile(r"\A([*_`]+)(.*?)\1\Z")


def plain_candidates(text: str, type: Any) -> list[Candidate]:
    """Return the candidates in a text that has no JSON."""
    shape = _inner(type)
    if len(text) > TEXT_MAX:
        return []
    text = _FENCES.sub("", text).strip()
    found: list[Candidate] = []
    if _is_scalar(shape):
        found += _lone(text)
    if shape.kind == "list" and _is_item(shape_of(shape.inner)):
        found += _bullets(text)
        found += _lone_item(text, shape_of(shape.inner))
    if shape.kind == "record":
        found += _fields(text, shape)
    return found


def _inner(type: Any) -> Shape:
    shape = shape_of(type)
    while shape.kind == "option":
        shape = shape_of(shape.inner)
    return shape


def _is_scalar(shape: Shape) -> bool:
    if shape.kind == "record":
        fields = fields_of(shape.type)
        return len(fields) == 1 and _is_scalar(_inner(fields[0].type))
    return shape.kind == "enum" or shape.type in _SCALARS


def _is_item(shape: Shape) -> bool:
    return _is_scalar(shape) or shape.type is str


# -- a lone value


def _lone(text: str) -> Iterator[Candidate]:
    """Give the whole text, and each line that may be the value alone."""
    boxed = list(_BOXED.finditer(text))
    for found in boxed:
        yield _word(found[1], found.start(), found.end(), 6, "boxed")
    if boxed:
        return
    tagged = _TAGGED.match(text)
    yield _word(tagged[2] if tagged else text, 0, len(text), 4, "value without JSON")
    at = 0
    for line in text.split("\n"):
        stripped = _bare(line)
        lead = _LEAD.fullmatch(stripped)
        value = _bare(lead[1]) if lead else stripped
        yield _word(value, at, at + len(line), 6, "value without JSON")
        at += len(line) + 1


def _lone_item(text: str, inner: Shape) -> Iterator[Candidate]:
    """Give the only item of a list; free text must stand in quotes."""
    node = _value(text)
    if isinstance(node, Text) or _is_scalar(inner):
        yield Candidate(node, 0, len(text), 4, ["value without JSON"])


def _bare(line: str) -> str:
    line = line.strip().lstrip("#> ").strip()
    emphasis = _EMPHASIS.match(line)
    return (emphasis[2] if emphasis else line.replace("**", "")).strip()


def _word(text: str, start: int, end: int, cost: int, flag: str) -> Candidate:
    return Candidate(_value(text.strip()), start, end, cost, [flag])


# -- lists and fields


def _bullets(text: str) -> Iterator[Candidate]:
    """Give the only list with bullets in a text."""
    blocks: list[list[str]] = [[]]
    for line in text.split("\n"):
        found = _BULLET.fullmatch(line)
        if found:
            blocks[-1].append(_bare(found[1]))
        elif line.strip():
            if blocks[-1] and line[:1].isspace():
                return  # a bullet that goes on: what belongs to it is not clear
            blocks.append([])
    lists = [block for block in blocks if block]
    if len(lists) == 1:
        items = Items([Text(item) for item in lists[0]])
        yield Candidate(items, 0, len(text), 8, ["list with bullets"])


def _fields(text: str, shape: Shape) -> Iterator[Candidate]:
    """Give lines `field: value`, when one block of lines holds all of them and nothing else."""
    names = {_name(name) for field in fields_of(shape.type) for name in field[:2]}
    block: list[tuple[str, str]] = []
    has_ended = False
    for line in text.split("\n"):
        found = _FIELD.fullmatch(line)
        if found and _name(found[1]) in names:
            if has_ended:
                return
            block.append((found[1], _bare(found[2])))
        elif block and line.strip() and not has_ended:
            return
        has_ended = bool(block) and not line.strip()
    if len(block) > 1 or (block and len(names) == 1):
        entries = Entries([(key, _value(value)) for key, value in block])
        yield Candidate(entries, 0, len(text), 8, ["lines of fields"])


def _value(text: str) -> Text | Word:
    if text.startswith('"'):
        try:
            return Text(str(json.loads(text)))
        except ValueError:
            pass  # other quotes, or quotes inside of it
    inside = re.fullmatch(r"([\"'`])(.*)\1,?", text)
    return Text(inside[2]) if inside else Word(text)


def _name(key: str) -> str:
    return re.sub(r"[\W_]+", "", key).casefold()
