"""All services of a workflow in this process, and what can be counted of them."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import msgspec
from kumeo_runtime.config import Settings
from kumeo_runtime.engine.engine import Engine
from kumeo_runtime.engine.flow import Input, all_inputs
from kumeo_runtime.engine.letters import Letter
from kumeo_runtime.engine.names import Names, target_subjects
from kumeo_runtime.engine.observer import HandlerStats, Observer
from kumeo_runtime.engine.parking import Parking
from kumeo_runtime.engine.shared import Shared
from kumeo_runtime.engine.waiting import waiting_in
from kumeo_runtime.service import Service, agents_of, transport_of
from kumeo_runtime.spec import Edge, Handler, StreamSizes, Workflow
from kumeo_runtime.transport.api import (
    Accepted,
    OnOutcome,
    Outcome,
    Outgoing,
    Transport,
    TransportError,
)

from kumeo.tools.running.outputs import Place, last_sequences
from kumeo.tools.running.progress import Snapshot

_LATE = 256
"""How many entries of the journal are looked at for the last dead letter."""
ACK_WAIT_S = 10.0
"""Work that takes longer is said to be in progress, so this is no limit for it."""


class Host:
    """Runs every service of a workflow on one connection."""

    def __init__(self, workflow: Workflow, settings: Settings, package: Path, root: Path) -> None:
        self.workflow = workflow
        self.made: Counter[str] = Counter()
        """Values that targets got from this process, by target."""
        self.transport: Transport = transport_of(settings, self._failed)
        self._settings = settings
        self._observer = Observer()
        self._service = Service(
            workflow,
            settings,
            transport=self.transport,
            package=package,
            root=root,
            observer=self._observer,
        )
        self._inputs: list[Input] = []
        self._started = 0.0

    @property
    def engine(self) -> Engine:
        """The engine, which exists from `start` on."""
        assert self._service.engine is not None, "start comes first"
        return self._service.engine

    async def start(self) -> None:
        """Connect, open the agents, create what is missing in the store, take messages.

        Raises: TransportError, EngineError, AgentError.
        """
        self._started = asyncio.get_running_loop().time()
        names = Names(self._settings.namespace, self.workflow.token)
        targets = target_subjects(self.workflow, names)
        subjects = {subject: name for name, subject in targets.items()}
        count_targets(self.transport, subjects, self.made)
        await self._service.start()
        self._inputs = all_inputs(self.workflow, names, self.engine.shared.source_streams)

    async def stop(self, seconds: float) -> bool:
        """Finish what is under way and stop; False when the time was too short."""
        return await self._service.drain(seconds)

    async def close(self) -> None:
        """Leave the store, whatever has happened."""
        await self._service.stop()
        await self.transport.close()

    def _failed(self, error: TransportError) -> None:
        if self._service.engine is not None:
            self.engine.shared.fatal(error.code, error.message, error.fix)

    def place_of_source(self, name: str) -> Place:
        """Return where events of a source are stored."""
        return Place(*self.engine.shared.source_streams[name])

    async def places_of_targets(self) -> dict[str, Place]:
        """Return where values of targets are stored; those that nobody stores are left out."""
        targets = target_subjects(self.workflow, self.engine.shared.names)
        places, _ = await last_sequences(self.transport, targets.values())
        return {name: places[subject] for name, subject in targets.items() if subject in places}

    async def before_start(self) -> dict[str, int]:
        """Return how far the streams of targets go before this run. Raises TransportError."""
        names = Names(self._settings.namespace, self.workflow.token)
        transport = transport_of(self._settings)
        await transport.connect()
        try:
            subjects = target_subjects(self.workflow, names).values()
            _, lasts = await last_sequences(transport, subjects)
            return lasts
        finally:
            await transport.close()

    async def live(self) -> int:
        """Return how many messages wait or are under way; 0 means that all is done.

        Inputs are asked in the order of the flow, so a message cannot pass unseen.
        """
        total = await count_waiting(self.engine.shared, self._inputs)
        connectors = self._service.connectors
        return total + (await connectors.live() if connectors is not None else 0)

    @property
    def are_sources_done(self) -> bool:
        """Whether the sources are files that are read to their ends."""
        connectors = self._service.connectors
        return connectors is not None and connectors.are_sources_done

    async def parked(self) -> int:
        """Return how many tasks wait for an answer."""
        if not any(edge.is_parked for edge in self.workflow.edges):
            return 0
        return len(await Parking(self.engine.shared).list())

    async def last_letter(self) -> Letter | None:
        """Return the youngest dead letter, if it is among the last entries of the journal."""
        names = self.engine.shared.names
        info = await self.transport.stream_info(names.journal)
        start = max(1, info.last_seq - _LATE) if info else 1
        page = await self.transport.read(names.journal, f"{names.prefix}.d.>", start, _LATE)
        return msgspec.json.decode(page[-1].payload, type=Letter) if page else None

    def handled(self, source: str) -> int:
        """Return how many events of a source this process has handled."""
        readers = (h for service in self.workflow.services for h in service.handlers)
        names = [
            h.name
            for h in readers
            if not isinstance(h.reads, Edge) and source in (each.name for each in h.reads)
        ]
        return sum(self._observer.handler(name).done for name in names)

    def snapshot(self, lag: int, parked: int, sent: int, refused: int) -> Snapshot:
        """Return the counts of this moment."""
        handlers = [h for service in self.workflow.services for h in service.handlers]
        stats = {h.name: self._observer.handler(h.name) for h in handlers}
        sources = {
            ", ".join(source.name for source in h.reads): stats[h.name].done
            for h in handlers
            if not isinstance(h.reads, Edge)
        }
        p50, p99 = percentiles([stats[h.name] for h in handlers if h.emits])
        agents = agents_of(self.workflow.services)
        return Snapshot(
            asyncio.get_running_loop().time() - self._started,
            sources,
            {target.name: self.made[target.name] for target in self.workflow.targets},
            p50,
            p99,
            lag,
            dead=sum(stats[h.name].buried for h in handlers)
            + sum(stats[h.name].reported for h in handlers if h.on_error is None),
            reports=sum(stats[h.name].reported for h in handlers if h.on_error is not None),
            parked=parked,
            refused=refused,
            full=self._observer.counts["store_full"],
            sent=sent,
            agents={agent.id: agent.counters.failures for agent in agents},
            reasons={agent.id: agent.counters.last_failure for agent in agents},
        )


async def count_waiting(shared: Shared, inputs: Iterable[Input]) -> int:
    """Return how many messages wait for a handler, are in one, or wait for another attempt."""
    total, can_wait = 0, False
    for entry in inputs:
        found = await shared.transport.consumer_info(entry.stream, entry.durable)
        total += 0 if found is None else found.pending + found.unacknowledged
        can_wait |= entry.can_wait
    return total + (len(await waiting_in(shared)) if can_wait else 0)


def percentiles(stats: Iterable[HandlerStats]) -> tuple[float | None, float | None]:
    """Return p50 and p99 of the time from stored to done, in milliseconds."""
    times = sorted(since for each in stats for _, since in each.samples)
    if not times:
        return None, None
    return times[len(times) // 2] * 1000, times[min(len(times) - 1, len(times) * 99 // 100)] * 1000


def count_targets(transport: Transport, targets: Mapping[str, str], made: "Counter[str]") -> None:
    """Count what each target takes from here on; `targets` are names by subject."""
    publish = transport.publish

    def counted(message: Outgoing, on_outcome: OnOutcome) -> None:
        name = targets.get(message.subject)
        if name is None:
            publish(message, on_outcome)
            return

        def settle(outcome: Outcome) -> None:
            if isinstance(outcome, Accepted) and not outcome.duplicate:
                made[name] += 1
            on_outcome(outcome)

        publish(message, settle)

    transport.publish = counted  # pyright: ignore[reportAttributeAccessIssue]


def fitted(workflow: Workflow, stream_bytes: int | None) -> Workflow:
    """Return the workflow for an embedded server: streams that fit on the disk, a quick restart.

    Nobody else works on what a killed run has taken, so it comes again after ten seconds.
    """
    if stream_bytes is None:
        return workflow
    sizes = StreamSizes(
        _at_most(workflow.sizes.edges_bytes, stream_bytes),
        _at_most(workflow.sizes.journal_bytes, stream_bytes),
        1,
    )
    services = tuple(
        replace(service, handlers=tuple(_impatient(handler) for handler in service.handlers))
        for service in workflow.services
    )
    return replace(workflow, sizes=sizes, services=services)


def _impatient(handler: Handler) -> Handler:
    wait_s = min(handler.consumer.ack_wait_s, ACK_WAIT_S)
    return replace(handler, consumer=replace(handler.consumer, ack_wait_s=wait_s))


def _at_most(size: int, limit: int) -> int:
    return min(size, limit) if size >= 0 else size
