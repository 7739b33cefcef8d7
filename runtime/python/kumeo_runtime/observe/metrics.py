"""Prometheus metrics: what the engine and the agents count, read when somebody asks."""

from collections.abc import Iterable, Iterator
from typing import Any

from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from kumeo_runtime.agents.base import Agent
from kumeo_runtime.engine.observer import HandlerStats, Observer

HANDLER = ["workflow", "handler"]
COUNTERS = {
    "received": ("kumeo_attempts", "Deliveries taken, first ones and later ones."),
    "redelivered": ("kumeo_redelivered", "Deliveries that were not the first of their message."),
    "done": ("kumeo_events", "Messages handled and acknowledged, whatever came of them."),
    "outputs": ("kumeo_emitted", "Messages published: to edges, targets and reports."),
    "duplicates": ("kumeo_duplicates_refused", "Outputs that the store had already."),
    "retried": ("kumeo_publish_retries", "Publishes that were tried again."),
    "dropped": ("kumeo_leases_lost", "Deliveries that expired before they were done."),
    "failed": ("kumeo_handler_errors", "Runs of the handler that raised."),
    "invalid": ("kumeo_invalid", "Messages that could not be read."),
    "reported": ("kumeo_reported", "Activations that ended with a failure."),
    "buried": ("kumeo_dead_letters", "Dead letters of messages."),
    "gate_closed": ("kumeo_gate_closed", "Times that an output edge was found too full."),
}
GAUGES = {
    "in_flight": ("kumeo_in_flight", "Messages that are here and not done."),
    "live": ("kumeo_output_live", "Live messages on the fullest output edge at the last look."),
}
RARE = {
    "journal_hits": "Results of calls that came from the journal.",
    "purged": "Finished messages removed from edges and sources.",
    "journal_purged": "Finished entries removed from the journal.",
    "valve_opened": "Times that a full edge stream was relieved early.",
    "stream_full": "Publishes refused because a stream was full.",
    "tasks_parked": "Tasks for people and timers that were parked.",
    "http_retries": "Requests of HTTP targets that are sent again.",
    "http_dead_letters": "Values that an HTTP target refused for good.",
}
AGENT = {
    "calls": ("kumeo_agent_calls", "Calls of agents."),
    "attempts": ("kumeo_agent_attempts", "Attempts of calls."),
    "failures": ("kumeo_agent_failures", "Attempts that failed."),
    "replayed": ("kumeo_agent_replayed", "Calls whose result came from the journal."),
    "seconds": ("kumeo_agent_seconds", "Seconds spent in attempts."),
    "tokens_in": ("kumeo_agent_tokens_in", "Tokens that language models read."),
    "tokens_out": ("kumeo_agent_tokens_out", "Tokens that language models wrote."),
    "questions": ("kumeo_llm_questions", "Questions to language models, failed ones included."),
    "reasks": ("kumeo_llm_reasks", "Questions because an answer did not fit its type."),
    "repaired": ("kumeo_llm_repaired", "Answers that could be used only after repairs."),
    "fallbacks": ("kumeo_llm_fallbacks", "Times that the next engine of a chain was asked."),
    "tool_calls": ("kumeo_llm_tool_calls", "Calls of tools by language models."),
    "cache_hits": ("kumeo_llm_cache_hits", "Answers that came from the cache."),
    "unknown_usage": ("kumeo_llm_unknown_usage", "Questions whose use nobody reports."),
    "usd": ("kumeo_llm_usd", "US dollars, where prices are known."),
    "first_token_seconds": ("kumeo_llm_first_token_seconds", "Seconds to the first token."),
    "streams": ("kumeo_llm_streams", "Answers that came as a stream."),
    "batches": ("kumeo_agent_batches", "Runs of numeric models; attempts are their rows."),
    "queue_seconds": ("kumeo_agent_queue_seconds", "Seconds that calls waited for their batch."),
}
BUCKETS = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 300)
SAMPLED = 8
"""The engine keeps the times of one message in so many."""


