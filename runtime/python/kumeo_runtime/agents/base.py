"""What all agents share: inputs that cancel, attempts, time limits, the journal, counters.

A *pure* agent computes: it is called like a function and keeps nothing. Any other agent is awaited.
Its result comes from the journal if it is there, and goes there before anybody sees it, so that a
second delivery of the same event sees the same result.
"""

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any, Generic, Literal, Protocol, TypeAlias, TypeVar

from kumeo_runtime.agents.resources import Resources
from kumeo_runtime.values import Failure, Fault

T = TypeVar("T")
Path: TypeAlias = tuple[int, ...]
Backoff: TypeAlias = Literal["none", "fixed", "exponential"]
DELAY_MAX_S = 300.0
"""The longest pause between two attempts."""
SHORT_S = 10.0
"""With longer pauses attempts are counted in the journal, even if they could be repeated."""


class Journal(Protocol):
    """Results of the calls of one activation."""

    async def read(self, site: str, path: Path, type: Any, attempt: int = 0) -> Any:
        """Return what is stored about a call (attempt 0) or one of its attempts: `Recorded`."""
        ...

    async def record(self, site: str, path: Path, value: Any, type: Any, attempt: int = 0) -> Any:
        """Store a value or Failure unless one is there; return what is stored."""
        ...


class Call(Protocol):
    """What agents need of an activation."""

    @property
    def id(self) -> str:
        """Id of the activation."""
        ...

    @property
    def now(self) -> int:
        """Time of the activation, in microseconds since 1970 UTC."""
        ...

    @property
    def journal(self) -> Journal:
        """Results of its calls."""
        ...

    def lease(self) -> None:
        """Raise when the event has gone to another worker."""
        ...

    async def pause(
        self, site: str, path: Path, number: int, seconds: float, recorded: Any
    ) -> None:
        """Return when the attempt after `number` may be made, or leave by an exception.

        recorded: what the journal says about that attempt, if an earlier delivery has made it.
        """
        ...

    def observe(self, failure: Failure) -> None:
        """Say that something that acts has read a failure."""
        ...

    def child_id(self, site: str, path: Path = ()) -> str:
        """Return the id of what a site makes."""
        ...


@dataclass(frozen=True, slots=True)
class Policy:
    """How often and how long a call is tried."""

    timeout_s: float | None = None
    attempts: int = 1
    backoff: Backoff = "none"
    delay_s: float = 0.0

    def pause(self, number: int) -> float:
        """Return the seconds between attempt `number` and the next one."""
        match self.backoff:
            case "none":
                return 0.0
            case "fixed":
                return min(self.delay_s, DELAY_MAX_S)
            case "exponential":
                return min(self.delay_s * 2.0 ** min(number - 1, 32), DELAY_MAX_S)

    @property
    def longest_pause(self) -> float:
        """The longest pause between two attempts, in seconds."""
        return self.pause(self.attempts - 1) if self.attempts > 1 else 0.0


@dataclass(slots=True)
class Counters:
    """What an agent has done since it started; metrics read it."""

    calls: int = 0
    cancelled: int = 0
    attempts: int = 0
    failures: int = 0
    last_failure: str = ""
    """Code and message of the last one."""
    replayed: int = 0
    """Calls whose result came from the journal."""
    seconds: float = 0.0
    tokens_in: int = 0
    tokens_out: int = 0
    questions: int = 0
    """Questions to language models, those included that have no answer."""
    reasks: int = 0
    """Questions because an answer did not fit."""
    repaired: int = 0
    """Answers that could be used only after repairs."""
    fallbacks: int = 0
    """Times that the next engine of a chain was asked."""
    tool_calls: int = 0
    cache_hits: int = 0
    unknown_usage: int = 0
    """Questions whose use nobody reports."""
    usd: float = 0.0
    """What questions have cost, where prices are known."""
    first_token_seconds: float = 0.0
    """Time to the first token of answers that come as a stream."""
    streams: int = 0
    batches: int = 0
    largest_batch: int = 0
    queue_seconds: float = 0.0
    """Time that calls have waited for their batch."""


