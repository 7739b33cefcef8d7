"""Creates the streams and consumers of a workflow, and refuses a build that does not fit."""

import sys
from collections.abc import Iterable
from dataclasses import replace

from kumeo_runtime.engine.flow import Input, all_inputs, credit_of, is_keyed, pin_of, service_inputs
from kumeo_runtime.engine.names import Names, is_bound, target_subjects
from kumeo_runtime.engine.parking import Parking
from kumeo_runtime.engine.shared import EngineError, Shared
from kumeo_runtime.engine.waiting import waiting_in
from kumeo_runtime.engine.windows import WINDOW_S
from kumeo_runtime.spec import Edge, ServiceSpec, Source, Workflow
from kumeo_runtime.transport.api import ConsumerConfig, ConsumerInfo, StreamConfig, StreamInfo
from kumeo_runtime.transport.subjects import overlaps

VERSION = "kumeo-version"
LAYOUT = "kumeo-edge-"
READER = "kumeo-reader-"


async def provision(shared: Shared) -> None:
    """Create what is missing. `Shared.created` and `Shared.source_streams` are known afterwards."""
    await check_version(shared)
    for config in own_streams(shared):
        await ensure(shared, config)
    await ensure_outputs(shared)
    for source in shared.workflow.sources:
        await ensure_source(shared, source)
    await ensure_consumers(shared)
    await check_waiting(shared)


async def attach(shared: Shared, services: Iterable[ServiceSpec]) -> None:
    """Find what the handlers of some services read, and create nothing: another process does."""
    streams: set[str] = set()
    for service, handler in ((s, handler) for s in services for handler in s.handlers):
        for source in handler.reads if not isinstance(handler.reads, Edge) else ():
            is_theirs = source.kind == "jetstream"
            stream = source.address if is_theirs else shared.names.ingress(source)
            shared.source_streams[source.name] = (stream, shared.names.source_subject(source))
        inputs = service_inputs(service, handler, shared.names, shared.source_streams)
        streams |= {entry.stream for entry in inputs}
    for stream in sorted(streams):
        info = await shared.transport.stream_info(stream)
        if info is None:
            raise EngineError(
                "not-provisioned",
                f"stream {stream} does not exist, and this process creates none",
                "start a process with KUMEO_PROVISION=true and a user that may, then this one",
            )
        shared.created[stream] = info.created


def own_streams(shared: Shared) -> list[StreamConfig]:
    """Return the streams that only this workflow uses."""
    names, workflow, sizes = shared.names, shared.workflow, shared.workflow.sizes
    prefix = names.prefix
    replicas = shared.settings.replicas or sizes.replicas
    base = StreamConfig("", (), replicas=replicas, storage=shared.settings.storage)
    layouts = {f"{LAYOUT}{edge.token}": edge.layout for edge in workflow.edges}
    edges = replace(
        base,
        name=names.edges,
        subjects=(f"{prefix}.e.>",),
        max_bytes=sizes.edges_bytes,
        metadata={VERSION: workflow.version, **layouts},
    )
    kept = tuple(f"{prefix}.{kind}.>" for kind in "jasdc")
    journal = replace(
        base,
        name=names.journal,
        subjects=kept,
        max_bytes=sizes.journal_bytes,
        allow_atomic=True,
        max_per_subject=1,
    )
    tasks = replace(
        base,
        name=names.tasks,
        subjects=(f"{prefix}.t.>",),
        discard="old",
        allow_schedules=True,
        allow_atomic=True,
    )
    inputs = replace(
        base,
        name=names.inputs,
        subjects=(f"{prefix}.i.>",),
        allow_atomic=True,
        duplicate_window_s=WINDOW_S,
    )
    has_inputs = any(s.kind not in ("nats", "jetstream") for s in workflow.sources)
    return [edges, journal, tasks, *([inputs] if has_inputs else [])]


