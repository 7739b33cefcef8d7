"""Names of streams, subjects and durables: the one place that knows them."""

import re
from collections.abc import Iterable

from kumeo_runtime.spec import Edge, Handler, Source, Target, Workflow


def token_of(text: str) -> str:
    """Return a text as one token of a subject.

    >>> token_of("card.transactions")
    'card_transactions'
    """
    return re.sub(r"[^A-Za-z0-9_-]", "_", text)


class Names:
    """The names of one workflow in one namespace."""

    def __init__(self, namespace: str, workflow: str) -> None:
        stem = f"{token_of(namespace)}_{workflow}"
        self.prefix = f"kumeo.{token_of(namespace)}.{workflow}"
        self.namespace = token_of(namespace)
        self.workflow = workflow
        self.edges = f"{stem}_E"
        self.journal = f"{stem}_J"
        self.tasks = f"{stem}_T"
        self.outputs = f"{stem}_O"
        self.inputs = f"{stem}_I"

    # -- subjects
    def edge(self, edge: Edge) -> str:
        """Return the subject of an edge up to its partition, with the dot."""
        return f"{self.prefix}.e.{edge.token}."

    def entry(self, activation: str, key: str) -> str:
        """Return the subject of a journal entry."""
        return f"{self.prefix}.j.{activation}.{key}"

    def attempts(self, durable: str, seq: int) -> str:
        """Return the subject that counts the attempts of a message."""
        return f"{self.prefix}.a.{durable}.{seq}"

    def state(self, name: str, key: str) -> str:
        """Return the subject of the state of a key; `key` is a hash."""
        return f"{self.prefix}.s.{token_of(name)}.{key}"

    def letter(self, handler: str, key: str) -> str:
        """Return the subject of a dead letter."""
        return f"{self.prefix}.d.{token_of(handler)}.{key}"

    def task(self, task: str) -> str:
        """Return the subject of the state of a parked task."""
        return f"{self.prefix}.t.s.{task}"

    def audit(self, task: str) -> str:
        """Return the subject of what was done with a task; nobody removes it."""
        return f"{self.prefix}.t.a.{task}"

    def schedule(self, task: str, attempt: int | str) -> str:
        """Return the subject of the timer of a task."""
        return f"{self.prefix}.t.q.{task}.{attempt}"

    def firing(self, task: str, attempt: int | str) -> str:
        """Return the subject of a timer that has fired."""
        return f"{self.prefix}.t.f.{task}.{attempt}"

    def waiting(self, durable: str, step: str) -> str:
        """Return the subject of a message that waits for an attempt; `step` has two tokens."""
        return f"{self.prefix}.t.l.{durable}.{step}"

    def waited(self, durable: str, step: str) -> str:
        """Return the subject of a message whose next attempt may be made."""
        return f"{self.prefix}.t.w.{durable}.{step}"

    def wait(self, durable: str, step: str) -> str:
        """Return the filter of a message that waits or has waited: never more than one is there."""
        return f"{self.prefix}.t.*.{durable}.{step}"

    def resume(self, edge: str, task: str) -> str:
        """Return the subject of the message that goes on with an answer."""
        return f"{self.prefix}.t.r.{edge}.{task}"

    def way(self, edge: Edge) -> str:
        """Return where messages go that reach the handler of an edge at once, with the dot."""
        return self.resume(edge.token, "") if edge.is_parked else self.edge(edge)

    def source_subject(self, source: Source) -> str:
        """Return the subject that events of a source are published to."""
        if source.kind == "nats":
            return source.address
        if source.kind == "jetstream":
            return str(source.settings.get("subject", ">"))
        return f"{self.prefix}.i.{token_of(source.name)}"

    def target_subject(self, target: Target) -> str:
        """Return the subject that values of a target are published to."""
        if target.kind == "nats":
            return target.address
        if target.kind == "jetstream":
            return str(target.settings.get("subject", target.address))
        return f"{self.prefix}.o.{token_of(target.name)}"

    def ingress(self, source: Source) -> str:
        """Return the stream of a source that no other stream captures: all workflows share it."""
        if source.kind == "nats":
            return f"{self.namespace}_S_{token_of(source.address)}"
        return self.inputs

    # -- durables
    def source_durable(self, source: Source) -> str:
        """Return the durable of the handler of a source: fusing its stage does not change it."""
        if is_bound(source):
            return str(source.settings["durable"])
        return f"{self.prefix.replace('.', '_')}_s_{token_of(source.name)}"

    def edge_durable(self, edge: Edge) -> str:
        """Return the durable of the handler of an edge."""
        return f"e_{edge.token}"

    def waited_durable(self, durable: str) -> str:
        """Return the durable of the messages of another one that have waited."""
        return f"w_{durable}"

    def target_durable(self, target: Target) -> str:
        """Return the durable that takes the values of a target which is no NATS subject."""
        return f"{self.prefix.replace('.', '_')}_t_{token_of(target.name)}"

    @property
    def timer_durable(self) -> str:
        """The durable that reads timers that have fired."""
        return "timers"


def is_bound(reads: Source | Edge) -> bool:
    """Return whether a source names a consumer that exists: it is used and never changed."""
    if isinstance(reads, Edge):
        return False
    return reads.kind == "jetstream" and "durable" in reads.settings


def handlers_of(workflow: Workflow) -> Iterable[Handler]:
    """Return the handlers of all services."""
    return (handler for service in workflow.services for handler in service.handlers)


def target_subjects(workflow: Workflow, names: Names) -> dict[str, str]:
    """Return the subject of each target by its name."""
    return {target.name: names.target_subject(target) for target in workflow.targets}
