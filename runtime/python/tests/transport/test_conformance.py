"""Every case of `runtime/conformance` holds for the memory store and for a real nats-server.

For each rule there is a broken memory store, and a case that finds it.
"""

import asyncio
import signal
import time
from pathlib import Path
from typing import Any

import pytest
import yaml
from kumeo_runtime.testing.virtual_loop import run_virtual
from kumeo_runtime.transport import open_transport
from kumeo_runtime.transport.api import Accepted
from kumeo_runtime.transport.conformance import CaseFailed, Stage, run_case
from kumeo_runtime.transport.memory import MemoryServer, MemoryTransport
from kumeo_runtime.transport.memory_consumer import MemoryConsumer
from kumeo_runtime.transport.memory_stream import MemoryStream

FOLDER = Path(__file__).parents[3] / "conformance"
CASES: dict[str, dict[str, Any]] = {
    case["name"]: case
    for file in sorted(FOLDER.glob("*.yaml"))
    for case in yaml.safe_load(file.read_text(encoding="utf-8"))
}


async def on_memory(case: dict[str, Any], server: MemoryServer) -> None:
    async def restart() -> None:
        server.crash(0.5)

    transport = MemoryTransport(server)
    await transport.connect()
    await run_case(case, Stage(transport, server.now_us, restart))
    await transport.close()


async def on_nats(case: dict[str, Any], server: Any) -> None:
    async def restart() -> None:
        server.stop(signal.SIGKILL)
        await asyncio.sleep(0.1)
        server.start()
        await asyncio.sleep(0.1)

    transport = open_transport(server.url)
    await transport.connect()
    try:
        await run_case(case, Stage(transport, lambda: time.time_ns() // 1000, restart))
    finally:
        await transport.close()


@pytest.mark.parametrize("name", CASES)
def test_memory_case_holds(name: str) -> None:
    run_virtual(on_memory(CASES[name], MemoryServer(epoch_us=1_700_000_000_000_000)))


@pytest.mark.parametrize("name", CASES)
def test_nats_case_holds(name: str, nats_server: Any) -> None:
    asyncio.run(asyncio.wait_for(on_nats(CASES[name], nats_server), 30))


# -- one broken store per rule
class StoresTwice(MemoryStream):
    def check_expected(self, message):
        answer = super().check_expected(message)
        return None if isinstance(answer, Accepted) else answer


class ForgetsSequences(MemoryStream):
    def check_expected(self, message):
        answer = super().check_expected(message)
        return answer if isinstance(answer, Accepted) else None


class ForgetsIds(MemoryStream):
    def duplicate_of(self, message, now_us):
        return None


class RemembersIdsForEver(MemoryStream):
    def duplicate_of(self, message, now_us):
        return self.ids.get((message.headers or {}).get("Nats-Msg-Id", ""), (None, 0))[0]


class NeverFull(MemoryStream):
    def check_room(self, message):
        return None


class PurgesTooMuch(MemoryStream):
    def purge(self, subject, up_to_seq):
        return super().purge(subject, None)


class NeverRedelivers(MemoryConsumer):
    def next_due(self):
        return None


class NaksAtOnce(MemoryConsumer):
    def nak(self, seq, now, delay_s):
        super().nak(seq, now, 0.0)


class IgnoresProgress(MemoryConsumer):
    def progress(self, seq, now):
        pass


class IdleFloorStays(MemoryConsumer):
    def ack_floor(self):
        return min(self.waiting) - 1 if self.waiting else self.cursor


class FloorTooHigh(MemoryConsumer):
    def ack_floor(self):
        return self.cursor


class IgnoresAcks(MemoryConsumer):
    def ack(self, seq):
        pass


class IgnoresLimit(MemoryConsumer):
    def __init__(self, config, stream):
        super().__init__(config, stream)
        self.config = type(config)(config.stream, config.durable, config.filters)


class IgnoresCredit(MemoryConsumer):
    def pump(self, now):
        for puller in self.pullers:
            puller.messages = max(puller.messages, 5)
        super().pump(now)


class IgnoresBytes(MemoryConsumer):
    def pump(self, now):
        for puller in self.pullers:
            puller.bytes = 1 << 30
        super().pump(now)


class WaitsForHuge(MemoryConsumer):
    def pump(self, now):
        for puller in self.pullers:
            puller.bytes_full = 1 << 40
        super().pump(now)


class HalfBatches(MemoryServer):
    def publish_batch(self, messages):
        outcomes = [self.publish(message) for message in messages]
        return next((o for o in outcomes if not isinstance(o, Accepted)), outcomes[-1])


class FiresTwice(MemoryServer):
    def fire(self, stream, entry, now_us):
        super().fire(stream, entry, now_us)
        if entry.headers and "Nats-Schedule" in entry.headers and not entry.payload.endswith(b"!"):
            entry.payload += b"!"
            entry.fires_us = now_us
            super().fire(stream, entry, now_us)


class NeverFires(MemoryServer):
    def fire(self, stream, entry, now_us):
        stream.remove(entry.seq)


class ForgetsPulls(MemoryServer):
    def _tell(self):
        pass


def with_stream(stream: type[MemoryStream]) -> type[MemoryServer]:
    return type("Broken", (MemoryServer,), {"stream_type": stream})


def with_consumer(consumer: type[MemoryConsumer]) -> type[MemoryServer]:
    return type("Broken", (MemoryServer,), {"consumer_type": consumer})


MUTANTS: list[tuple[type[MemoryServer], str]] = [
    (with_stream(StoresTwice), "create-only"),
    (with_stream(ForgetsSequences), "cas"),
    (with_stream(ForgetsIds), "duplicate-window"),
    (with_stream(RemembersIdsForEver), "duplicate-window"),
    (with_stream(NeverFull), "full"),
    (with_stream(PurgesTooMuch), "purge"),
    (with_consumer(NeverRedelivers), "redelivery"),
    (with_consumer(NaksAtOnce), "nak-delay"),
    (with_consumer(IgnoresProgress), "in-progress"),
    (with_consumer(IdleFloorStays), "idle-floor"),
    (with_consumer(FloorTooHigh), "floor-in-the-middle"),
    (with_consumer(IgnoresAcks), "redelivery"),
    (with_consumer(IgnoresLimit), "ack-pending"),
    (with_consumer(IgnoresCredit), "credit"),
    (with_consumer(IgnoresBytes), "credit-bytes"),
    (with_consumer(WaitsForHuge), "credit-huge"),
    (HalfBatches, "batch-all-or-none"),
    (FiresTwice, "schedule"),
    (NeverFires, "schedule"),
    (ForgetsPulls, "restart"),
]


@pytest.mark.parametrize(
    ("mutant", "name"),
    MUTANTS,
    ids=[f"{number}-{name}" for number, (_, name) in enumerate(MUTANTS)],
)
def test_mutant_of_a_rule_fails_its_case(mutant: type[MemoryServer], name: str) -> None:
    with pytest.raises(CaseFailed):
        run_virtual(on_memory(CASES[name], mutant(epoch_us=1_700_000_000_000_000)))
