"""What a run gives: messages, calls, reports, a trace, and diagnostics about the world."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from xdsl.dialects.builtin import LocationAttr

from kumeo.analysis.tokens import workflow_token
from kumeo.diagnostics import Diagnostic
from kumeo.interp.values import Failure, Path
from kumeo.interp.world import CallKey, Event


@dataclass(frozen=True)
class Emitted:
    """One message that the program sent."""

    id: str
    """32 hexadecimal digits; equal for the same message of the same event, on every delivery."""
    site: str
    path: Path
    target: str
    payload: Any
    """JSON data."""
    event: str = ""
    """The id of the event."""


@dataclass(frozen=True)
class Called:
    """One attempt of an agent."""

    agent: str
    """The agent's id as written in the source."""
    site: str
    path: Path
    attempt: int
    """1 is the first."""
    outcome: Any
    """The answer as JSON data, or a `Failure`."""
    event: str = ""
    """The id of the event."""
    given: bool = False
    """Whether the answer came from outside (mock, recording, stub by place)."""
    acts: bool = False
    """Whether the attempt itself changes something: it may not be dropped."""


@dataclass(frozen=True)
class Reported:
    """A failure that somebody observed and no `try` handled."""

    target: str | None
    """The `on_error` target, or None for the dead letters."""
    failure: Failure
    event: Event

    @property
    def payload(self) -> dict[str, Any]:
        """The message to the target."""
        return {"error": self.failure.to_json(), "event": self.event.payload}


@dataclass(frozen=True)
class Traced:
    """One value of the program, as JSON data or `Failure`."""

    name: str
    """The agent's id, else the name of the operation."""
    path: Path
    location: LocationAttr
    value: Any
    event: str = ""


@dataclass
class Run:
    """Everything that happened, in order."""

    emitted: list[Emitted] = field(default_factory=list[Emitted])
    calls: list[Called] = field(default_factory=list[Called])
    reports: list[Reported] = field(default_factory=list[Reported])
    trace: list[Traced] = field(default_factory=list[Traced])
    diagnostics: list[Diagnostic] = field(default_factory=list[Diagnostic])
    """Where the world does not fit the module: a wrong mock, a wrong configuration value."""

    def payloads(self, target: str) -> list[Any]:
        """Return what a target receives, in order of sending; reports come last."""
        sent = [e.payload for e in self.emitted if e.target == target]
        return sent + [r.payload for r in self.reports if r.target == target]


def recordings_of(run: Run) -> Mapping[CallKey, Any]:
    """Return the answers from outside; `World(recordings=...)` replays the run with them."""
    given = [call for call in run.calls if call.given]
    return {CallKey(c.event, c.site, c.path, c.attempt): _recorded(c.outcome) for c in given}


def _recorded(outcome: Any) -> Any:
    if isinstance(outcome, Failure):
        return {"fail": outcome.message, "code": outcome.code}
    return outcome


def activation_id(workflow: str, source: str, event: str) -> str:
    """Return the id of the activation that an event of a source starts, in hexadecimal."""
    return _hash(f"{workflow_token(workflow)}\0{source}\0{event}")


def emit_id(workflow: str, source: str, event: str, site: str, path: Path) -> str:
    """Return the id of a message: BLAKE2b-128 of its activation, its site and the indexes."""
    activation = activation_id(workflow, source, event)
    return _hash(f"{activation}\0{site}\0{','.join(map(str, path))}")


def _hash(text: str) -> str:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def canonical_json(value: Any) -> str:
    """Return JSON text without spaces, with sorted keys and only the needed escapes."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