async def ensure(shared: Shared, config: StreamConfig) -> StreamInfo:
    """Create or widen a stream and remember when it was created."""
    info = await shared.transport.ensure_stream(config)
    shared.created[config.name] = info.created
    return info


async def ensure_outputs(shared: Shared) -> None:
    """Create the stream of the targets that nobody captures."""
    names, free = shared.names, set[str]()
    subjects_by_name = target_subjects(shared.workflow, names)
    for target in shared.workflow.targets:
        subject = subjects_by_name[target.name]
        owner = await shared.transport.stream_of(subject)
        if target.kind == "jetstream" and owner != target.address:
            raise no_stream("target", target.name, target.address, subject)
        if owner is None or owner == names.outputs:
            free.add(subject)
    if not free:
        return
    known = await shared.transport.stream_info(names.outputs)
    subjects = tuple(sorted(free | set(known.subjects if known else ())))
    replicas = shared.settings.replicas or shared.workflow.sizes.replicas
    await ensure(
        shared,
        StreamConfig(
            names.outputs,
            subjects,
            duplicate_window_s=WINDOW_S,
            replicas=replicas,
            storage=shared.settings.storage,
        ),
    )


async def ensure_source(shared: Shared, source: Source) -> None:
    """Find or create the stream that holds the events of a source."""
    names = shared.names
    subject = names.source_subject(source)
    if source.kind == "jetstream":
        info = await shared.transport.stream_info(source.address)
        if info is None or not any(overlaps(subject, taken) for taken in info.subjects):
            raise no_stream("source", source.name, source.address, subject)
    else:
        info = await ensure_ingress(shared, source, subject)
    shared.created[info.name] = info.created
    shared.source_streams[source.name] = (info.name, subject)


async def ensure_ingress(shared: Shared, source: Source, subject: str) -> StreamInfo:
    """Return the stream that captures a subject; create one that all workflows share."""
    names = shared.names
    owner = await shared.transport.stream_of(subject)
    known = await shared.transport.stream_info(owner) if owner else None
    if known is not None and owner != names.ingress(source):
        return known
    if names.ingress(source) == names.inputs and known is not None:
        return known
    before = dict[str, str](known.metadata) if known else dict[str, str]()
    readers = {k: v for k, v in before.items() if k.startswith(READER)}
    config = StreamConfig(
        names.ingress(source),
        (subject,),
        replicas=shared.settings.replicas or shared.workflow.sizes.replicas,
        storage=shared.settings.storage,
        metadata={**readers, f"{READER}{names.workflow}": names.source_durable(source)},
    )
    return await ensure(shared, config)


async def ensure_consumers(shared: Shared) -> None:
    """Create the durables of all handlers, so that nothing is purged before it was read."""
    names, workflow = shared.names, shared.workflow
    for entry in all_inputs(workflow, names, shared.source_streams):
        consumer = entry.handler.consumer
        if is_bound(entry.reads) and entry.origin is None:
            await check_bound(shared, entry)
            continue
        config = ConsumerConfig(
            entry.stream,
            entry.durable,
            (entry.filter,),
            ack_wait_s=consumer.ack_wait_s,
            max_ack_pending=credit_of(entry.handler) * (1 if is_keyed(entry.handler) else 2),
            pin_s=pin_of(entry.handler),
        )
        await shared.transport.ensure_consumer(config)
    timers = ConsumerConfig(names.tasks, names.timer_durable, (names.firing("*", 0)[:-1] + "*",))
    await shared.transport.ensure_consumer(timers)


async def check_bound(shared: Shared, entry: Input) -> None:
    """Refuse a consumer of the user that would lose or repeat events; it is never changed."""
    info = await shared.transport.consumer_info(entry.stream, entry.durable)
    problem = "does not exist" if info is None else unfit(info, entry.handler.consumer.ack_wait_s)
    if problem is not None:
        raise EngineError(
            "no-consumer",
            f"the consumer {entry.durable} of stream {entry.stream} {problem}",
            "correct the consumer, or leave out `durable:` and get one made for the workflow",
        )