class Metrics(Collector):
    """The metrics of one process."""

    def __init__(self, workflow: str, observer: Observer, agents: Iterable[Agent[Any]]) -> None:
        self.ages: dict[str, tuple[float, int]] = {}
        """Age of the oldest message that is not done, and live messages, by consumer."""
        self.registry = CollectorRegistry(auto_describe=False)
        self._workflow = workflow
        self._observer = observer
        self._agents = tuple(agents)
        self._seen: dict[str, int] = {}
        self._seconds = self._histogram(
            "kumeo_handler_seconds", "From the arrival of a message to its end, one in eight."
        )
        self._age = self._histogram(
            "kumeo_event_age_seconds",
            "From storing an event to the end of a message, one in eight.",
        )
        self.registry.register(self)

    def _histogram(self, name: str, text: str) -> Histogram:
        return Histogram(name, text, HANDLER, registry=self.registry, buckets=BUCKETS)

    def page(self) -> bytes:
        """Return all metrics as text."""
        self.absorb()
        return generate_latest(self.registry)

    def absorb(self) -> None:
        """Take the samples that are new since the last call."""
        for stats in tuple(self._observer.handlers.values()):
            number = stats.done // SAMPLED
            new = min(number - self._seen.get(stats.name, 0), len(stats.samples))
            self._seen[stats.name] = number
            for seconds, age in list(stats.samples)[len(stats.samples) - new :]:
                self._seconds.labels(self._workflow, stats.name).observe(seconds)
                self._age.labels(self._workflow, stats.name).observe(max(age, 0.0))

    def collect(self) -> Iterator[Metric]:
        """Yield what is counted elsewhere."""
        handlers = tuple(self._observer.handlers.values())
        for field, (name, text) in COUNTERS.items():
            yield self._of_handlers(
                CounterMetricFamily(name, text, labels=HANDLER), handlers, field
            )
        for field, (name, text) in GAUGES.items():
            yield self._of_handlers(GaugeMetricFamily(name, text, labels=HANDLER), handlers, field)
        yield from self._rare()
        yield from self._of_agents()
        yield from self._of_store()

    def _of_handlers(self, family: Any, handlers: Iterable[HandlerStats], field: str) -> Metric:
        for stats in handlers:
            family.add_metric([self._workflow, stats.name], getattr(stats, field))
        return family

    def _rare(self) -> Iterator[Metric]:
        counts = {**dict.fromkeys(RARE, 0), **self._observer.counts}
        for name, number in sorted(counts.items()):
            text = RARE.get(name, "See docs/runtime/delivery.md.")
            family = CounterMetricFamily(f"kumeo_{name}", text, labels=["workflow"])
            family.add_metric([self._workflow], number)
            yield family
        for name, value in sorted(self._observer.gauges.items()):
            yield self._gauge(f"kumeo_{name}", "See docs/runtime/observability.md.", value)

    def _gauge(self, name: str, text: str, value: float) -> Metric:
        family = GaugeMetricFamily(name, text, labels=["workflow"])
        family.add_metric([self._workflow], value)
        return family

    def _of_agents(self) -> Iterator[Metric]:
        labels = ["workflow", "agent"]
        for field, (name, text) in AGENT.items():
            family = CounterMetricFamily(name, text, labels=labels)
            for agent in self._agents:
                family.add_metric([self._workflow, agent.id], getattr(agent.counters, field))
            yield family
        largest = GaugeMetricFamily(
            "kumeo_agent_batch_largest", "Most rows in one run.", labels=labels
        )
        for agent in self._agents:
            largest.add_metric([self._workflow, agent.id], agent.counters.largest_batch)
        yield largest

    def _of_store(self) -> Iterator[Metric]:
        labels = ["workflow", "consumer"]
        age = GaugeMetricFamily(
            "kumeo_oldest_unacknowledged_seconds",
            "Age of the oldest message not done.",
            labels=labels,
        )
        live = GaugeMetricFamily("kumeo_live_messages", "Messages not done.", labels=labels)
        for consumer, (seconds, number) in sorted(self.ages.items()):
            age.add_metric([self._workflow, consumer], seconds)
            live.add_metric([self._workflow, consumer], number)
        yield age
        yield live
