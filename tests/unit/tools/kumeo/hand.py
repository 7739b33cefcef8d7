"""A workflow as a build prints it, written by hand: two handlers, an edge, two targets."""

import asyncio
from typing import Any

from kumeo_runtime.activation import Activation
from kumeo_runtime.meta import Message
from kumeo_runtime.spec import Edge, Handler, ServiceSpec, Source, Target, Workflow
from kumeo_runtime.values import Record


class Order(Record):
    """An event."""

    id: str
    amount: float


class RunJudge(Message):
    """The body of the edge."""

    source: Order


SOURCE = Source("source", "nats", "orders.raw", Order)
SMALL = Target("small", "nats", "orders.small", Order)
LARGE = Target("large", "nats", "orders.large", Order)
JUDGE = Edge("run.judge", "run_judge", RunJudge, layout="1")


def on_source(act: Activation, source: Order) -> None:
    """Handle one order."""
    if source.amount > 100:
        act.send(JUDGE, RunJudge(act.meta, source))
        return
    act.emit(SMALL, source, site="emit:small")


async def run_judge(act: Activation, m: RunJudge) -> None:
    """Take a moment for a large order."""
    await asyncio.sleep(0.001)
    act.emit(LARGE, m.source, site="emit:large")


def workflow(**changes: Any) -> Workflow:
    """Return the workflow."""
    handlers = (
        Handler("on_source", on_source, (SOURCE,), (JUDGE,), (SMALL,)),
        Handler("run_judge", run_judge, JUDGE, emits=(LARGE,)),
    )
    parts: dict[str, Any] = {
        "name": "Hand",
        "token": "hand",
        "version": "1",
        "services": (ServiceSpec("all", handlers),),
        "sources": (SOURCE,),
        "targets": (SMALL, LARGE),
        "edges": (JUDGE,),
    }
    return Workflow(**{**parts, **changes})


WORKFLOW = workflow()
