"""A workflow with an aggregate for the simulation, and what must hold for its results.

Two workers add the same keys. Each event counts once, in some order of its key: the results of a
key have the counts 1, 2, 3, …, and each sum is the one before plus the number of its own event.
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import msgspec

from kumeo_runtime.activation import Activation
from kumeo_runtime.agents.aggregate import Aggregate
from kumeo_runtime.ids import activation_id, child_id
from kumeo_runtime.spec import Edge, Handler, ServiceSpec, Source, Target, Workflow
from kumeo_runtime.testing.flows import CONSUMER, Number, Plain
from kumeo_runtime.transport.memory_stream import MemoryStream
from kumeo_runtime.values import Failure, Int, Record

ADDED = Edge("added", "added", Plain)
Value = dict[str, Any]


class Total(Record):
    """What is known about a key."""

    count: Int
    total: Int


def sums_flow() -> Workflow:
    """Return: numbers are added by key, on an edge that keeps no order."""
    source, target = Source("numbers", "nats", "in.s", Number), Target("sums", "nats", "out.s", Any)
    make: Any = Aggregate
    add = make(site="add", reducers=("count", "sum"), values=(Int, Int), key=str, result=Total)

    def take(act: Activation, event: Number) -> None:
        act.send(ADDED, Plain(act.meta, event.n, event.key))

    async def work(act: Activation, message: Plain) -> None:
        found = await add(act, key=message.key, count=message.n, total=message.n)
        if isinstance(found, Failure):
            act.observe(found)
            return
        value = {"n": message.n, "key": message.key, "count": found.count, "total": found.total}
        act.emit(target, value, site="emit")

    first = Handler("take", take, (source,), (ADDED,), consumer=CONSUMER)
    second = Handler("work", work, ADDED, emits=(target,), consumer=CONSUMER)
    services = (ServiceSpec("ends", (first,)), ServiceSpec("middle", (second,)))
    return Workflow("Sums", "sums", "1", services, (source,), (target,), (ADDED,))


def wrong_sums(values: list[Value]) -> Iterator[str]:
    """Yield what is wrong with the results."""
    by_key: dict[str, list[Value]] = defaultdict(list)
    for value in values:
        by_key[value["key"]].append(value)
    for found in by_key.values():
        found.sort(key=lambda value: value["count"])
        if [value["count"] for value in found] != list(range(1, len(found) + 1)):
            yield "an event counted twice or never"
        before = 0
        for value in found:
            if value["total"] != before + value["n"]:
                yield "a sum without an event, or with one twice"
            before = value["total"]


def wrong_records(values: list[Value], journal: MemoryStream) -> Iterator[str]:
    """Yield what differs between the results and the journal, where it still has them."""
    for value in values:
        act = activation_id("sums", "numbers", f"e{value['n']}")
        last = journal.last_of(f"kumeo.dev.sums.j.{act}.{child_id(act, 'add')}.0")
        if not last:
            continue
        entry: Any = msgspec.msgpack.decode(journal.entries[last].payload)
        if entry[4] != {"count": value["count"], "total": value["total"]}:
            yield "a sum differs from the journal"
