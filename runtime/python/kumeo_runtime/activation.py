"""`Activation`: what a printed handler sees of the runtime.

A handler only fills buffers here. The engine publishes them after the handler has returned, so a
handler that stops halfway has no effect. Emitted values are encoded at once: what happens to the
value afterwards does not matter, and a value without a JSON form is a failure in the right scope.
"""

import asyncio
from collections.abc import Callable
from types import TracebackType
from typing import Any, Protocol

from msgspec import Struct

from kumeo_runtime.ids import Path, activation_id, child_id, partition_of
from kumeo_runtime.meta import Message, Meta
from kumeo_runtime.parked import NOBODY_ASKED, Answer, Parked, Resume, Task
from kumeo_runtime.spec import Edge, Target
from kumeo_runtime.transport.api import CREATE, Outgoing
from kumeo_runtime.values import Failure, Time, json_encoder, msgpack_encoder

_encode_json = json_encoder().encode
_encode_msgpack = msgpack_encoder().encode


class LeaseLost(Exception):  # noqa: N818 - a condition that agents pass on, not an error
    """The delivery has expired: another worker has it or will get it. Drop the activation."""


class Postponed(Exception):  # noqa: N818 - a condition that agents pass on, not an error
    """The next attempt of a call is far away: the activation goes on then, from its beginning."""

    def __init__(self, step: str, seconds: float, since_us: int) -> None:
        super().__init__(step)
        self.step = step
        """The call and the number of the attempt that has failed, as two tokens."""
        self.seconds = seconds
        self.since_us = since_us
        """When the attempt failed, in microseconds since 1970; 0 is now."""


class Recorded(Struct, frozen=True):
    """What the journal holds about a call."""

    value: Any
    """The result, or a `Failure`."""
    stored_us: int = 0
    """When it was stored; 0 where that is not known."""


class Note(Struct, array_like=True, frozen=True):
    """An entry of the journal that goes along with a message which waits."""

    payload: bytes
    stored_us: int


class Journal(Protocol):
    """Results of calls that are not deterministic. What was stored first wins, for every worker."""

    async def read(self, site: str, path: Path, type: Any, attempt: int = 0) -> Recorded | None:
        """Return what is stored about a call (attempt 0) or about one of its attempts."""
        ...

    async def record(self, site: str, path: Path, value: Any, type: Any, attempt: int = 0) -> Any:
        """Store a value or `Failure` unless one is there; return what is stored."""
        ...


class StateEntry(Struct, frozen=True):
    """The state of one key; `seq` 0 stands for a key that has none."""

    value: bytes
    seq: int


class State(Protocol):
    """State by name and key. A write holds only if nobody else has written since the read."""

    async def read(self, name: str, key: str) -> StateEntry:
        """Return the state of a key."""
        ...

    async def write(self, name: str, key: str, value: bytes, expected_seq: int) -> int | None:
        """Store the state; return its sequence, or None when somebody else was first."""
        ...

    async def apply(
        self,
        name: str,
        key: str,
        value: bytes,
        expected_seq: int,
        *,
        site: str,
        path: Path,
        result: Any,
        type: Any,
    ) -> bool:
        """Store the state and the journalled result of the call together, or nothing (False)."""
        ...


class Routes:
    """Where the outputs of one handler go, and what its activations share."""

    __slots__ = (
        "config",
        "edges",
        "journal",
        "later_s",
        "lease",
        "revised",
        "state",
        "targets",
        "workflow",
    )

    def __init__(
        self,
        workflow: str,
        edges: dict[str, str],
        targets: dict[str, str],
        config: Any = None,
        journal: "Callable[[Activation], Journal] | None" = None,
        state: "Callable[[Activation], State] | None" = None,
        lease: "Callable[[Any], bool] | None" = None,
        revised: "Callable[[str | None], Any] | None" = None,
        later_s: float | None = None,
    ) -> None:
        self.workflow = workflow
        self.edges = edges
        """Subject up to the partition, with the dot, by token of the edge."""
        self.targets = targets
        """Subject by name of the target."""
        self.config = config
        self.journal = journal
        self.state = state
        self.revised = revised
        """Returns the configuration for what `Meta.config` says; None where nothing may change."""
        self.lease = lease
        """Says whether a delivery still belongs to this worker."""
        self.later_s = later_s
        """Longest pause that a handler waits for; None waits for each."""


class Scope:
    """Collects the first failure that is observed in the body of a `try`."""

    __slots__ = ("_act", "_outer", "first")

    def __init__(self, act: "Activation", first: Failure | None) -> None:
        self._act = act
        self._outer: Scope | None = None
        self.first = first

    def __enter__(self) -> "Scope":
        self._outer, self._act.inner = self._act.inner, self
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._act.inner = self._outer


