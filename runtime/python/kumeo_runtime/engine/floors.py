"""How far every consumer has come, and what was stored then: the memory of the janitor."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from kumeo_runtime.engine.flow import Input
from kumeo_runtime.engine.shared import Shared

KEPT = 512


@dataclass(frozen=True, slots=True)
class Sample:
    """One look. All `lasts` were read first, then all `ends`, then the floors.

    A stream may hold inputs and outputs, and two streams may feed each other. So no order of
    streams is right: what outputs there are is read before what inputs there are.
    """

    at: float
    lasts: Mapping[str, int]
    """Last sequence by stream of outputs."""
    floors: Mapping[tuple[str, str], int]
    """Ack floor by stream and durable."""
    ends: Mapping[str, int] = field(default_factory=dict[str, int])
    """Last sequence by stream of inputs; where one is missing it is that of `lasts`."""

    def is_done(self, inputs: list[tuple[str, str]], by: "Sample") -> bool:
        """Return whether the inputs that were stored in this sample are done in another one."""
        ends, lasts = self.ends, self.lasts
        return all(by.floors.get(i, 0) >= ends.get(i[0], lasts.get(i[0], 0)) for i in inputs)


class History:
    """Samples, oldest first; old ones are thinned out, never the order of events."""

    def __init__(self) -> None:
        self._samples: list[Sample] = []

    def add(self, sample: Sample) -> None:
        """Remember a sample. When the store has forgotten acknowledgements, nothing else counts.

        A store that was killed comes back with older floors. What was finished before is open
        again, so how long ago it was finished means nothing.
        """
        if self._samples and _went_back(self._samples[-1], sample):
            self._samples.clear()
        self._samples.append(sample)
        if len(self._samples) > KEPT:
            half = len(self._samples) // 2
            self._samples = self._samples[:half:2] + self._samples[half:]

    def aged(self, before: float) -> Sample | None:
        """Return the latest sample that is at least so old."""
        found = None
        for sample in self._samples:
            if sample.at > before:
                break
            found = sample
        return found

    def released(self, aged: Sample, inputs: list[tuple[str, str]], stream: str) -> int:
        """Return how far `stream` was filled when the last input was stored that is surely done.

        A message of `stream` comes from an input that was stored before. So once all inputs of a
        sample are acknowledged, nobody makes the messages of that sample again.
        """
        best = 0
        for sample in self._samples:
            if sample.at > aged.at:
                break
            if sample.is_done(inputs, aged):
                best = max(best, sample.lasts.get(stream, 0))
        return best

    def forget(self, aged: Sample, inputs: list[tuple[str, str]]) -> None:
        """Drop samples whose inputs are all done, but the latest of them."""
        done = [s for s in self._samples if s.at <= aged.at and s.is_done(inputs, aged)]
        drop = {id(s) for s in done[:-1]} - {id(aged)}
        self._samples = [s for s in self._samples if id(s) not in drop]


def _went_back(old: Sample, new: Sample) -> bool:
    return any(new.floors.get(key, floor) < floor for key, floor in old.floors.items())


async def look(shared: Shared, inputs: list[Input], extra: list[tuple[str, str]]) -> Sample | None:
    """Take a sample; None when a stream cannot be seen now."""
    names = shared.names
    sources = {i.stream for i in inputs} - {names.edges, names.tasks}
    lasts = await ends_of(shared, (names.journal, names.tasks, names.edges))
    outputs = await shared.transport.stream_info(names.outputs)
    ends = await ends_of(shared, (names.tasks, names.edges, *sorted(sources)))
    if lasts is None or ends is None:
        return None
    lasts[names.outputs] = outputs.last_seq if outputs is not None else 0
    floors: dict[tuple[str, str], int] = {}
    for stream, durable in [(i.stream, i.durable) for i in inputs] + extra:
        found = await shared.transport.consumer_info(stream, durable)
        if found is None:
            floors[stream, durable] = 0
            continue
        is_idle = found.pending == 0 and found.unacknowledged == 0
        last = ends.get(stream, lasts.get(stream, 0))
        floors[stream, durable] = max(found.ack_floor, last) if is_idle else found.ack_floor
    return Sample(shared.loop.time(), lasts, floors, ends)


async def ends_of(shared: Shared, streams: Iterable[str]) -> dict[str, int] | None:
    """Return the last sequence of each stream, asked one after the other."""
    found: dict[str, int] = {}
    for stream in streams:
        info = await shared.transport.stream_info(stream)
        if info is None:
            return None
        found[stream] = info.last_seq
    return found