def unfit(info: ConsumerInfo, ack_wait_s: float) -> str | None:
    """Return why a consumer cannot be used, or None."""
    if not info.is_pull:
        return "is no pull consumer with explicit acknowledgement"
    if info.max_deliver > 0:
        return f"gives up after {info.max_deliver} deliveries, which loses events"
    if 0 < info.ack_wait_s < ack_wait_s:
        return f"waits {info.ack_wait_s:g} s for an acknowledgement, {ack_wait_s:g} s are needed"
    return None


def no_stream(what: str, name: str, stream: str, subject: str) -> EngineError:
    """Return the error of a stream of the user that is not there."""
    problem = f"does not exist or does not take {subject}"
    return EngineError(
        "no-stream",
        f"{what} `{name}` uses the stream {stream}, which {problem}",
        "create the stream, or correct its name or the subject in the workflow",
    )


async def check_waiting(shared: Shared) -> None:
    """Refuse to start while messages wait for attempts that this build never makes."""
    inputs = all_inputs(shared.workflow, shared.names, shared.source_streams)
    mine = {entry.durable for entry in inputs if entry.can_wait}
    lost = [durable for durable in await waiting_in(shared) if durable not in mine]
    if lost:
        raise EngineError(
            "version-skew",
            f"{counted(len(lost), 'message')} of `{lost[0]}` wait for another attempt, and version"
            f" {shared.workflow.version} of `{shared.workflow.name}` makes none later",
            "start the version that wrote them until they are done, or use another namespace",
        )


async def check_version(shared: Shared) -> None:
    """Refuse to start while an edge holds messages that this build cannot read."""
    names = shared.names
    info = await shared.transport.stream_info(names.edges)
    if info is None:
        return
    mine = {edge.token: edge.layout for edge in shared.workflow.edges}
    for key, layout in sorted(info.metadata.items()):
        token = key.removeprefix(LAYOUT)
        if token == key or mine.get(token) == layout:
            continue
        live = await live_messages(shared, names, token)
        live = live or len(await waiting_in(shared, f"e_{token}"))
        tasks = 0 if live else await open_tasks(shared, token)
        if live or tasks:
            raise skew(shared.workflow, token, live, tasks, token in mine)


async def live_messages(shared: Shared, names: Names, token: str) -> int:
    """Return how many messages of an edge are not acknowledged."""
    waited = names.waited_durable(f"e_{token}")
    places = ((names.edges, f"e_{token}"), (names.tasks, f"e_{token}"), (names.tasks, waited))
    for place in places:
        found = await shared.transport.consumer_info(*place)
        if found is not None and found.pending + found.unacknowledged:
            return found.pending + found.unacknowledged
    return 0


async def open_tasks(shared: Shared, token: str) -> int:
    """Return how many tasks wait for an answer that goes on through an edge."""
    if await shared.transport.stream_info(shared.names.tasks) is None:
        return 0
    tasks = await Parking(shared).list(limit=sys.maxsize)
    return sum(task.edge == token for task in tasks)


def counted(number: int, what: str) -> str:
    """Return a number with its noun.

    >>> counted(1, "message"), counted(2000, "open task")
    ('1 message', '2,000 open tasks')
    """
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def skew(workflow: Workflow, token: str, live: int, tasks: int, is_known: bool) -> EngineError:
    """Return the error of a build that cannot read what is stored."""
    what = "has another layout in" if is_known else "is missing in"
    held = counted(live, "message") if live else counted(tasks, "open task")
    way = "let it drain" if live else "decide what `kumeo tasks list` shows"
    return EngineError(
        "version-skew",
        f"edge `{token}` holds {held}, and it {what} version {workflow.version}"
        f" of `{workflow.name}`",
        f"start the version that wrote them and {way}, or use another namespace",
    )