class Activation:
    """One event on its way through one handler."""

    __slots__ = (
        "_id",
        "_routes",
        "answer",
        "delivery",
        "inner",
        "meta",
        "notes",
        "outputs",
        "parked",
        "sent",
        "step",
    )

    def __init__(
        self, routes: Routes, meta: Meta, delivery: Any = None, answer: Answer | None = None
    ) -> None:
        self._routes = routes
        self._id: str | None = None
        self.meta = meta
        self.delivery = delivery
        self.answer = answer
        """What a person said; only in the handler of a parked edge."""
        self.inner: Scope | None = None
        self.outputs: list[Outgoing] = []
        self.parked: list[Parked] | None = None
        self.sent = False
        """Whether the activation goes on elsewhere."""
        self.notes: dict[str, Note] | None = None
        """What the journal says about this activation, where it may have to go along."""
        self.step = ""
        """The failed attempt after which this activation goes on."""

    @property
    def id(self) -> str:
        """Id of the activation: the same in all handlers and after every fault."""
        known = self._id
        if known is None:
            meta = self.meta
            known = self._id = activation_id(self._routes.workflow, meta.source, meta.event)
        return known

    @property
    def now(self) -> Time:
        """Time of the activation."""
        return Time(self.meta.now)

    @property
    def config(self) -> Any:
        """The configuration that this activation reads."""
        revised = self._routes.revised
        return self._routes.config if revised is None else revised(self.meta.config)

    @property
    def first(self) -> Failure | None:
        """First failure that was observed outside of every `try`."""
        return self.meta.first

    @property
    def journal(self) -> Journal:
        """Results of calls of this activation."""
        make = self._routes.journal
        if make is None:
            raise RuntimeError("this activation has no journal")
        return make(self)

    @property
    def state(self) -> State:
        """State of aggregates and user code."""
        make = self._routes.state
        if make is None:
            raise RuntimeError("this activation has no state")
        return make(self)

    def lease(self) -> None:
        """Return while the delivery belongs to this worker, else raise `LeaseLost`."""
        holds = self._routes.lease
        if holds is not None and not holds(self.delivery):
            raise LeaseLost(self.id)

    def scope(self, first: Failure | None = None) -> Scope:
        """Open the body of a `try`; `first` is what it has observed in an earlier handler."""
        return Scope(self, first)

    async def pause(
        self, site: str, path: Path, number: int, seconds: float, recorded: Recorded | None
    ) -> None:
        """Return when the attempt after `number` may be made; `recorded` by an earlier delivery.

        Raises: Postponed, when that is far away.
        """
        limit = self._routes.later_s
        if limit is None or seconds <= limit:
            if recorded is None:
                await asyncio.sleep(seconds)
            return
        step = f"{self.child_id(site, path)}.{number}"
        if step != self.step:
            raise Postponed(step, seconds, recorded.stored_us if recorded is not None else 0)

    def observe(self, failure: Failure) -> None:
        """Something that acts has read a failure."""
        if failure.handled:
            return
        holder = self.inner or self.meta
        if holder.first is None:
            holder.first = failure

    def child_id(self, site: str, path: Path = ()) -> str:
        """Return the id of what a site makes."""
        return child_id(self.id, site, path)

    def emit(self, target: Target, value: Any, *, site: str, path: Path = ()) -> None:
        """Send a value to a target, or observe why it has no JSON form."""
        text = _encode_json(value)
        if isinstance(text, Failure):
            return self.observe(text)
        key = child_id(self.id, site, path)
        headers = {"Nats-Msg-Id": key, "Kumeo-Id": key, "Kumeo-Event": self.meta.event}
        if self.meta.trace is not None:
            headers["traceparent"] = self.meta.trace
        self.outputs.append(Outgoing(self._routes.targets[target.name], text, headers))

    def send(self, edge: Edge, message: Message, *, path: Path = ()) -> None:
        """Go on in the handler of an edge; at once also where it is parked: nobody is asked."""
        self.sent = True
        key = child_id(self.id, edge.token, path)
        part = partition_of(self.meta.key or "", edge.partitions) if edge.partitions > 1 else 0
        trace = self.meta.trace
        headers = None if trace is None else {"traceparent": trace}
        body = self._body(edge, message)
        if edge.is_parked:
            subject = f"{self._routes.edges[edge.token]}{key}"
            body = _encode_msgpack(Resume(NOBODY_ASKED, body))
        else:
            subject = f"{self._routes.edges[edge.token]}{part}.{key}"
        self.outputs.append(Outgoing(subject, body, headers, CREATE))

    def park(self, edge: Edge, message: Message, task: Task) -> None:
        """Go on in the handler of an edge when somebody has answered, or nobody in time."""
        self.sent = True
        parked = Parked(
            edge, self._body(edge, message), child_id(self.id, task.site, task.path), task
        )
        self.parked = [*(self.parked or ()), parked]

    def _body(self, edge: Edge, message: Message) -> bytes:
        meta = message.meta
        if edge.carries_event or meta.payload is None:
            return encode_body(edge, message)
        payload, meta.payload = meta.payload, None
        try:
            return encode_body(edge, message)
        finally:
            meta.payload = payload


def encode_body(edge: Edge, message: Message) -> bytes:
    """Return the body of an edge message as its edge stores it."""
    if edge.codec == "msgpack":
        return _encode_msgpack(message)
    text = _encode_json(message)
    if isinstance(text, Failure):
        raise ValueError(f"edge `{edge.name}`: {text.message}")
    return text
