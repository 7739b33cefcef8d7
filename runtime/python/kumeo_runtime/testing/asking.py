"""A workflow that asks a person about each event, for tests.

As a program it is a worker: `python -m kumeo_runtime.testing.asking URL NAMESPACE NUMBER [serve]`.
"""

import asyncio
import itertools
import sys
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Literal

import msgspec

from kumeo_runtime.activation import Activation
from kumeo_runtime.agents import Policy, Review
from kumeo_runtime.client import RuntimeClient
from kumeo_runtime.config import Settings
from kumeo_runtime.meta import Message
from kumeo_runtime.service import Service
from kumeo_runtime.spec import Edge, Handler, ServiceSpec, Source, StreamSizes, Target, Workflow
from kumeo_runtime.tasks.people import Person, hash_of
from kumeo_runtime.tasks.rest.service import TaskService
from kumeo_runtime.tasks.state import TaskState
from kumeo_runtime.values import Failure, Record, Time

SMALL = StreamSizes(32 << 20, 32 << 20)
_NUMBERS = itertools.count(1)


class Order(Record, kw_only=True):
    """An event."""

    id: str
    amount: float = 0.0
    lines: list[str] = []


class Approval(Record, kw_only=True):
    """What comes of a review."""

    decision: Literal["approve", "reject"]
    by: str
    at: Time
    note: str | None = None
    score: int | None = None
    value: Order


class Asked(Message):
    """The message that waits."""

    order: Order


EDGE = Edge("asked", "asked", Asked, is_parked=True)


def asking(number: int | None = None, **options: Any) -> Workflow:
    """Return a workflow with one review; `options` are of `Review`.

    number: of its subjects; None is one of its own.
    """
    number = number or next(_NUMBERS)
    source = Source("orders", "nats", f"asking.in.{number}", Order)
    done = Target("done", "nats", f"asking.out.{number}", Any)
    texts = {"title": "Large order", "instructions": "Look at it."}
    given: dict[str, Any] = {**texts, "assignees": ("credit",), **options}
    review = Review[Approval](site="ok", result=Approval, input=Order, edit=Order, **given)

    def ask(act: Activation, event: Order) -> None:
        act.park(EDGE, Asked(act.meta, event), review.task(event, edit=event))

    def said(act: Activation, message: Asked) -> None:
        found: Any = review(act, input=message.order, edit=message.order)
        is_failed = isinstance(found, Failure)
        data = {"code": found.code} if is_failed else msgspec.to_builtins(found, enc_hook=str)
        act.emit(done, {"id": message.order.id, **data}, site="emit")

    handlers = (
        Handler("on.orders", ask, (source,), (EDGE,), emits=(done,)),
        Handler("asked", said, EDGE, (), emits=(done,)),
    )
    services = (ServiceSpec("all", handlers, agents=(review,)),)
    return Workflow("Asking", "asking", "1", services, (source,), (done,), (EDGE,), sizes=SMALL)


def patient(attempts: int) -> Policy:
    """Return a policy that asks so often."""
    return Policy(attempts=attempts)


def settings_on(url: str, **more: Any) -> Settings:
    """Return settings in a namespace that no other test has."""
    given: dict[str, Any] = {"namespace": f"asking{next(_NUMBERS)}", **more}
    return Settings(nats_url=url, **given)


@asynccontextmanager
async def running(workflow: Workflow, settings: Settings) -> AsyncGenerator[RuntimeClient]:
    """Run a workflow; give a client of it."""
    service = Service(workflow, settings)
    try:
        await service.start()
        async with RuntimeClient(workflow, settings) as client:
            yield client
        await service.drain(5)
    finally:
        await service.stop()


async def ask(client: RuntimeClient, count: int = 1) -> list[TaskState]:
    """Send orders; return their tasks, in the order of the orders."""
    for number in range(count):
        order = {"id": f"o{number}", "amount": 10.0 * number, "lines": ["a", "b"]}
        await client.publish("orders", order, id=f"e{number}")
    async with asyncio.timeout(20):
        while True:
            if await client.shared.transport.stream_info(client.shared.names.tasks) is not None:
                found = {task.event_id: task for task in await client.tasks()}
                if len(found) >= count:
                    return [found[f"e{number}"] for number in range(count)]
            await asyncio.sleep(0.02)


async def results(client: RuntimeClient, count: int) -> list[Mapping[str, Any]]:
    """Wait for results, and return them."""
    names = client.shared.names
    async with asyncio.timeout(20):
        while True:
            found: list[Mapping[str, Any]] = []
            if await client.shared.transport.stream_info(names.outputs) is not None:
                stream = client.all(names.outputs, client.workflow.targets[0].address)
                found = [msgspec.json.decode(m.payload) async for m in stream]
            if len(found) >= count:
                return found
            await asyncio.sleep(0.02)


def tokens_of(*people: Person) -> tuple[Person, ...]:
    """Return people whose tokens are `kt_` and their names."""
    replace = msgspec.structs.replace
    return tuple(replace(each, token_sha256=hash_of(f"kt_{each.name}")) for each in people)


ANA = Person("ana", ("credit",))
BEN = Person("ben", ("credit",))
EVE = Person("eve", ("sales",))
MAX = Person("max", (), ("manager",))
AUDREY = Person("audrey", (), ("auditor",))
EVERYBODY = tokens_of(ANA, BEN, EVE, MAX, AUDREY)


async def work(url: str, namespace: str, number: int, serves: bool = False) -> None:
    """Run the services of a workflow until the process is killed.

    serves: its tasks, too; the address is printed.
    """
    workflow, settings = asking(number), Settings(nats_url=url, namespace=namespace)
    service = Service(workflow, settings)
    await service.start()
    async with RuntimeClient(workflow, settings) as client:
        if serves:
            tasks = TaskService(client, port=0)
            await tasks.start()
            print(tasks.address, flush=True)
        await service.wait()


if __name__ == "__main__":
    asyncio.run(work(sys.argv[1], sys.argv[2], int(sys.argv[3]), "serve" in sys.argv[4:]))
