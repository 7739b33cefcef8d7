"""`read_answer`: the value of a type in what a language model has said, or why there is none.

Proper JSON of the type is read at once. In anything else all places where an answer may be are
candidates. Each is fitted to the type; repairs have costs, the lowest sum wins, and two different
values of about the same cost are no answer. What is returned passes the strict check of the type.
"""

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, Generic, TypeVar

from kumeo_runtime.answers.candidates import Candidate, candidates_in
from kumeo_runtime.answers.fitting import fit
from kumeo_runtime.answers.notes import Notes
from kumeo_runtime.answers.plain import plain_candidates
from kumeo_runtime.answers.reasoning import without_reasoning
from kumeo_runtime.answers.scanning import Budget, Exhausted
from kumeo_runtime.answers.tree import Entries, Node
from kumeo_runtime.decoding import from_json
from kumeo_runtime.shapes import shape_of
from kumeo_runtime.values import Failure, JsonDecoder, json_decoder

T = TypeVar("T")
TEXT_MAX: Final = 1_000_000
"""Longer answers are read only when they are proper JSON."""
_FORMULA = re.compile(r"\\(?:boxed|text|mathrm|textbf)\{")
MARGIN: Final = 3
"""Two answers at different places are equally good when their costs are closer than this."""


@dataclass(frozen=True, slots=True)
class Answered(Generic[T]):
    """A value, and what was repaired to get it; proper JSON costs nothing."""

    value: T
    flags: tuple[str, ...] = ()
    cost: int = 0


def read_answer(text: str, type: Any, *, key: str | None = None) -> "Answered[Any] | Failure":
    """Return the value of a type in the text of an answer, or a failure that says what is wrong.

    key: the entry of an object in which the model was told to put the value.
    Codes: `ambiguous`, `cut-off`, `wrong-type`, `invalid-text` (nothing found), `too-large`.
    """
    if type is str and key is None:
        return _free(text)
    proper = _proper(text, type, key)
    if proper is not None:
        return proper
    if len(text) > TEXT_MAX:
        message = f"the answer has {len(text)} characters and is no JSON of the type"
        return Failure("too-large", message)
    try:
        return _Search(text, type, key).best()
    except Exhausted:
        return Failure("too-large", "the answer is too tangled to be read")


def _free(text: str) -> "Answered[Any] | Failure":
    """Return free text without what the model said to itself."""
    plain = text.encode("utf-8", "replace").decode()
    rest = without_reasoning(plain)
    if not rest.strip():
        return Failure("invalid-text", "the answer is empty")
    if rest == plain:
        return Answered(plain)
    return Answered(rest.strip(), ("reasoning left out",), 1)


@lru_cache(maxsize=1024)
def _decoder(type: Any, order: str) -> JsonDecoder[Any]:
    return json_decoder(type)


def _proper(text: str, type: Any, key: str | None) -> "Answered[Any] | None":
    """Return the value of proper JSON."""
    decoder = _decoder(type if key is None else dict[str, type], repr(type))
    found = decoder.decode(text.encode("utf-8", "replace"))
    if isinstance(found, Failure) or (key is not None and set(found) != {key}):
        return None
    return Answered(found if key is None else found[key])


class _Search:
    """The search for the best candidate of one text."""

    def __init__(self, text: str, type: Any, key: str | None) -> None:
        self._text = without_reasoning(text.encode("utf-8", "replace").decode())
        self._has_reasoning = len(self._text) < len(text)
        self._type = type
        self._key = key
        self._good: list[tuple[int, Candidate, Notes, str, Any]] = []
        self._bad: list[tuple[Candidate, Notes]] = []

    def best(self) -> "Answered[Any] | Failure":
        """Return the value of the best candidate. Raises: Exhausted."""
        text = self._text
        if not text.strip():
            return Failure("invalid-text", "the answer is empty")
        found = candidates_in(text, Budget(2 * len(text) + 20_000))
        for candidate in found:
            self._try(candidate)
        if not self._good and not _has_brackets(text):
            for candidate in plain_candidates(text, self._type):
                self._try(candidate)
        return self._chosen() if self._good else self._problem()

    def _try(self, candidate: Candidate) -> None:
        notes = Notes()
        if self._is_one_of_several(candidate):
            notes.problem("", "expected an array, found several objects")
        for flag in candidate.flags:
            notes.repair(0, flag)
        notes.cost = candidate.cost
        data = self._fitted(candidate.node, notes)
        value = from_json(data, self._type) if not notes.problems else None
        if isinstance(value, Failure):
            notes.problems.append(value.message)
        if notes.problems:
            self._bad.append((candidate, notes))
            return
        same = json.dumps(data, sort_keys=True, ensure_ascii=False)
        self._good.append((notes.cost, candidate, notes, same, value))

    def _is_one_of_several(self, candidate: Candidate) -> bool:
        """Say whether an object cannot be the only item of a list: there are more objects."""
        if shape_of(self._type).kind != "list" or not isinstance(candidate.node, Entries):
            return False
        return "{" in self._text[: candidate.start] + self._text[candidate.end :]

    def _fitted(self, node: Node, notes: Notes) -> Any:
        """Return the data in a node, or in its entry `key`."""
        if self._key is None:
            return fit(node, self._type, "", notes)
        if isinstance(node, Entries):
            inner = [value for name, value in node.entries if name.casefold() == self._key]
            if len(inner) == 1:
                notes.repair(len(node.entries) - 1, "key too many") if len(node.entries) > 1 else 0
                return fit(inner[0], self._type, f".{self._key}", notes)
        notes.repair(2, f"without `{self._key}`")
        return fit(node, self._type, "", notes)

    def _chosen(self) -> "Answered[Any] | Failure":
        cost, place, notes, same, value = min(self._good, key=lambda each: each[0])
        for other_cost, other, _, data, _ in self._good:
            margin = 1 if other.overlaps(place) else MARGIN
            if data != same and other_cost - cost < margin:
                return Failure("ambiguous", _both(same, data))
        for bad, problems in self._bad:
            if problems.is_cut and not bad.overlaps(place):
                return Failure("cut-off", f"there is a second answer; {problems.message}")
        flags = [flag for flag in notes.flags if flag]
        if self._has_reasoning:
            flags.append("reasoning left out")
        return Answered(value, tuple(flags), cost)

    def _problem(self) -> Failure:
        """Return why the likeliest candidate is no answer."""
        if not self._bad:
            return Failure("invalid-text", f"expected {_expected(self._type)}, found no JSON")
        _, notes = min(self._bad, key=lambda each: (each[0].cost, len(each[1].problems)))
        return Failure("cut-off" if notes.is_cut else "wrong-type", notes.message)


def _has_brackets(text: str) -> bool:
    lines = (line.lstrip() for line in text.split("\n"))
    return "{" in _FORMULA.sub("", text) or any(line.startswith("[") for line in lines)


def _both(left: str, right: str) -> str:
    return f"there are two different answers, {left:.120} and {right:.120}; give only one"


def _expected(type: Any) -> str:
    shape = shape_of(type)
    names = {"record": "a JSON object", "map": "a JSON object", "list": "a JSON array"}
    if shape.kind == "enum":
        return "one of " + ", ".join(shape.names)
    return names.get(shape.kind, "a JSON value")
