"""What the fake server says and does: rules with answers, read from JSON.

    {
      "rules": [
        { "agent": "triage", "prompt": "refund", "answers": [{ "json": { "kind": "refund" } }] },
        { "model": "llama*", "answers": ["Hello.", { "fault": { "status": 429 } }] }
      ],
      "otherwise": "guess"
    }

The first rule that fits a question answers it. Each request takes the next answer of its rule, also
a request that is sent again.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, Literal

import msgspec
from msgspec import UNSET, Struct, UnsetType

from kumeo_runtime.testing.fake_models.asked import Asked

Then = Literal["last", "again", "stop"]


class ScriptError(ValueError):
    """A script cannot be used; the message says where and why."""


class Call(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A call of a tool that the model wants."""

    name: str
    arguments: Any = {}
    """A JSON object; a string goes out as it is, so it may be malformed."""
    id: str = ""


class Counts(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """Tokens that an answer reports."""

    tokens_in: int
    tokens_out: int
    cached_in: int = 0


class Fault(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What goes wrong with one response."""

    status: int = 200
    """Another status answers with an error."""
    message: str = "the fake server was told to fail"
    code: str | None = None
    body: str | None = None
    """Replaces the body of the response."""
    headers: dict[str, str] = {}
    retry_after_s: float | None = None
    """`Retry-After` in seconds."""
    retry_date_s: float | None = None
    """`Retry-After` as a date, so many seconds after the `Date` of the response."""
    clock_skew_s: float = 0.0
    """How far the clock of the server, and with it `Date`, is ahead."""
    drip_s: float = 0.0
    """Pause between the pieces of the body."""
    cut_after: int | None = None
    """The body ends in good order after so many pieces."""
    reset_after: int | None = None
    """The connection is reset after so many pieces; 0: before the first byte."""
    error_after: int | None = None
    """A stream ends with an error of the server after so many pieces."""


NO_FAULT = Fault()


class Reply(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """One answer of a model."""

    text: str = ""
    json: Any = UNSET
    """Replaces `text`: goes out as JSON. For a decision: its value, or one for each question."""
    times: int = 1
    """How often the text stands in the answer, one after the other."""
    tool_calls: list[Call] = []
    refusal: str | None = None
    thinking: str | None = None
    finish: str | UnsetType | None = UNSET
    """Why the model stopped; null: it does not say."""
    usage: Counts | UnsetType | None = UNSET
    """Counted when left out; null: not reported."""
    confidence: float = 0.9
    """How sure a decision is."""
    wait_s: float = 0.0
    """How long the server thinks."""
    pieces: int | None = None
    """Into how many pieces a stream cuts the text."""
    fault: Fault = NO_FAULT

    def __post_init__(self) -> None:
        """Check what goes together. Raises: ValueError."""
        if self.text and self.json is not UNSET:
            raise ValueError("an answer has `text` or `json`, not both")
        if self.times < 1:
            raise ValueError("`times` is 1 or more")

    def content(self) -> str:
        """Return the text that goes out."""
        if self.json is UNSET:
            return self.text * self.times
        return msgspec.json.encode(self.json).decode() * self.times


LOADED = Reply(finish="load", usage=None)
"""What Ollama answers when it is asked nothing: it only loads the model."""


class Rule(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """Answers for the questions that fit all patterns."""

    answers: list[str | Reply]
    agent: str | None = None
    """Name of the agent, with `*` and `?`."""
    model: str | None = None
    """Name of the model, with `*` and `?`."""
    prompt: str | None = None
    """A regular expression, searched for in all messages."""
    then: Then = "last"
    """After the last answer: give it again, begin again, or fit no more."""

    def __post_init__(self) -> None:
        """Check the answers and the pattern. Raises: ValueError."""
        if not self.answers:
            raise ValueError("a rule needs answers")
        try:
            re.compile(self.prompt or "")
        except re.error as error:
            raise ValueError(f"`prompt` is no regular expression: {error}") from None

    def fits(self, asked: Asked) -> bool:
        """Say whether a question is one of this rule."""
        return (
            (self.agent is None or fnmatchcase(asked.agent, self.agent))
            and (self.model is None or fnmatchcase(asked.model, self.model))
            and (self.prompt is None or re.search(self.prompt, asked.text, re.DOTALL) is not None)
        )


class Script(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """All that a server is told."""

    rules: list[Rule] = []
    otherwise: Literal["refuse", "guess"] | Reply = "refuse"
    """For a question that no rule fits: an error, a value made from the schema, or one answer."""
    models: list[str] | None = None
    """The models that exist; any, when left out."""
    keys: list[str] | None = None
    """The keys that are let in; also none at all, when left out."""
    refuses: dict[str, list[str]] = {}
    """Parameters that a model does not support, by its name."""
    cache_from: int = 1024
    """The fewest tokens of a prefix that counts as cached."""


def read_script(data: bytes) -> Script:
    """Return the script in JSON. Raises: ScriptError."""
    try:
        return msgspec.json.decode(data, type=Script)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ScriptError(str(error) or type(error).__name__) from None


def saying(*answers: str | Reply, then: Then = "last", **more: Any) -> Script:
    """Return a script of one rule that fits every question."""
    return Script(rules=[Rule(list(answers), then=then)], **more)


@dataclass
class Player:
    """Plays a script: knows which answers were given."""

    script: Script
    _given: dict[int, int] = field(default_factory=dict[int, int])

    def next_reply(self, asked: Asked) -> tuple[int, Reply] | None:
        """Return the number of the rule that fits, -1 for none, and the answer; None to refuse."""
        if not asked.messages:
            return -1, LOADED
        for number, rule in enumerate(self.script.rules):
            at = self._position(number, rule) if rule.fits(asked) else None
            if at is not None:
                self._given[number] = self._given.get(number, 0) + 1
                return number, as_reply(rule.answers[at])
        otherwise = self.script.otherwise
        if otherwise == "refuse":
            return None
        return -1, Reply(json=asked.guess()) if isinstance(otherwise, str) else otherwise

    def unused(self) -> Sequence[int]:
        """Return the numbers of the rules that have never answered."""
        return [n for n in range(len(self.script.rules)) if n not in self._given]

    def _position(self, number: int, rule: Rule) -> int | None:
        given, count = self._given.get(number, 0), len(rule.answers)
        if given < count:
            return given
        return {"last": count - 1, "again": given % count, "stop": None}[rule.then]


def as_reply(answer: str | Reply) -> Reply:
    """Return an answer in its long form."""
    return Reply(text=answer) if isinstance(answer, str) else answer
