"""Diagnostics of what a workflow can cost, how long it can take, and where data can go."""

from dataclasses import dataclass
from typing import ClassVar

from kumeo.diagnostics import Diagnostic, Severity


@dataclass(frozen=True)
class BudgetExceeded(Diagnostic):
    """An event can cost more than the section `budget` allows.

    It is the worst case: every attempt is used, the dearest branch is taken, every fallback runs.
    Calls and timeouts follow from the file; tokens and prices are estimates that `cost:` of an
    agent replaces.

    Example::

        budget: { calls: 2 }
        agents: [LLM(id: "a", …, retry: 3)]

    Fix::

        budget: { calls: 3 }
    """

    code = "budget-exceeded"
    title = "an event can {verb} {amount}, the budget is {limit}"

    verb: str
    amount: str
    limit: str
    fix: str

    def help(self) -> str | None:
        """Return what would bring the number down."""
        return self.fix


@dataclass(frozen=True)
class CostUnbounded(Diagnostic):
    """The budget limits something that has no known limit: agents inside a `for`.

    A list of an event can have any length. It is bounded by a condition on its length around the
    `for`, or for all lists by `items` of the budget.

    Example::

        budget: { calls: 10 }
        agents: [answers = for line in source.lines { LLM(id: "a", …) }]

    Fix::

        budget: { calls: 10, items: 10 }
    """

    code = "cost-unbounded"
    title = "the {metric} of an event have no limit: nothing bounds `{items}`"

    metric: str
    items: str

    def help(self) -> str | None:
        """Return how to bound it."""
        return f"put `if len({self.items}) <= 100` around it, or write `items: 100` in `budget`"


@dataclass(frozen=True)
class DeadlineExceeded(Diagnostic):
    """An agent may take longer than what waits for it.

    A message that is not acknowledged within the ack wait comes again, while the first attempt
    is still at work. A client of an HTTP source goes away after its timeout.

    Example::

        nats: { ack_wait: 10s }
        agents: [LLM(id: "judge", …, timeout: 30s)]

    Fix::

        nats: { ack_wait: 60s }
    """

    code = "deadline-exceeded"
    severity: ClassVar[Severity] = Severity.WARNING
    title = "`{agent}` can take {time}, {waiting} only {limit}"

    agent: str
    time: str
    waiting: str
    limit: str
    fix: str

    def help(self) -> str | None:
        """Return what to change."""
        return self.fix


@dataclass(frozen=True)
class LateReminder(Diagnostic):
    """A reminder of a review that would come when the review is already over.

    Example::

        HumanReview(id: "check", timeout: 1h, reminder: 2h, on_timeout: "escalate")

    Fix::

        HumanReview(id: "check", timeout: 1h, reminder: 30m, on_timeout: "escalate")
    """

    code = "late-reminder"
    severity: ClassVar[Severity] = Severity.WARNING
    title = "the reminder of `{agent}` comes after {reminder}, the review ends after {timeout}"

    agent: str
    reminder: str
    timeout: str

    def help(self) -> str | None:
        """Return what to change."""
        return f"remind before {self.timeout}, or wait longer"


@dataclass(frozen=True)
class UntrustedFlow(Diagnostic):
    """Data from outside that nobody has checked reaches something that acts.

    Data of a source without a schema is unchecked. The answer of a language model is unchecked when
    the prompt has data from outside in it: whoever writes the event may steer the model. Acting are
    user code with `effects: "acts"`, targets with `privileged: true`, and system prompts.
    A schema or a cast to a type checks data; only a person, or an agent named as a validator,
    checks an answer.

    Example::

        source: NATS("orders")
        agents: [Refund(id: "refund", order: source)]

    Fix::

        source: NATS("orders", schema: Order)
    """

    code = "untrusted-flow"
    severity: ClassVar[Severity] = Severity.WARNING
    title = "{what} reaches {sink} unchecked"

    what: str
    sink: str
    path: str
    fix: str

    def help(self) -> str | None:
        """Return what checks it."""
        return self.fix


