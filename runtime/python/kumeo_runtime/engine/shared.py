"""What the parts of one engine share, and stored writes for those who can wait."""

import asyncio
import random
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from kumeo_runtime.config import Settings
from kumeo_runtime.engine.clock import Clock
from kumeo_runtime.engine.known import KnownStates
from kumeo_runtime.engine.names import Names
from kumeo_runtime.engine.observer import Observer
from kumeo_runtime.spec import Workflow
from kumeo_runtime.transport.api import (
    CREATE,
    Outcome,
    Outgoing,
    Refused,
    Stored,
    Transport,
    TransportError,
)

if TYPE_CHECKING:
    from kumeo_runtime.engine.revisions import Revisions

FATAL_FIX = "give the user of this service the permissions in manifest.json, then start it again"


class EngineError(Exception):
    """The engine cannot go on: a code, what happened, what to do."""

    def __init__(self, code: str, message: str, fix: str) -> None:
        super().__init__(f"error[{code}]: {message}\n  help: {fix}")
        self.code = code
        self.message = message
        self.fix = fix


class Shared:
    """One transport and what everything that uses it needs to know."""

    def __init__(
        self,
        workflow: Workflow,
        transport: Transport,
        settings: Settings,
        clock: Clock,
        observer: Observer,
        seed: int | None = None,
    ) -> None:
        self.workflow = workflow
        self.transport = transport
        self.settings = settings
        self.clock = clock
        self.observer = observer
        self.random = random.Random(seed)
        self.names = Names(settings.namespace, workflow.token)
        self.loop = asyncio.get_running_loop()
        self.created: dict[str, str] = {}
        """Creation time by stream."""
        self.source_streams: dict[str, tuple[str, str]] = {}
        """Stream and subject filter by name of the source."""
        self.config: Any = None
        self.revisions: Revisions | None = None
        """Set where entries of the configuration may change."""
        self.failure: EngineError | None = None
        self.on_fatal: Callable[[EngineError], None] = lambda error: None
        self.tasks: set[asyncio.Task[Any]] = set()
        self.states = KnownStates()

    # -- failing loudly
    def fatal(self, code: str, message: str, fix: str = FATAL_FIX) -> None:
        """Stop everything: going on would lose or repeat work."""
        if self.failure is None:
            self.failure = EngineError(code, message, fix)
            self.on_fatal(self.failure)

    # -- waiting
    def backoff(self, tries: int) -> float:
        """Return how long to wait before a publish is tried again: doubled, with jitter."""
        settings = self.settings
        most = min(settings.retry_max_s, settings.retry_min_s * 2 ** min(tries, 20))
        return most * (0.5 + self.random.random() / 2)

    def spawn(self, coroutine: Any) -> "asyncio.Task[Any]":
        """Start a task that is kept until it ends."""
        task = self.loop.create_task(coroutine)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return task

    # -- stored writes
    async def ask(self, message: Outgoing) -> Outcome:
        """Publish once and wait for the answer."""
        answer: asyncio.Future[Outcome] = self.loop.create_future()

        def on_outcome(outcome: Outcome) -> None:
            if not answer.done():
                answer.set_result(outcome)

        self.transport.publish(message, on_outcome)
        return await answer

    async def store(self, message: Outgoing) -> Outcome:
        """Publish until the store has it. `Refused` is final: it never will."""
        tries = 0
        while True:
            outcome = await self.ask(message)
            if not isinstance(outcome, Refused) or not self.is_passing(outcome, message):
                return outcome
            await asyncio.sleep(self.backoff(tries))
            tries += 1

    async def last(self, subject: str, lease: Callable[[], None]) -> Stored | None:
        """Return the last message of a subject of the journal, asking until the store answers.

        Raises: what `lease` raises, once the delivery has expired.
        """
        tries = 0
        while True:
            try:
                return await self.transport.get_last(self.names.journal, subject)
            except TransportError:
                lease()
                tries += 1
                await asyncio.sleep(self.backoff(tries))

    def is_passing(self, refused: Refused, message: Outgoing) -> bool:
        """Return whether trying again may help."""
        if refused.reason == "denied":
            self.fatal("permission-denied", f"no permission to publish to {message.subject}")
            return False
        if refused.reason == "conflict":
            return message.expect in (CREATE, None)
        if refused.reason == "full":
            self.observer.count("store_full")
        return refused.reason in ("full", "unavailable")
