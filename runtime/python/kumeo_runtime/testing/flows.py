"""Small workflows by hand, as the compiler would print them, for the simulation and for tests."""

import asyncio
import random
from collections.abc import Callable
from typing import Any

from kumeo_runtime.activation import Activation
from kumeo_runtime.meta import Message
from kumeo_runtime.parked import Task
from kumeo_runtime.spec import (
    PARTITIONS,
    Consumer,
    Edge,
    Handler,
    ServiceSpec,
    Source,
    StreamSizes,
    Target,
    Workflow,
)
from kumeo_runtime.values import Record

CONSUMER = Consumer(ack_wait_s=2.0, credit=8, concurrency=4, attempts=9, live_max=6)


class Number(Record):
    """An event with a number and perhaps a key."""

    n: int
    key: str = ""


class Half(Message):
    """One of two messages for a number."""

    n: int
    half: int


class Priced(Message):
    """A half with the answer of a call."""

    n: int
    half: int
    answer: int


class Plain(Message):
    """A number on its way."""

    n: int
    key: str


Call = Callable[[Activation, str], int]
HALVES = Edge("halves", "halves", Half)
PRICED = Edge("priced", "priced", Priced)
KEYED = Edge("keyed", "keyed", Plain, partitions=PARTITIONS)
ASKED = Edge("asked", "asked", Plain, is_parked=True)


def calls_flow(
    on_number: Callable[[int], None],
    on_call: Call,
    dice: random.Random,
    edges_bytes: int = 1 << 20,
) -> Workflow:
    """Return: a number makes two messages; each is priced by a call; each price is emitted."""
    source, target = Source("numbers", "nats", "in.n", Number), Target("out", "nats", "out.n", Any)

    def split(act: Activation, event: Number) -> None:
        on_number(event.n)
        for half in (0, 1):
            act.send(HALVES, Half(act.meta, event.n, half), path=(half,))

    async def price(act: Activation, message: Half) -> None:
        path = (message.half,)
        known = await act.journal.read("call", path, int)
        if known is None:
            act.lease()
            answer = on_call(act, act.child_id("call", path))
            await asyncio.sleep(dice.uniform(0.01, 0.6))
            answer = await act.journal.record("call", path, answer, int)
        else:
            answer = known.value
        act.send(PRICED, Priced(act.meta, message.n, message.half, answer), path=path)

    def emit(act: Activation, message: Priced) -> None:
        value = {"n": message.n, "half": message.half, "answer": message.answer}
        act.emit(target, value, site="emit", path=(message.half,))

    first = Handler("split", split, (source,), (HALVES,), consumer=CONSUMER)
    second = Handler("price", price, HALVES, (PRICED,), consumer=CONSUMER)
    third = Handler("emit", emit, PRICED, emits=(target,), consumer=CONSUMER)
    services = (ServiceSpec("ends", (first, third)), ServiceSpec("middle", (second,)))
    sizes = StreamSizes(edges_bytes=edges_bytes)
    edges = (HALVES, PRICED)
    return Workflow("Calls", "calls", "1", services, (source,), (target,), edges, sizes=sizes)


def keys_flow(dice: random.Random) -> Workflow:
    """Return: events with a key pass a keyed edge and keep their order."""
    source = Source("keyed", "nats", "in.k", Number, key="key")
    target = Target("ordered", "nats", "out.k", Any)

    def take(act: Activation, event: Number) -> None:
        act.send(KEYED, Plain(act.meta, event.n, event.key))

    async def work(act: Activation, message: Plain) -> None:
        await asyncio.sleep(dice.uniform(0.01, 0.4))
        if dice.random() < 0.1:
            raise ValueError("sometimes")
        act.emit(target, {"n": message.n, "key": message.key}, site="emit")

    first = Handler("take", take, (source,), (KEYED,), consumer=CONSUMER)
    second = Handler("work", work, KEYED, emits=(target,), consumer=CONSUMER)
    services = (ServiceSpec("take", (first,)), ServiceSpec("work", (second,)))
    return Workflow("Keys", "keys", "1", services, (source,), (target,), (KEYED,))


def tasks_flow(timeout_s: float) -> Workflow:
    """Return: somebody is asked about every number; when nobody answers in time, it is refused."""
    source, target = Source("asks", "nats", "in.t", Number), Target("said", "nats", "out.t", Any)

    def ask(act: Activation, event: Number) -> None:
        task = Task("review", decisions=("yes", "no"), timeout_s=timeout_s, on_timeout="no")
        act.park(ASKED, Plain(act.meta, event.n, event.key), task)

    def said(act: Activation, message: Plain) -> None:
        answer = act.answer
        assert answer is not None
        value = {"n": message.n, "decision": answer.decision, "by": answer.by}
        act.emit(target, value, site="emit")

    first = Handler("ask", ask, (source,), (ASKED,), consumer=CONSUMER)
    second = Handler("said", said, ASKED, emits=(target,), consumer=CONSUMER)
    services = (ServiceSpec("ask", (first,)), ServiceSpec("said", (second,)))
    return Workflow("Tasks", "tasks", "1", services, (source,), (target,), (ASKED,))
