"""OpenTelemetry traces: one trace for an event, across services.

    process transactions                       (of the source, or of its own traceparent)
      agent assess                             gen_ai.* for language models
      publish run.assess
      process run.assess                       in another service

The context travels as W3C `traceparent`: in `Meta.trace` on edges, in headers elsewhere. Without
an SDK nothing here is installed, so it costs nothing. Spans hold names and ids, never payloads.
"""

import inspect
import logging
import os
from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from typing import Any, cast

from opentelemetry import trace
from opentelemetry.trace import SpanKind, Status, StatusCode, Tracer
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from kumeo_runtime.activation import Activation
from kumeo_runtime.agents.base import Agent, AwaitedAgent
from kumeo_runtime.spec import Edge, Handler, ServiceSpec
from kumeo_runtime.transport.api import OnOutcome, Outcome, Outgoing, Refused, Transport

log = logging.getLogger("kumeo.observe")
NAME = "kumeo_runtime"
ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
_CONTEXT = TraceContextTextMapPropagator()


def start_traces(service: str) -> bool:
    """Export traces when the environment names an endpoint; return whether."""
    if not any(os.environ.get(name) for name in ENDPOINTS):
        return False
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ModuleNotFoundError:
        log.warning("no traces: pip install 'kumeo-runtime[traces]'")
        return False
    named = os.environ.get("OTEL_SERVICE_NAME", service)
    provider = TracerProvider(resource=Resource.create({"service.name": named}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
    return True


def configured_tracer() -> Tracer | None:
    """Return the tracer of the SDK, or None when there is no SDK."""
    provider = trace.get_tracer_provider()
    if isinstance(provider, trace.ProxyTracerProvider | trace.NoOpTracerProvider):
        return None
    return provider.get_tracer(NAME)


class Tracing:
    """Puts spans around handlers, publishes and agents of one workflow."""

    def __init__(self, tracer: Tracer, workflow: str, prefix: str) -> None:
        self._tracer = tracer
        self._workflow = workflow
        self.prefix = prefix

    # -- handlers
    def service(self, spec: ServiceSpec) -> ServiceSpec:
        """Return a service whose handlers make spans."""
        return replace(spec, handlers=tuple(self._handler(each) for each in spec.handlers))

    def _handler(self, handler: Handler) -> Handler:
        function: Any = handler.function

        async def awaited(act: Activation, value: Any) -> None:
            with self._processing(handler, act):
                await function(act, value)

        def called(act: Activation, value: Any) -> None:
            with self._processing(handler, act):
                function(act, value)

        is_async = inspect.iscoroutinefunction(function)
        # A span belongs to the task that it was begun in, so a handler with a span is not light.
        return replace(handler, function=awaited if is_async else called, is_light=False)

    @contextmanager
    def _processing(self, handler: Handler, act: Activation) -> Generator[None]:
        reads, meta = handler.reads, act.meta
        name = reads.name if isinstance(reads, Edge) else meta.source
        attributes = {
            "messaging.system": "nats",
            "messaging.operation.name": "process",
            "messaging.operation.type": "process",
            "messaging.destination.name": name,
            "messaging.message.id": meta.event,
            "kumeo.workflow": self._workflow,
            "kumeo.handler": handler.name,
        }
        parent = _CONTEXT.extract({"traceparent": meta.trace}) if meta.trace else None
        with self._tracer.start_as_current_span(
            f"process {name}",
            context=parent,
            kind=SpanKind.CONSUMER,
            attributes=attributes,
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            carrier: dict[str, str] = {}
            _CONTEXT.inject(carrier)
            meta.trace = carrier.get("traceparent", meta.trace)
            try:
                yield
            except Exception as error:
                _failed(span, type(error).__name__)
                raise
            if meta.first is not None:
                _failed(span, meta.first.code)

    # -- publishes
    def transport(self, inner: Transport) -> Transport:
        """Return a transport that makes a span for each message to an edge or a target."""
        return cast(Transport, TracedTransport(inner, self))

    def publish(self, inner: Transport, message: Outgoing, on_outcome: OnOutcome) -> None:
        """Publish in a span that ends when the store has answered."""
        headers, name = message.headers or {}, destination(message.subject, self.prefix)
        parent = headers.get("traceparent")
        if name is None or parent is None:
            inner.publish(message, on_outcome)
            return
        span = self._tracer.start_span(
            f"publish {name}",
            context=_CONTEXT.extract({"traceparent": parent}),
            kind=SpanKind.PRODUCER,
            attributes={
                "messaging.system": "nats",
                "messaging.operation.name": "publish",
                "messaging.operation.type": "send",
                "messaging.destination.name": name,
                "messaging.message.id": headers.get("Kumeo-Id", message.subject.rpartition(".")[2]),
                "messaging.message.body.size": len(message.payload),
            },
        )

        def ended(outcome: Outcome) -> None:
            if isinstance(outcome, Refused):
                _failed(span, outcome.reason)
            span.end()
            on_outcome(outcome)

        inner.publish(message, ended)

    # -- agents
    def agent(self, agent: Agent[Any]) -> None:
        """Let an agent that is awaited make a span for each attempt."""
        if isinstance(agent, AwaitedAgent):
            agent.around = self._attempt

    def _attempt(self, agent: Agent[Any]) -> AbstractContextManager[Any]:
        attributes: dict[str, str] = {
            "kumeo.workflow": self._workflow,
            "gen_ai.agent.name": agent.id,
        }
        provider, model = getattr(agent, "provider", None), getattr(agent, "model", None)
        if isinstance(provider, str) and isinstance(model, str):
            attributes |= {
                "gen_ai.operation.name": "chat",
                "gen_ai.provider.name": provider,
                "gen_ai.request.model": model,
            }
            return self._span(f"chat {model}", SpanKind.CLIENT, attributes)
        return self._span(f"agent {agent.id}", SpanKind.INTERNAL, attributes)

    @contextmanager
    def _span(self, name: str, kind: SpanKind, attributes: dict[str, str]) -> Generator[None]:
        with self._tracer.start_as_current_span(
            name,
            kind=kind,
            attributes=attributes,
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            try:
                yield
            except BaseException as error:
                _failed(span, getattr(error, "code", type(error).__name__))
                raise


class TracedTransport:
    """A transport whose publishes make spans; everything else is that of the inner one."""

    def __init__(self, inner: Transport, tracing: Tracing) -> None:
        self._inner = inner
        self._tracing = tracing

    def publish(self, message: Outgoing, on_outcome: OnOutcome) -> None:
        """Publish in a span."""
        self._tracing.publish(self._inner, message, on_outcome)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


def destination(subject: str, prefix: str) -> str | None:
    """Return where a message goes, without ids; None for what only the engine reads.

    >>> destination("kumeo.dev.flow.e.run.0.5f0c", "kumeo.dev.flow")
    'run'
    >>> destination("kumeo.dev.flow.j.5f0c.1", "kumeo.dev.flow") is None
    True
    """
    if not subject.startswith(f"{prefix}."):
        return subject
    kind, _, rest = subject[len(prefix) + 1 :].partition(".")
    return rest.partition(".")[0] if kind in ("e", "o", "i") else None


def _failed(span: Any, code: str) -> None:
    span.set_attribute("error.type", code)
    span.set_status(Status(StatusCode.ERROR, code))
