"""Virtual time, and what may happen to a process between any two of its effects.

A task is a generator. It yields what it waits for and gets the answer:

    12                      sleep so many milliseconds
    (function, *arguments)  a request to the server; the answer, or TIMEOUT when one way was lost
    Wait(place, until)      until somebody wakes the place, or it is late
    DIE                     the process is gone

Everything follows from the seed.
"""

import heapq
import random
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

Effects: TypeAlias = Generator[Any, Any, Any]

TIMEOUT = "timeout"
DIE = "die"
REQUEST_MS = 400
"""How long a task waits for an answer."""
WAY_MS = 12
"""The longest that a request or an answer is under way."""
REPLAY_MS = 9_000


class Wait(NamedTuple):
    """Sleep until a place is woken or until a time."""

    place: str
    until: int | None = None
    then: tuple[Any, ...] | None = None
    """A request that the server keeps and answers when the place is woken; None when it is late.
    The answer waits for a process that sleeps."""


@dataclass(frozen=True)
class Faults:
    """How often things go wrong, per step or request."""

    kill: float = 0.0
    pause: float = 0.0
    lose: float = 0.0
    delay: float = 0.0
    """How often a request arrives so late that nobody waits for the answer any more."""
    crash_ms: int = 0
    """About the time between two crashes of the server; 0 is never."""
    end_ms: int = 8_000
    """When all faults end."""


class Process:
    """What is killed and paused as a whole."""

    def __init__(self, name: str, restart: Callable[["Process"], None]) -> None:
        self.name = name
        self.tasks: set[Task] = set()
        self.paused_until = 0
        self.restart = restart


class Task:
    """A generator on its way."""

    __slots__ = ("generator", "is_alive", "process", "ticket")

    def __init__(self, process: Process | None, generator: Effects) -> None:
        self.process = process
        self.generator = generator
        self.is_alive = True
        self.ticket = 0
        """Which sleep it is in; a wake-up with another number is too late."""


