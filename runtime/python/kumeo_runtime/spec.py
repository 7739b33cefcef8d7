"""What a compiled workflow says about itself: sources, edges, handlers, services.

`kumeo build` prints one `Workflow` value per package. It is plain frozen data plus references to
the printed functions, so everything that the engine does can be read in one place.

Names: NS and WF below are `Settings.namespace` and `Workflow.token`.

    stream  NS_WF_E   edges
            NS_WF_J   journal, state, dead letters
            NS_WF_T   timers, parked tasks
            NS_WF_O   targets without a stream of their own
    subject kumeo.NS.WF.e.EDGE.PARTITION.ID
"""

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

if TYPE_CHECKING:
    from kumeo_runtime.agents.base import Agent

Codec: TypeAlias = Literal["msgpack", "json"]
SourceKind: TypeAlias = Literal["nats", "jetstream", "file", "http", "timer", "kafka", "mqtt"]
TargetKind: TypeAlias = Literal["nats", "jetstream", "file", "http", "kafka", "mqtt"]
PARTITIONS = 64
"""Partitions of a keyed edge. Another number is a new edge and a drain."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where events come from."""

    name: str
    kind: SourceKind
    address: str
    """Subject, stream, path, route or interval, by kind."""
    type: Any
    """What `msgspec` decodes an event as."""
    key: str | None = None
    """The field that order is kept by."""
    time: str | None = None
    """The field that says when an event happened; None stands for when it was stored."""
    settings: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class Target:
    """Where results go."""

    name: str
    kind: TargetKind
    address: str
    type: Any
    settings: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class Edge:
    """A stored message between two handlers of one workflow."""

    name: str
    """The logical agent that heads the stage it enters; what people read."""
    token: str
    """The name as one token of a subject."""
    message: Any
    """The array-like Struct of the body: first `meta: Meta`, then the live values."""
    codec: Codec = "msgpack"
    partitions: int = 1
    is_parked: bool = False
    """Whether a message waits for an answer (a person, a timer) before its handler runs."""
    carries_event: bool = True
    """Whether the payload of the event goes along, for reports further on."""
    layout: str = ""
    """Hash of the layout of the body."""


@dataclass(frozen=True, slots=True)
class Consumer:
    """How a handler takes its messages."""

    ack_wait_s: float = 30.0
    credit: int = 1024
    """Messages taken and not yet acknowledged."""
    credit_bytes: int = 16 << 20
    concurrency: int = 64
    """Activations of a coroutine handler at the same time."""
    attempts: int = 12
    """Deliveries of one message before it is a dead letter."""
    later_s: float = 10.0
    """A pause before another attempt that is longer than this is spent in the store."""
    live_max: int = 100_000
    """Live messages on an output edge before the handler stops pulling."""


Function: TypeAlias = Callable[..., None] | Callable[..., Coroutine[Any, Any, None]]
"""A printed handler: `f(act, event)` for a source, `f(act, message)` for an edge."""


@dataclass(frozen=True, slots=True)
class Handler:
    """One printed function and what it reads and writes."""

    name: str
    function: Function
    reads: tuple[Source, ...] | Edge
    sends: tuple[Edge, ...] = ()
    emits: tuple[Target, ...] = ()
    on_error: Target | None = None
    """Gets the report of a failed activation; None stands for the dead letters."""
    consumer: Consumer = field(default_factory=Consumer)
    is_light: bool = False
    """Whether the function awaits nothing but numeric programs: it needs no task."""


@dataclass(frozen=True, slots=True)
class Permission:
    """The subjects that a service may use; `{ns}` stands for the namespace."""

    publish: tuple[str, ...] = ()
    subscribe: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ServiceSpec:
    """Handlers that run in one process."""

    name: str
    handlers: tuple[Handler, ...]
    agents: tuple["Agent[Any]", ...] = ()
    permission: Permission = field(default_factory=Permission)


@dataclass(frozen=True, slots=True)
class StreamSizes:
    """Limits of the streams, in bytes; -1 is no limit."""

    edges_bytes: int = 8 << 30
    journal_bytes: int = 4 << 30
    replicas: int = 1


@dataclass(frozen=True, slots=True)
class Workflow:
    """A compiled workflow."""

    name: str
    token: str
    """The name as one token of subjects and stream names."""
    version: str
    """Hash of the program that this package was printed from."""
    services: tuple[ServiceSpec, ...]
    sources: tuple[Source, ...]
    targets: tuple[Target, ...]
    edges: tuple[Edge, ...]
    config: Any = None
    """The generated Struct type of the configuration, with defaults."""
    dynamic: tuple[str, ...] = ()
    """Entries of the configuration that may change while the workflow runs."""
    secrets: tuple[str, ...] = ()
    """Names of environment variables that must be set."""
    artifacts: Mapping[str, str] = field(default_factory=dict[str, str])
    """Files of the package by path, with their SHA-256."""
    sizes: StreamSizes = field(default_factory=StreamSizes)
