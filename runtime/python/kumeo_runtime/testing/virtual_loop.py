"""An asyncio loop whose time is virtual and whose order follows a seed.

Nothing waits: when nothing is ready, time jumps to the next timer. When there is no timer either,
nothing can ever happen again, and the loop raises `Wedged`.

Callbacks belong to workers (the context variable `WORKER`). A worker can be killed: none of its
callbacks run any more; or paused: they run later. Callbacks of one worker keep their order, those
of different workers are mixed by the seed.

Nothing hangs either: after so many seconds of real time, wherever the program is, `Wedged` is
raised there and again by the loop itself.
"""

import asyncio
import random
import selectors
import signal
import threading
from collections import deque
from collections.abc import Coroutine, Generator
from contextlib import contextmanager
from contextvars import Context, ContextVar
from typing import Any, TypeVar, cast

T = TypeVar("T")
WORKER: ContextVar[str] = ContextVar("WORKER", default="")
"""Whose callback runs; "" is nobody who can be killed."""


REAL_S = 120.0
"""Real time that one virtual run may take."""


class Wedged(Exception):  # noqa: N818 - what the simulation looks for
    """The main task has not ended: nothing can happen any more, or no end is in sight."""


class _NoFiles(selectors.BaseSelector):
    """Selects nothing: waiting is a jump of the clock."""

    def __init__(self) -> None:
        self.loop: VirtualLoop | None = None

    def register(self, fileobj: Any, events: int, data: Any = None) -> Any:
        """Take the wake-up pipe of the loop, which nobody uses."""

    def unregister(self, fileobj: Any) -> Any:
        """Forget a file."""

    def modify(self, fileobj: Any, events: int, data: Any = None) -> Any:
        """Change nothing."""

    def get_map(self) -> Any:
        """Return no files."""
        return {}

    def get_key(self, fileobj: Any) -> Any:
        """Know no file."""
        raise KeyError(fileobj)

    def select(self, timeout: float | None = None) -> list[Any]:
        """Let time pass."""
        if self.loop is not None:
            self.loop.jump(timeout)
        return []

    def close(self) -> None:
        """Hold nothing."""


class VirtualLoop(asyncio.SelectorEventLoop):
    """A loop for one test."""

    def __init__(self, seed: int = 0) -> None:
        self._now = 0.0
        self._selector_of_nothing = _NoFiles()
        super().__init__(self._selector_of_nothing)
        self._selector_of_nothing.loop = self
        self.random = random.Random(seed)
        self.dead: set[str] = set()
        self.paused: dict[str, float] = {}
        """Until when a worker stands still."""
        self.steps = 0
        self.is_late = False
        """Whether the real time is up."""

    def time(self) -> float:
        """Return the virtual time in seconds."""
        return self._now

    def jump(self, timeout: float | None) -> None:
        """Advance the clock to the next timer."""
        if timeout is None:
            raise Wedged(f"nothing happens any more at {self._now:.3f} s")
        self._now += timeout

    def kill(self, worker: str) -> None:
        """Run no callback of a worker any more."""
        self.dead.add(worker)

    def pause(self, worker: str, seconds: float) -> None:
        """Run the callbacks of a worker later."""
        self.paused[worker] = self._now + seconds

    def _run_once(self) -> None:
        if self.is_late:
            raise Wedged(f"no end in sight at {self._now:.3f} s, after {self.steps} steps")
        self._arrange()
        super()._run_once()  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]

    def _arrange(self) -> None:
        """Mix what is ready: by worker, each in its own order."""
        ready = cast("deque[Any]", vars(self)["_ready"])
        if not ready:
            return
        self.steps += len(ready)
        queues: dict[str, deque[Any]] = {}
        for handle in ready:
            queues.setdefault(handle._context.get(WORKER, ""), deque()).append(handle)
        ready.clear()
        for worker in [w for w in queues if w in self.dead]:
            del queues[worker]
        for worker in [w for w in queues if self.paused.get(w, 0.0) > self._now]:
            self._postpone(queues.pop(worker), self.paused[worker])
        names = list(queues)
        while names:
            name = self.random.choice(names) if len(names) > 1 else names[0]
            ready.append(queues[name].popleft())
            if not queues[name]:
                names.remove(name)

    def _postpone(self, handles: deque[Any], when: float) -> None:
        nobody = Context()
        for number, handle in enumerate(handles):
            self.call_at(when + number * 1e-7, self._make_ready, handle, context=nobody)

    def _make_ready(self, handle: Any) -> None:
        cast("deque[Any]", vars(self)["_ready"]).append(handle)


@contextmanager
def limited(loop: VirtualLoop, seconds: float = REAL_S) -> Generator[None]:
    """End what the loop runs after so many real seconds, even a callback that never returns.

    A callback may swallow the exception, so the loop raises it too. Only the main thread of a
    process can be interrupted: elsewhere there is no limit.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def late(number: int, frame: Any) -> None:
        loop.is_late = True
        raise Wedged(f"no end in sight after {seconds} s of real time")

    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, seconds, 0.2)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def run_virtual(main: Coroutine[Any, Any, T], seed: int = 0, real_s: float = REAL_S) -> T:
    """Run a coroutine to its end on a loop of its own, within some seconds of real time."""
    loop = VirtualLoop(seed)
    loop.set_exception_handler(_ignore_leftovers)
    try:
        with limited(loop, real_s):
            return loop.run_until_complete(main)
    finally:
        loop.dead.clear()
        _forget_tasks(loop)
        loop.close()


def _forget_tasks(loop: VirtualLoop) -> None:
    """Drop what the killed have left, without running it."""
    for task in asyncio.all_tasks(loop):
        task._log_destroy_pending = False  # pyright: ignore[reportAttributeAccessIssue]


def _ignore_leftovers(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    if not isinstance(context.get("exception"), Wedged | None):
        loop.default_exception_handler(context)