@dataclass(frozen=True)
class ModelDecides(Diagnostic):
    """A language model that reads outside data decides alone whether something acts.

    Also an answer with few possible values can be steered by the text of an event.

    Example::

        LLM(id: "judge", prompt: "{{ source.text }}", output: Judgement, …)
        if judge.refund { Refund(id: "refund", order: source.order) }

    Fix::

        HumanReview(id: "check", input: judge, timeout: 24h, on_timeout: "reject")
        if check.decision == approve { Refund(id: "refund", order: source.order) }
    """

    code = "model-decides"
    severity: ClassVar[Severity] = Severity.WARNING
    title = "the answer of `{agent}` alone decides whether {sink} runs"

    agent: str
    sink: str
    path: str

    def help(self) -> str | None:
        """Return what to put in between."""
        return "let a person decide (`HumanReview`), or name a validator of the answer"


@dataclass(frozen=True)
class PrivateDataOutside(Diagnostic):
    """Personal or secret data goes to a language model on somebody else's computer.

    Fields count by their names, such as `email`, `phone`, `iban`, `password`, `diagnosis`. A model
    is outside unless its provider runs on this host or in the cluster.

    Example::

        LLM(id: "reply", engine: "openai/gpt-5", prompt: "Answer {{ source.customer.email }}")

    Fix::

        LLM(id: "reply", engine: "ollama/llama3", prompt: "Answer {{ source.customer.email }}")
    """

    code = "private-data-outside"
    severity: ClassVar[Severity] = Severity.WARNING
    title = "{fields} go{s} to `{engine}`, which is outside"

    fields: str
    s: str
    engine: str

    def help(self) -> str | None:
        """Return what to do."""
        return "leave the field out of the prompt, use a local model, or name it in `public`"


@dataclass(frozen=True)
class NotRunnable(Diagnostic):
    """The workflow has a meaning and can be tested, and `kumeo run` and `kumeo build` refuse it.

    The language knows connectors, databases, settings and places of reviews that the Python
    runtime does not have yet. `kumeo test` needs none of them.

    Example::

        source: Kafka("orders", brokers: ["localhost:9092"])

    Fix::

        source: NATS("orders")      // fed by a bridge from Kafka to NATS
    """

    code = "not-runnable"
    severity: ClassVar[Severity] = Severity.WARNING
    title = "`kumeo run` cannot run `{name}`: {what} is not supported yet"
    label = "works in `kumeo test` only"

    name: str
    what: str
    fix: str

    def help(self) -> str | None:
        """Return what to write instead."""
        return self.fix


@dataclass(frozen=True)
class NetworkTooCostly(Diagnostic):
    """A question to a Bayesian network costs too much to be compiled into a graph.

    It is answered all the same: exactly, with the numbers of the file, one event at a time. That is
    slow and takes memory, and no answer is approximated to make it faster. An answer that takes a
    table of more than a gigabyte fails with `model-failed`, which `fallback` can catch. What lowers
    the cost is evidence that is always known, and fewer readings that may be missing: each of them
    has to be summed out. `kumeo explain-model NETWORK --query … --evidence …` shows what a question
    costs.

    Example::

        MLModel(id: "cause", model: models.plant, query: "Fault", evidence: { Alarm: source.alarm })

    Fix::

        MLModel(id: "cause", model: models.plant, query: "Fault",
                evidence: { Alarm: source.alarm, Valve: source.valve, Pump: source.pump })
    """

    code = "network-too-costly"
    severity: ClassVar[Severity] = Severity.WARNING
    title = (
        "the question `{query}` of `{agent}` takes {cost} multiply-adds for an event,"
        " and a table of {largest} numbers"
    )
    label = "not compiled into a graph: {fallback}"

    agent: str
    query: str
    cost: str
    largest: str
    fallback: str
    command: str

    def help(self) -> str | None:
        """Return what lowers the cost."""
        return f"give more evidence, or less that may be missing; `{self.command}` shows the cost"
