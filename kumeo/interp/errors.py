"""Diagnostics about a world that does not fit the module: they are the caller's mistakes."""

from dataclasses import dataclass
from typing import ClassVar

from kumeo.diagnostics import Diagnostic, nearest


@dataclass(frozen=True)
class InvalidAnswer(Diagnostic):
    """A mock or recorded answer is not a value of the agent's result type.

    The attempt that got the answer fails, as it would for a real model that breaks its schema.

    Example::

        mock: { assess: [ { level: "purple" } ] }

    Fix::

        mock: { assess: [ { level: "high", reason: "large amount" } ] }
    """

    code: ClassVar[str] = "invalid-answer"
    title: ClassVar[str] = "the answer given for agent `{agent}` does not fit: {reason}"
    label: ClassVar[str] = "the type of the answer is written here"

    agent: str
    reason: str


@dataclass(frozen=True)
class MissingAnswer(Diagnostic):
    """An agent is called more often than it has mock answers.

    The attempt fails. A mock answers every attempt of its agent, retries included.

    Example::

        given: [ { id: 1 }, { id: 2 } ],
        mock: { assess: [ { level: "low" } ] }

    Fix::

        mock: { assess: [ { level: "low" }, { level: "high" } ] }
    """

    code: ClassVar[str] = "missing-answer"
    title: ClassVar[str] = "agent `{agent}` has no mock answer left for this call; {count} given"
    label: ClassVar[str] = "this call has no answer left"

    agent: str
    count: int

    def help(self) -> str | None:
        """Tell how many answers to write."""
        return f"give `{self.agent}` more than {self.count} answers"


@dataclass(frozen=True)
class InvalidOverride(Diagnostic):
    """A configuration value given from outside is not a value of the entry's type.

    Example::

        config: { alert_at: "high" }

    Fix::

        config: { alert_at: 0.9 }
    """

    code: ClassVar[str] = "invalid-override"
    title: ClassVar[str] = "the value given for `config.{name}` does not fit: {reason}"
    label: ClassVar[str] = "the entry and its type"

    name: str
    reason: str


@dataclass(frozen=True)
class UnknownOverride(Diagnostic):
    """A configuration value is given for an entry that the workflow does not have.

    Example::

        config: { alert: 0.9 }

    Fix::

        config: { alert_at: 0.9 }
    """

    code: ClassVar[str] = "unknown-override"
    title: ClassVar[str] = "the workflow has no configuration entry `{name}`"
    label: ClassVar[str] = "this workflow"

    name: str
    known: tuple[str, ...]

    def help(self) -> str | None:
        """Name the nearest entry, or all of them."""
        return help_with_names(self.name, self.known, "it has no entries")


@dataclass(frozen=True)
class UnknownWorkflow(Diagnostic):
    """The workflow to run is not in the module, or the module has several and none is named.

    Example::

        test "small payments" for Fraud { }

    Fix::

        test "small payments" for FraudDetection { }
    """

    code: ClassVar[str] = "unknown-workflow"
    title: ClassVar[str] = "{reason}"
    label: ClassVar[str] = "this module"

    reason: str
    name: str
    known: tuple[str, ...]

    def help(self) -> str | None:
        """Name the nearest workflow, or all of them."""
        return help_with_names(self.name, self.known, "the module has no workflows")


def help_with_names(name: str, known: tuple[str, ...], none: str) -> str:
    """Return the nearest known name as a fix, else all known names."""
    near = nearest(name, known)
    if near is not None:
        return f"write `{near}`"
    return f"write one of {', '.join(known)}" if known else none
