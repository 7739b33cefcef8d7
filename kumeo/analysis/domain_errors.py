"""Diagnostics of what values can and cannot be: rules, conditions, cases, joins."""

from dataclasses import dataclass
from typing import ClassVar

from kumeo.diagnostics import Diagnostic, Severity


@dataclass(frozen=True)
class DeadRule(Diagnostic):
    """A rule of a decision that never fires, whatever the event is.

    Rules are tried in order and the first that holds decides. A rule is dead when its condition
    contradicts itself, or when earlier rules take every event that it would take.

    Example::

        { when: source.amount > 10.0, then: "check" },
        { when: source.amount > 100.0, then: "block" }

    Fix::

        { when: source.amount > 100.0, then: "block" },
        { when: source.amount > 10.0, then: "check" }
    """

    code = "dead-rule"
    severity: ClassVar[Severity] = Severity.WARNING
    title = "the rule `{rule}` of `{agent}` never fires: {reason}"
    label = "{reason}"

    agent: str
    rule: str
    reason: str
    fix: str

    def help(self) -> str | None:
        """Return what to do with the rule."""
        return self.fix


@dataclass(frozen=True)
class DecisionGap(Diagnostic):
    """Events for which no rule of a decision holds, and there is no default.

    The decision fails for such an event. The message shows one of them.

    Example::

        DecisionMatrix(id: "size", rules: [{ when: source.amount > 10.0, then: "large" }])

    Fix::

        DecisionMatrix(id: "size", rules: [{ when: source.amount > 10.0, then: "large" }],
                       default: "small")
    """

    code = "decision-gap"
    severity: ClassVar[Severity] = Severity.WARNING
    title = "no rule of `{agent}` holds when {example}"
    label = "the decision fails then"

    agent: str
    example: str

    def help(self) -> str | None:
        """Return how to close the gap."""
        return "add a `default:`, or a rule for this case"


@dataclass(frozen=True)
class RuleOverlap(Diagnostic):
    """Two rules hold for the same event, which the hit policy of their table rules out.

    A table with `unique` promises that at most one rule holds, one with `any` that rules which hold
    together have the same outcome. The message shows an event that breaks the promise.

    Example::

        { when: source.amount > 10.0, then: "large" },
        { when: source.amount < 20.0, then: "small" }

    Fix::

        { when: source.amount > 10.0, then: "large" },
        { when: source.amount <= 10.0, then: "small" }
    """

    code = "rule-overlap"
    title = "the rules `{first}` and `{second}` of `{agent}` both hold when {example}"

    agent: str
    first: str
    second: str
    example: str
    promise: str | None = "unique"

    def help(self) -> str | None:
        """Return how to part the rules."""
        if self.promise == "any":
            return "give both the same outcome, or use the hit policy `first`"
        return f"narrow `{self.first}` or `{self.second}`, or use the hit policy `first`"


@dataclass(frozen=True)
class ConstantCondition(Diagnostic):
    """A condition that has the same truth value for every event that comes there.

    What stands in the other branch never runs: no value reaches its agents and emits. The values
    are followed through agents: the outcomes of a decision, the states of an enum, what an
    earlier condition has settled.

    Example::

        if source.amount > 100.0 { emit source to target.large }
        else if source.amount > 200.0 { emit source to target.huge }

    Fix::

        if source.amount > 200.0 { emit source to target.huge }
        else if source.amount > 100.0 { emit source to target.large }
    """

    code = "constant-condition"
    severity: ClassVar[Severity] = Severity.WARNING
    title = "this condition {verdict}{effect}"

    verdict: str
    effect: str

    def help(self) -> str | None:
        """Return what to do."""
        return "mend the condition, or remove the branch that never runs"


@dataclass(frozen=True)
class ImpossibleCase(Diagnostic):
    """A case of a `match` that no value has at this place.

    An earlier condition or decision has already excluded it.

    Example::

        if source.kind != spam { match source.kind { spam => { … } else => { … } } }

    Fix::

        match source.kind { spam => { … } else => { … } }
    """

    code = "impossible-case"
    severity: ClassVar[Severity] = Severity.WARNING
    title = "the case {case} is never taken: the value is {possible} here"

    case: str
    possible: str

    def help(self) -> str | None:
        """Return what to do."""
        return "remove the case, or the condition before it"


@dataclass(frozen=True)
class UnreachedTarget(Diagnostic):
    """A target that gets no message, because no emit to it ever runs.

    Example::

        target: { large: NATS("large"), huge: NATS("huge") }
        agents: [emit source to target.large]

    Fix::

        target: { large: NATS("large") }
    """

    code = "unreached-target"
    severity: ClassVar[Severity] = Severity.WARNING
    title = "nothing is ever sent to `{target}`: {reason}"

    target: str
    reason: str

    def help(self) -> str | None:
        """Return what to do."""
        return f"send something to `{self.target}`, or remove it"


@dataclass(frozen=True)
class UnhandledOutcome(Diagnostic):
    """Outcomes of a decision or a model that nothing tells apart.

    Conditions ask for some outcomes; these fall together into what is left. That is how a new
    outcome such as `high` ends where only `low` was meant to go.

    Example::

        Router(rules: [{ when: risk.level == critical, to: target.alarm },
                       { when: risk.level == warning, to: target.watch }],
               default: target.updates)

    Fix::

        match risk.level { critical => { … } warning => { … } high => { … } low => { … } }
    """

    code = "unhandled-outcome"
    severity: ClassVar[Severity] = Severity.WARNING
    title = "nothing tells the outcomes {outcomes} of `{agent}` apart"
    label = "{asked} are asked for"

    agent: str
    outcomes: str
    asked: str

    def help(self) -> str | None:
        """Return what to do."""
        return f"ask for each of {self.outcomes}, or let `{self.agent}` give fewer outcomes"


@dataclass(frozen=True)
class AlwaysNull(Diagnostic):
    """A value that is null wherever this place is reached.

    The agent that gives it runs under a condition that excludes this place.

    Example::

        LLM(id: "assess", when: source.amount > 10.0, …)
        if source.amount <= 10.0 { emit { level: assess?.level ?? "none" } to target.out }

    Fix::

        if source.amount > 10.0 { emit { level: assess?.level ?? "none" } to target.out }
    """

    code = "always-null"
    severity: ClassVar[Severity] = Severity.WARNING
    title = "`{value}` is always null here"

    value: str

    def help(self) -> str | None:
        """Return what to do."""
        return f"read `{self.value}` only where it has run, or leave it out"


@dataclass(frozen=True)
class EndlessWait(Diagnostic):
    """A wait for a person that has no end.

    Without a timeout an event waits until somebody answers, perhaps for ever, and what follows
    from the answer never comes.

    Example::

        HumanReview(id: "check", input: source)

    Fix::

        HumanReview(id: "check", input: source, timeout: 24h, on_timeout: "escalate")
    """

    code = "endless-wait"
    severity: ClassVar[Severity] = Severity.WARNING
    title = "`{agent}` waits without end{waiting}"

    agent: str
    waiting: str

    def help(self) -> str | None:
        """Return what to do."""
        return 'add `timeout: 24h, on_timeout: "escalate"`'
