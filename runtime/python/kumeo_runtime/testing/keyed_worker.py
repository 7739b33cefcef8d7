"""A workflow with a keyed source and a keyed edge, for tests with several processes."""

import asyncio
import os
import sys
from typing import Any

from kumeo_runtime.activation import Activation
from kumeo_runtime.config import Settings
from kumeo_runtime.meta import Message
from kumeo_runtime.service import run
from kumeo_runtime.spec import (
    PARTITIONS,
    Consumer,
    Edge,
    Handler,
    ServiceSpec,
    Source,
    Target,
    Workflow,
)


class Body(Message):
    """A number and its key."""

    n: int
    key: str


EDGE = Edge("work", "work", Body, partitions=PARTITIONS)
SOURCE = Source("events", "nats", "in.keyed", dict[str, Any], key="key")
OUT = Target("out", "nats", "out.keyed", Any)
CONSUMER = Consumer(ack_wait_s=1.5, credit=32)


def take(act: Activation, event: dict[str, Any]) -> None:
    """Send an event on."""
    act.send(EDGE, Body(act.meta, event["n"], event["key"]))


async def work(act: Activation, message: Body) -> None:
    """Emit a number and who had it."""
    await asyncio.sleep(0.005)
    act.emit(OUT, {"n": message.n, "key": message.key, "pid": os.getpid()}, site="emit")


HANDLERS = (
    Handler("take", take, (SOURCE,), (EDGE,), consumer=CONSUMER),
    Handler("work", work, EDGE, emits=(OUT,), consumer=CONSUMER),
)
WORKFLOW = Workflow(
    "Keyed", "keyed", "1", (ServiceSpec("all", HANDLERS),), (SOURCE,), (OUT,), (EDGE,)
)

if __name__ == "__main__":
    sys.exit(run(WORKFLOW, Settings(nats_url=sys.argv[1], namespace="test")))
