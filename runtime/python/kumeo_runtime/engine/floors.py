"""How far every consumer has come, and what was stored then: the memory of the janitor."""

from collections.abc import Mapping
from dataclasses import dataclass

from kumeo_runtime.engine.flow import Input
from kumeo_runtime.engine.shared import Shared

KEPT = 512


@dataclass(frozen=True, slots=True)
class Sample:
    """One look. `lasts` were read before `floors`, streams of outputs before those of inputs."""

    at: float
    lasts: Mapping[str, int]
    """Last sequence by stream."""
    floors: Mapping[tuple[str, str], int]
    """Ack floor by stream and durable."""


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
            if all(aged.floors.get(i, 0) >= sample.lasts.get(i[0], 0) for i in inputs):
                best = max(best, sample.lasts.get(stream, 0))
        return best

    def forget(self, aged: Sample, inputs: list[tuple[str, str]]) -> None:
        """Drop samples whose inputs are all done, but the latest of them."""
        done = [
            s
            for s in self._samples
            if s.at <= aged.at
            and all(aged.floors.get(i, 0) >= s.lasts.get(i[0], 0) for i in inputs)
        ]
        drop = {id(s) for s in done[:-1]} - {id(aged)}
        self._samples = [s for s in self._samples if id(s) not in drop]


def _went_back(old: Sample, new: Sample) -> bool:
    return any(new.floors.get(key, floor) < floor for key, floor in old.floors.items())


async def look(shared: Shared, inputs: list[Input], extra: list[tuple[str, str]]) -> Sample | None:
    """Take a sample; None when a stream cannot be seen now."""
    names, lasts = shared.names, dict[str, int]()
    sources = sorted({i.stream for i in inputs} - {names.edges, names.tasks})
    outputs = await shared.transport.stream_info(names.outputs)
    lasts[names.outputs] = outputs.last_seq if outputs is not None else 0
    for stream in (names.journal, names.tasks, names.edges, *sources):
        info = await shared.transport.stream_info(stream)
        if info is None:
            return None
        lasts[stream] = info.last_seq
    floors: dict[tuple[str, str], int] = {}
    for stream, durable in [(i.stream, i.durable) for i in inputs] + extra:
        found = await shared.transport.consumer_info(stream, durable)
        if found is None:
            floors[stream, durable] = 0
            continue
        is_idle = found.pending == 0 and found.unacknowledged == 0
        last = lasts.get(stream, 0)
        floors[stream, durable] = max(found.ack_floor, last) if is_idle else found.ack_floor
    return Sample(shared.loop.time(), lasts, floors)
