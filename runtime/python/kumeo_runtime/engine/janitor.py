"""Removes finished messages, and none that somebody could still make again.

A create-only subject refuses a message only while the first one is stored. So an edge message goes
when its consumer has passed it, when everybody who could send it again has passed what he made it
from, and when a worker that slept in between must have noticed (`purge_age_s`). The journal goes
by the same rule. If a stream is nearly full all the same, progress goes before: the valve.
"""

import asyncio
import logging

from kumeo_runtime.engine.floors import History, Sample, look
from kumeo_runtime.engine.flow import Input, all_inputs, writers_of
from kumeo_runtime.engine.provision import READER
from kumeo_runtime.engine.shared import Shared
from kumeo_runtime.engine.windows import Windows
from kumeo_runtime.spec import Edge
from kumeo_runtime.transport.api import TransportError

log = logging.getLogger("kumeo.janitor")
Key = tuple[str, str]


class Janitor:
    """Cleans the streams of one workflow. Several may run: they only remove what is finished."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared
        self._names = shared.names
        self._inputs = all_inputs(shared.workflow, shared.names, shared.source_streams)
        self._timers = (shared.names.tasks, shared.names.timer_durable)
        self._keys: list[Key] = [(i.stream, i.durable) for i in self._inputs] + [self._timers]
        outputs = shared.names.outputs
        self._values = {
            shared.names.target_subject(target): (outputs, shared.names.target_durable(target))
            for target in shared.workflow.targets
            if target.kind not in ("nats", "jetstream")
        }
        """By subject: consumers of the targets whose values only this workflow takes."""
        self._windows = Windows(shared)
        self._history = History()

    async def run(self) -> None:
        """Clean for ever."""
        while True:
            await asyncio.sleep(self._shared.settings.janitor_s)
            try:
                await self.clean()
            except TransportError as error:
                log.warning("nothing cleaned: %s", error)

    async def clean(self) -> None:
        """Look once and remove what was finished long enough ago."""
        await self._windows.fit()
        extra = [self._timers, *self._values.values(), *await self._readers()]
        sample = await look(self._shared, self._inputs, extra)
        if sample is None:
            return
        self._history.add(sample)
        await self._relieve(sample)
        aged = self._history.aged(sample.at - self._shared.settings.purge_age_s)
        if aged is None:
            return
        await self._clean_sources(aged)
        for entry in self._inputs:
            if entry.is_edge:
                await self._purge(entry, self.limit(entry, aged))
        await self._clean_journal(aged)
        await self._clean_tasks(aged)
        await self._clean_values(aged)
        self._history.forget(aged, self._keys)

    # -- edges
    def limit(self, entry: Input, aged: Sample) -> int:
        """Return up to where the messages of an edge may go."""
        last = aged.floors[entry.stream, entry.durable]
        assert isinstance(entry.reads, Edge)
        for writer in writers_of(entry.reads, self._inputs):
            key = (writer.stream, writer.durable)
            if writer.stream == entry.stream:
                last = min(last, aged.floors[key])
            else:
                last = min(last, self._history.released(aged, [key], entry.stream))
        return last

    async def _purge(self, entry: Input, last: int) -> None:
        if last <= 0:
            return
        gone = await self._shared.transport.purge(entry.stream, entry.filter, last)
        self._shared.observer.count("purged", gone)

    async def _relieve(self, sample: Sample) -> None:
        """Open the valve when the edges are nearly full: a duplicate is better than a halt."""
        most = self._shared.workflow.sizes.edges_bytes
        info = await self._shared.transport.stream_info(self._names.edges)
        if info is None or most <= 0 or info.bytes < self._shared.settings.valve * most:
            return
        self._shared.observer.count("valve_opened")
        log.warning("stream %s holds %d of %d bytes", info.name, info.bytes, most)
        for entry in self._inputs:
            if entry.is_edge:
                await self._purge(entry, sample.floors[entry.stream, entry.durable])

    # -- journal, tasks, sources
    async def _clean_journal(self, aged: Sample) -> None:
        last = self._history.released(aged, self._keys, self._names.journal)
        if last <= 0:
            return
        for kind in "ja":
            subject = f"{self._names.prefix}.{kind}.>"
            gone = await self._shared.transport.purge(self._names.journal, subject, last)
            self._shared.observer.count("journal_purged", gone)

    async def _clean_tasks(self, aged: Sample) -> None:
        """Remove tasks that went on; open ones stay for ever."""
        names, transport = self._names, self._shared.transport
        last = self._history.released(aged, self._keys, names.tasks)
        if last <= 0:
            return
        done = await transport.read(names.tasks, names.resume("*", "*"), 1, 256)
        for message in done:
            if message.seq <= last:
                task = message.subject.rsplit(".", 1)[1]
                await transport.purge(names.tasks, names.task(task))
                await transport.purge(names.tasks, message.subject, last)
        for kind in "fw":
            await transport.purge(names.tasks, f"{names.prefix}.t.{kind}.>", last)

    async def _clean_values(self, aged: Sample) -> None:
        """Remove values that their target has, when nobody can emit them again."""
        stream = self._names.outputs
        last = self._history.released(aged, self._keys, stream) if self._values else 0
        for subject, key in self._values.items():
            up_to = min(last, aged.floors[key])
            if up_to > 0:
                gone = await self._shared.transport.purge(stream, subject, up_to)
                self._shared.observer.count("values_purged", gone)

    async def _readers(self) -> list[Key]:
        """Return the consumers of all workflows on the sources that are shared."""
        found: list[Key] = []
        for stream in sorted({i.stream for i in self._inputs if i.is_source}):
            info = await self._shared.transport.stream_info(stream)
            metadata = dict[str, str](info.metadata) if info else dict[str, str]()
            found += [(stream, name) for k, name in metadata.items() if k.startswith(READER)]
        return found

    async def _clean_sources(self, aged: Sample) -> None:
        """Remove events that every workflow has handled, from streams that this runtime made."""
        for entry in self._inputs:
            if not entry.is_source or not self._is_own(entry):
                continue
            floors = [floor for (stream, _), floor in aged.floors.items() if stream == entry.stream]
            await self._purge(entry, min(floors))

    def _is_own(self, entry: Input) -> bool:
        assert not isinstance(entry.reads, Edge)
        return entry.stream == self._names.ingress(entry.reads)
