"""Traces of one event through two handlers, an agent and a target, with an in-memory exporter."""

import asyncio
from typing import Any

import pytest
from kumeo_runtime.activation import Activation
from kumeo_runtime.agents.base import AwaitedAgent, Call, Path
from kumeo_runtime.client import RuntimeClient
from kumeo_runtime.meta import Message
from kumeo_runtime.observe.traces import configured_tracer
from kumeo_runtime.service import Service
from kumeo_runtime.spec import Edge, Handler, ServiceSpec, Source, StreamSizes, Target, Workflow
from kumeo_runtime.testing.connected import Order, settings_on, values_of
from kumeo_runtime.values import Failure, Fault
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = f"00-{TRACE}-b7ad6b7169203331-01"


class Body(Message):
    order: Order


NEXT = Edge("run.judge", "run_judge", Body)


class Judge(AwaitedAgent[str]):
    provider = "ollama"
    model = "llama3"

    async def work(self, act: Call, path: Path, inputs: Any) -> str:
        if inputs["id"] == "bad":
            raise Fault("no-answer", "the card 4111 was refused")
        return "fine"


def two_steps(number: int) -> Workflow:
    source = Source("orders", "nats", f"traced.in.{number}", Order)
    target = Target("judged", "nats", f"traced.out.{number}", Any)
    judge = Judge(site="judge", result=str)

    def on_orders(act: Activation, event: Order) -> None:
        act.send(NEXT, Body(act.meta, event))

    async def run_judge(act: Activation, message: Body) -> None:
        said = await judge(act, id=message.order.id)
        if isinstance(said, Failure):
            act.observe(said)
            return
        act.emit(target, said, site="emit")

    first = Handler("on.orders", on_orders, (source,), (NEXT,))
    second = Handler("run.judge", run_judge, NEXT, emits=(target,))
    services = (ServiceSpec("first", (first,)), ServiceSpec("second", (second,), (judge,)))
    sizes = StreamSizes(32 << 20, 32 << 20)
    return Workflow("Traced", "traced", "1", services, (source,), (target,), (NEXT,), sizes=sizes)


def spans_of(nats_url: str, number: int, event_id: str) -> dict[str, ReadableSpan]:
    """Run both services, each on a connection of its own."""
    workflow, settings = two_steps(number), settings_on(nats_url)
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracer = provider.get_tracer("test")

    async def main() -> None:
        services = [
            Service(workflow, settings, [name], tracer=tracer) for name in ("first", "second")
        ]
        for service in services:
            await service.start()
        async with RuntimeClient(workflow, settings) as client:
            headers = {"traceparent": PARENT}
            await client.publish("orders", {"id": event_id}, id=event_id, headers=headers)
            async with asyncio.timeout(10):
                while not (await values_of(workflow, settings) or await client.letters()):
                    await asyncio.sleep(0.05)
        for service in services:
            await service.drain(5)

    asyncio.run(main())
    return {span.name: span for span in exporter.get_finished_spans()}


def test_trace_of_an_event_goes_through_all_services(nats_url: str) -> None:
    spans = spans_of(nats_url, 1, "good")
    assert set(spans) == {
        "process orders",
        "publish run_judge",
        "process run.judge",
        "chat llama3",
        "publish traced.out.1",
    }
    assert {f"{span.context.trace_id:032x}" for span in spans.values() if span.context} == {TRACE}
    parents = {
        name: next(
            (n for n, s in spans.items() if s.context and s.context.span_id == span.parent.span_id),
            "outside",
        )
        for name, span in spans.items()
        if span.parent is not None
    }
    assert parents == {
        "process orders": "outside",
        "publish run_judge": "process orders",
        "process run.judge": "process orders",
        "chat llama3": "process run.judge",
        "publish traced.out.1": "process run.judge",
    }


def test_spans_name_what_they_are_about(nats_url: str) -> None:
    spans = spans_of(nats_url, 2, "good")
    process = spans["process run.judge"].attributes or {}
    assert process["messaging.system"] == "nats"
    assert process["messaging.message.id"] == "good"
    assert process["kumeo.workflow"] == "Traced"
    chat = spans["chat llama3"].attributes or {}
    assert chat["gen_ai.provider.name"] == "ollama"
    assert chat["gen_ai.request.model"] == "llama3"


def test_failure_marks_its_spans_by_code_and_shows_no_text(nats_url: str) -> None:
    spans = spans_of(nats_url, 3, "bad")
    for name in ("chat llama3", "process run.judge"):
        assert (spans[name].attributes or {})["error.type"] == "no-answer"
    assert not any("4111" in span.to_json() for span in spans.values())


def test_tracer_is_none_without_an_sdk() -> None:
    assert configured_tracer() is None


@pytest.mark.parametrize("field", ["services", "transport"])
def test_nothing_is_wrapped_without_a_tracer(field: str, nats_url: str) -> None:
    async def main() -> None:
        service = Service(two_steps(4), settings_on(nats_url))
        await service.start()
        assert service.engine is not None
        if field == "services":
            readers = {reader.function.__qualname__ for reader in service.engine.readers}
            assert all("two_steps" in name for name in readers)
        else:
            assert service.engine.shared.transport is service.transport
        await service.stop()

    asyncio.run(main())
