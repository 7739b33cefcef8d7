"""Diagnostics about agents and the flow between them."""

from dataclasses import dataclass

from kumeo.diagnostics import Diagnostic, Severity


@dataclass(frozen=True)
class UnknownAgent(Diagnostic):
    """A call of something that is no agent kind, declared agent or subworkflow.

    Example::

        LLMM(id: "a", engine: "ollama/llama3", prompt: "Hello")

    Fix::

        LLM(id: "a", engine: "ollama/llama3", prompt: "Hello")
    """

    code = "unknown-agent"
    title = "there is no agent kind, agent or subworkflow `{name}`"
    label = "unknown agent"

    name: str
    nearest: str | None
    fix: str | None = None

    def help(self) -> str | None:
        """Name the nearest kind."""
        return f"write `{self.nearest}`" if self.nearest else self.fix


@dataclass(frozen=True)
class MissingId(Diagnostic):
    """An agent without an `id`.

    The id names its result, its calls in traces and its place on the wire.

    Example::

        LLM(engine: "ollama/llama3", prompt: "Hello")

    Fix::

        hello = LLM(engine: "ollama/llama3", prompt: "Hello")
    """

    code = "missing-id"
    title = "this `{kind}` has no id"
    label = "no name for its result"

    kind: str

    def help(self) -> str | None:
        """Show both forms."""
        return f'write `{self.kind}(id: "name", …)` or `name = {self.kind}(…)`'


@dataclass(frozen=True)
class InvalidId(Diagnostic):
    """An id that is no identifier: letters, digits and `_`, not starting with a digit.

    Example::

        LLM(id: "my agent", engine: "ollama/llama3", prompt: "Hello")

    Fix::

        LLM(id: "my_agent", engine: "ollama/llama3", prompt: "Hello")
    """

    code = "invalid-id"
    title = "`{name}` cannot be an id"
    label = "letters, digits and `_` only"

    name: str
    suggestion: str

    def help(self) -> str | None:
        """Show a form that works."""
        return f'write `"{self.suggestion}"`'


@dataclass(frozen=True)
class DuplicateId(Diagnostic):
    """Two agents of one body share an id, and both may run for one event.

    Agents in different branches of one `if` or `match` may share an id: only one of them runs.

    Example::

        a = LLM(engine: "ollama/llama3", prompt: "One")
        a = LLM(engine: "ollama/llama3", prompt: "Two")

    Fix::

        a = LLM(engine: "ollama/llama3", prompt: "One")
        b = LLM(engine: "ollama/llama3", prompt: "Two")
    """

    code = "duplicate-id"
    title = "the id `{name}` is taken"
    label = "second `{name}`"

    name: str

    def help(self) -> str | None:
        """Ask for another id."""
        return "give one of them another id"


@dataclass(frozen=True)
class LaterAgent(Diagnostic):
    """An agent reads the result of an agent that stands after it.

    Statements stand in an order in which each reads only what is above it.

    Example::

        a = LLM(engine: "ollama/llama3", prompt: "{{ b.text }}")
        b = LLM(engine: "ollama/llama3", prompt: "Hello")

    Fix::

        b = LLM(engine: "ollama/llama3", prompt: "Hello")
        a = LLM(engine: "ollama/llama3", prompt: "{{ b.text }}")
    """

    code = "later-agent"
    title = "`{name}` is read before it exists"
    label = "`{name}` stands further down"

    name: str

    def help(self) -> str | None:
        """Ask to move one of the two."""
        return f"move `{self.name}` above this statement"


@dataclass(frozen=True)
class SelfReference(Diagnostic):
    """An agent reads its own result.

    Example::

        a = LLM(engine: "ollama/llama3", prompt: "{{ a.text }}")

    Fix::

        a = LLM(engine: "ollama/llama3", prompt: "{{ source }}")
    """

    code = "self-reference"
    title = "`{name}` reads its own result"
    label = "this is `{name}` itself"

    name: str

    def help(self) -> str | None:
        """Say what may be read."""
        return "read `source` or an agent above this one"


@dataclass(frozen=True)
class AgentCycle(Diagnostic):
    """Agents read each other in a circle, so none of them can start.

    Example::

        a = LLM(engine: "ollama/llama3", prompt: "{{ b.text }}")
        b = LLM(engine: "ollama/llama3", prompt: "{{ a.text }}")

    Fix::

        a = LLM(engine: "ollama/llama3", prompt: "{{ source }}")
        b = LLM(engine: "ollama/llama3", prompt: "{{ a.text }}")
    """

    code = "agent-cycle"
    title = "agents read each other in a circle: {circle}"
    label = "the circle closes here"

    circle: str

    def help(self) -> str | None:
        """Say how to break it."""
        return "remove one of these reads"


@dataclass(frozen=True)
class UnusedAgent(Diagnostic):
    """Nothing reads the result of an agent. An optimised build leaves the agent out.

    If the agent is a check, something must depend on its answer: an `if`, an `emit`, a prompt.

    Example::

        check = MLModel(model: models.toxic, input: source)
        emit source to target

    Fix::

        check = MLModel(model: models.toxic, input: source)
        if check.score < 0.5 { emit source to target }
    """

    code = "unused-agent"
    severity = Severity.WARNING
    title = "nothing reads the result of `{name}`"
    label = "the answer is lost"

    name: str

    def help(self) -> str | None:
        """Say what to do."""
        return f"emit `{self.name}`, use it in a condition, or remove it"


@dataclass(frozen=True)
class NoOutput(Diagnostic):
    """A workflow that sends nothing, asks nobody and keeps no state: events come in and vanish.

    Example::

        workflow W { source: NATS("in")  agents: [ x = upper("a") ] }

    Fix::

        workflow W { source: NATS("in")  target: NATS("out")  agents: [ emit source to target ] }
    """

    code = "no-output"
    severity = Severity.WARNING
    title = "nothing leaves the workflow `{name}`"
    label = "events come in and vanish"

    name: str

    def help(self) -> str | None:
        """Say what gives an output."""
        return "add a `target` section and `emit … to target`"


@dataclass(frozen=True)
class UnknownTarget(Diagnostic):
    """An `emit` or a rule names a target that the workflow does not have.

    Example::

        emit source to target.alert

    Fix::

        emit source to target.alerts
    """

    code = "unknown-target"
    title = "{problem}"
    label = "unknown target"

    problem: str
    nearest: str | None
    known: tuple[str, ...]

    def help(self) -> str | None:
        """Name the nearest target, or all of them."""
        if self.nearest:
            return f"write `target.{self.nearest}`"
        if not self.known:
            return "add a `target` section"
        return f"the targets are {', '.join(f'`target.{k}`' for k in self.known)}"


@dataclass(frozen=True)
class AggregatePlace(Diagnostic):
    """An `Aggregate` that does not stand where its state is well defined.

    An aggregate counts each event once, in source order per key. So it stands directly in `agents`
    (not in `for`, `try` or a branch) and reads only what follows from `source` alone.

    Example::

        for item in source.items { n = Aggregate(key: item.sku, count: true) }

    Fix::

        n = Aggregate(key: source.customer, count: true)
    """

    code = "aggregate-place"
    title = "an `Aggregate` cannot {problem}"
    label = "{detail}"

    problem: str
    detail: str

    def help(self) -> str | None:
        """Say where it may stand."""
        return "put it first in `agents` and let it read `source` only"