class Clock:
    """The scheduler. Time is in milliseconds."""

    def __init__(self, rng: random.Random, faults: Faults, pause_ms: int) -> None:
        self.rng = rng
        self.faults = faults
        self.pause_ms = pause_ms
        self.now = 0
        self.steps = 0
        self.is_up = True
        """Whether the server answers."""
        self.replays = False
        self.trace: list[str] | None = None
        self._heap: list[tuple[int, float, int, Callable[..., None], tuple[Any, ...]]] = []
        self._count = 0
        self._waiting: dict[str, list[tuple[Task, int, Wait]]] = {}

    @property
    def is_faulty(self) -> bool:
        """Whether faults still happen."""
        return self.now < self.faults.end_ms

    def tell(self, who: str, *what: Any) -> None:
        """Add a line to the trace."""
        if self.trace is not None:
            self.trace.append(f"{self.now:7d} {who}: {' '.join(map(str, what))}")

    def at(self, delay: int, function: Callable[..., None], *arguments: Any) -> None:
        """Call a function later; what is due at the same time comes in random order."""
        self._count += 1
        entry = (self.now + delay, self.rng.random(), self._count, function, arguments)
        heapq.heappush(self._heap, entry)

    def spawn(self, process: Process | None, generator: Effects) -> None:
        """Start a task."""
        task = Task(process, generator)
        if process is not None:
            process.tasks.add(task)
        self.at(0, self._step, task, None)

    def run(self, until: int, is_over: Callable[[], bool]) -> None:
        """Run until it is over, or late."""
        heap = self._heap
        while heap and self.now < until:
            self.now, _, _, function, arguments = heapq.heappop(heap)
            function(*arguments)
            if self.steps & 31 == 0 and is_over():
                return

    def wake(self, place: str) -> None:
        """Let the tasks that wait at a place go on."""
        for task, ticket, wait in self._waiting.pop(place, ()):
            if task.ticket == ticket:
                task.ticket += 1
                then = wait.then if self.is_up else None
                answer = None if then is None else then[0](*then[1:])
                self.at(1 + int(self.rng.random() * WAY_MS), self._step, task, answer)

    def wake_all(self) -> None:
        """Let all tasks that wait go on."""
        for place in list(self._waiting):
            self.wake(place)

    def kill(self, process: Process) -> None:
        """End all tasks of a process, and start it again after a while."""
        self.tell(process.name, "KILLED")
        for task in process.tasks:
            task.is_alive = False
            task.ticket += 1
        process.tasks = set()
        is_long = self.rng.random() < 0.2
        longest = 8 * self.pause_ms if is_long else self.pause_ms // 2
        self.at(self.rng.randrange(20, longest), process.restart, process)

    def _step(self, task: Task, value: Any) -> None:
        if not task.is_alive:
            return
        self.steps += 1
        process = task.process
        if process is not None:
            if self.now < process.paused_until:
                self.at(process.paused_until - self.now, self._step, task, value)
                return
            if self.now < self.faults.end_ms and self._is_hit(process, task, value):
                return
        try:
            asked = task.generator.send(value)
        except StopIteration:
            task.is_alive = False
            if process is not None:
                process.tasks.discard(task)
            return
        self._serve(task, asked)

    def _is_hit(self, process: Process, task: Task, value: Any) -> bool:
        chance, faults = self.rng.random(), self.faults
        if chance >= faults.kill + faults.pause:
            return False
        if chance < faults.kill:
            self.kill(process)
            return True
        most = 9 if self.rng.random() < 0.2 else 3
        length = self.rng.randrange(self.pause_ms, most * self.pause_ms)
        self.tell(process.name, "PAUSED for", length)
        process.paused_until = self.now + length
        self.at(length, self._step, task, value)
        return True

    def _serve(self, task: Task, asked: Any) -> None:
        if asked.__class__ is tuple:
            self._request(task, asked)
        elif asked.__class__ is Wait:
            task.ticket += 1
            self._waiting.setdefault(asked.place, []).append((task, task.ticket, asked))
            if asked.until is not None:
                self.at(max(asked.until - self.now, 1), self._wake_late, task, task.ticket)
        elif asked is DIE:
            assert task.process is not None, "only processes die"
            self.kill(task.process)
        else:
            self.at(asked, self._step, task, None)

    def _wake_late(self, task: Task, ticket: int) -> None:
        if task.ticket == ticket:
            task.ticket += 1
            self._step(task, None)

    def _request(self, task: Task, asked: tuple[Any, ...]) -> None:
        rng, way = self.rng, 1 + int(self.rng.random() * WAY_MS)
        if self.now < self.faults.end_ms and task.process is not None:
            chance = rng.random()
            if chance < self.faults.lose:
                self.at(REQUEST_MS, self._step, task, TIMEOUT)
                if self.replays:
                    self.at(REPLAY_MS, self._again, asked)
                return
            if chance < self.faults.lose + self.faults.delay:
                self.at(REQUEST_MS, self._step, task, TIMEOUT)
                self.at(rng.randrange(self.pause_ms, 3 * self.pause_ms), self._again, asked)
                return
        self.at(way, self._execute, task, asked)

    def _again(self, asked: tuple[Any, ...]) -> None:
        if self.is_up:
            asked[0](*asked[1:])

    def _execute(self, task: Task, asked: tuple[Any, ...]) -> None:
        if not self.is_up:
            self.at(REQUEST_MS, self._step, task, TIMEOUT)
            return
        answer = asked[0](*asked[1:])
        if self.trace is not None and task.process is not None:
            self.tell(task.process.name, asked[0].__name__, *map(_short, asked[1:]), "->", answer)
        faults = self.faults
        if self.now < faults.end_ms and self.rng.random() < faults.lose:
            self.at(REQUEST_MS, self._step, task, TIMEOUT)
            return
        self.at(1 + int(self.rng.random() * WAY_MS), self._step, task, answer)


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) < 60 else text[:57] + "..."