class Agent(ABC, Generic[T]):
    """An agent of a workflow. One object serves all events of a service."""

    journaled: bool = False

    def __init__(
        self,
        *,
        site: str,
        result: Any,
        id: str = "",
        policy: Policy | None = None,
        acts: bool = False,
        inputs: Sequence[str] = (),
    ) -> None:
        self.site = site
        self.id = id or site
        self.result = result
        """The annotation of the result."""
        self.policy = policy or Policy()
        self.acts = acts
        """Whether a failure among its inputs is observed."""
        self.inputs = tuple(inputs)
        """Names of the inputs in order, where they are not those of the printed call."""
        self.counters = Counters()

    async def start(self, resources: Resources) -> None:
        """Open what the agent needs. Raises: AgentError."""

    async def stop(self) -> None:
        """Close it."""

    def named(self, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the inputs by their names in the workflow."""
        return dict(zip(self.inputs, inputs.values(), strict=True)) if self.inputs else inputs

    def cancelled(self, act: Call, inputs: Mapping[str, Any]) -> Failure | None:
        """Return the first failure among the inputs; an agent that acts observes it."""
        for value in inputs.values():
            if type(value) is Failure:
                self.counters.cancelled += 1
                if self.acts:
                    act.observe(value)
                return value
        return None

    def blamed(self, fault: Fault | Failure) -> Failure:
        """Return the failure of this agent."""
        self.counters.failures += 1
        found = fault.failure() if isinstance(fault, Fault) else fault
        self.counters.last_failure = f"{found.code}: {found.message}"
        return found.blamed_on(self.site)


class PureAgent(Agent[T]):
    """An agent that computes: equal inputs, equal results. Attempts would all give the same."""

    def __call__(self, act: Call, /, **inputs: Any) -> T | Failure:
        """Return the result for the inputs, by name in the order of the source."""
        cancelled = self.cancelled(act, inputs)
        if cancelled is not None:
            return cancelled
        self.counters.calls += 1
        try:
            return self.compute(inputs)
        except Fault as fault:
            return self.blamed(fault)
        except RecursionError:
            return self.blamed(Failure("too-deep", "an input is nested too deeply"))

    @abstractmethod
    def compute(self, inputs: Mapping[str, Any]) -> T:
        """Return the result. Raises: Fault."""


def unwatched(agent: Agent[Any]) -> AbstractContextManager[Any]:
    """Put nothing around an attempt."""
    return _NOTHING


_NOTHING = nullcontext()


class AwaitedAgent(Agent[T]):
    """An agent that is awaited. What cannot be repeated is kept in the journal."""

    journaled: bool = True
    around: Callable[[Agent[Any]], AbstractContextManager[Any]] = staticmethod(unwatched)
    """Put around each attempt: spans of traces."""

    async def __call__(self, act: Call, /, *, path: Path = (), **inputs: Any) -> T | Failure:
        """Return the result of the first attempt that does not fail, or the last failure."""
        cancelled = self.cancelled(act, inputs)
        if cancelled is not None:
            return cancelled
        self.counters.calls += 1
        if not self.journaled and self.policy.longest_pause <= SHORT_S:
            return await self._unrecorded(act, path, inputs)
        known = await act.journal.read(self.site, path, self.result)
        if known is not None:
            self.counters.replayed += 1
            return known.value
        outcome = await self._attempts(act, path, inputs)
        return await act.journal.record(self.site, path, outcome, self.result)

    async def _unrecorded(self, act: Call, path: Path, inputs: Mapping[str, Any]) -> T | Failure:
        for number in range(1, self.policy.attempts):
            outcome = await self._attempt(act, path, inputs)
            if not isinstance(outcome, Failure):
                return outcome
            await asyncio.sleep(self.policy.pause(number))
        return await self._attempt(act, path, inputs)

    async def _attempts(self, act: Call, path: Path, inputs: Mapping[str, Any]) -> T | Failure:
        last = self.policy.attempts
        number, recorded = await self._recorded(act, path)
        if recorded is not None:
            await act.pause(self.site, path, number - 1, self.policy.pause(number - 1), recorded)
        for attempt in range(number, last):
            outcome = await self._attempt(act, path, inputs)
            if not isinstance(outcome, Failure):
                return outcome
            await act.journal.record(self.site, path, outcome, self.result, attempt=attempt)
            await act.pause(self.site, path, attempt, self.policy.pause(attempt), None)
        return await self._attempt(act, path, inputs)

    async def _recorded(self, act: Call, path: Path) -> tuple[int, Any]:
        """Return the number of the next attempt, and what the journal says about the last one."""
        recorded = None
        for number in range(1, self.policy.attempts):
            known = await act.journal.read(self.site, path, self.result, attempt=number)
            if known is None:
                return number, recorded
            recorded = known
        return self.policy.attempts, recorded

    async def _attempt(self, act: Call, path: Path, inputs: Mapping[str, Any]) -> T | Failure:
        act.lease()
        self.counters.attempts += 1
        begun = time.perf_counter()
        limit = self.policy.timeout_s
        try:
            with self.around(self):
                async with asyncio.timeout(limit):
                    return await self.work(act, path, inputs)
        except TimeoutError:
            within = "in time" if limit is None else f"within {limit:g} seconds"
            return self.blamed(Failure("timeout", f"there was no answer {within}"))
        except Fault as fault:
            return self.blamed(fault)
        finally:
            self.counters.seconds += time.perf_counter() - begun

    @abstractmethod
    async def work(self, act: Call, path: Path, inputs: Mapping[str, Any]) -> T:
        """Make one attempt. Raises: Fault."""
