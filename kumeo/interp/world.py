"""The world around a program: everything that a run reads and that is not in the module.

A `World` is plain data and never changes. The same module, events and world give the same run.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from xdsl.ir import Operation

from kumeo.interp.evaluate import Rule, Rules
from kumeo.interp.values import Path


@dataclass(frozen=True)
class Event:
    """One message of a source. Its id stays the same when it is delivered again."""

    id: str
    source: str
    """The symbol of the source, without `@`."""
    payload: Any
    """JSON data."""


class CallKey(NamedTuple):
    """Which attempt of which call: the same however a program is compiled."""

    event: str
    site: str
    path: Path
    attempt: int


class Known(NamedTuple):
    """A recorded outcome as a value or `Failure`, where JSON would lose something."""

    value: Any


def no_files(path: str) -> bytes | None:
    """Read no file: every model is missing."""
    return None


TraceLevel = Literal["none", "agents", "all"]


@dataclass(frozen=True)
class World:
    """Answers, files, clock, configuration, and the meaning of other dialects, for a run."""

    answers: Mapping[str, Sequence[Any]] = field(default_factory=dict[str, Sequence[Any]])
    """Mock answers by agent id, used up in order. JSON of the agent's result type, or
    `{"fail": "message"}` (with an optional `"code"`) for an attempt that fails."""
    recordings: Mapping[CallKey, Any] = field(default_factory=dict[CallKey, Any])
    """Answers of an earlier run (see `recordings_of`), in the same form or `Known`. They win over
    mocks."""
    read_file: Callable[[str], bytes | None] = no_files
    """Return the bytes of a model file, or None when there is none."""
    now_us: int = 0
    """The time, in microseconds since 1970 UTC."""
    times: Mapping[str, int] = field(default_factory=dict[str, int])
    """The time of the activation of an event, by event id; others happen at `now_us`."""
    config: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Values for `config` entries instead of their defaults, as JSON."""
    config_changes: Mapping[str, Mapping[str, Any]] = field(
        default_factory=dict[str, Mapping[str, Any]]
    )
    """By event id: values that dynamic entries have from that event on, as JSON."""
    seed: int = 0
    """Changes every stub."""
    fail_one_in: int = 0
    """When positive, about one in so many attempts that get a stub by place fails."""
    fail_work_one_in: int = 0
    """When positive, about one in so many stubs by work fails: always the same work."""
    rounds: float = 0.0
    """How far apart floats may be for stubs by work to take them for the same."""
    rules: Rules = field(default_factory=dict[type[Operation], Rule])
    """What the ops of other dialects do. A rule of a class holds for those that extend it."""
    trace: TraceLevel = "agents"
    """Which values `Run.trace` keeps. `all` costs about as much time as the run itself."""

    def time_of(self, event: Event) -> int:
        """Return the time of the activation of an event."""
        return self.times.get(event.id, self.now_us)
