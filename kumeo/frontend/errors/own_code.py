"""Diagnostics about the user's own code: functions and classes behind declared agents.

The code is read and never run. What it says about itself is compared with the declaration; both
sides have a place.
"""

from dataclasses import dataclass
from typing import ClassVar

from kumeo.diagnostics import Diagnostic, Severity


@dataclass(frozen=True)
class InvalidCode(Diagnostic):
    """A file that an agent names is no Python.

    Example::

        def score(amount: float) -> float
            return amount

    Fix::

        def score(amount: float) -> float:
            return amount
    """

    code = "invalid-code"
    title = "`{file}` cannot be read as Python: {reason}"
    label = "here"

    file: str
    reason: str

    def help(self) -> str | None:
        """Say what to do."""
        return "correct the file"


@dataclass(frozen=True)
class UnknownCode(Diagnostic):
    """A declared agent names a function that its file does not have.

    Example::

        agent Score(amount: float) -> float { python: "rules:scores" }

    Fix::

        agent Score(amount: float) -> float { python: "rules:score" }
    """

    code = "unknown-code"
    title = "`{file}` has no function or class `{name}`"
    label = "not found"

    file: str
    name: str
    nearest: str | None

    def help(self) -> str | None:
        """Name the nearest one."""
        return f"write `{self.nearest}`" if self.nearest else f"define `{self.name}` there"


@dataclass(frozen=True)
class SignatureMismatch(Diagnostic):
    """A declared agent and the function or class behind it do not fit each other.

    A function takes the values of the agent in order, and nothing else that has no default; what it
    gives fits the type of the agent. A class is derived from `BaseAgent`, has an `on_event` like
    such a function, and is made without arguments. Annotations are read, never run.

    Example::

        agent Score(amount: float) -> float { python: "rules:score" }
        // rules.py: def score(amount: str) -> float

    Fix::

        agent Score(amount: string) -> float { python: "rules:score" }
    """

    code = "signature-mismatch"
    title = "agent `{agent}` does not fit `{target}`: {problem}"
    label = "{mark}"

    agent: str
    target: str
    problem: str
    mark: str
    fix: str

    def help(self) -> str | None:
        """Return what to change."""
        return self.fix


@dataclass(frozen=True)
class UncheckedCode(Diagnostic):
    """A part of the user's own code that the compiler cannot judge.

    Without an annotation, or with one that is made when the code runs or comes from another
    package, nothing is known before the first event. Values are checked then.

    Example::

        def score(amount): ...

    Fix::

        def score(amount: float) -> float: ...
    """

    code = "unchecked-code"
    severity: ClassVar[Severity] = Severity.REMARK
    title = "{what} of `{target}` is checked only while it runs: {reason}"
    label = "declared here"

    what: str
    target: str
    reason: str


@dataclass(frozen=True)
class CodeNotFound(Diagnostic):
    """The code of a declared agent is not beside the workflow.

    It may be a package that is installed where the workflow runs; then nothing of it is checked.

    Example::

        agent Score(amount: float) -> float { python: "rule:score" }    // the file is rules.py

    Fix::

        agent Score(amount: float) -> float { python: "rules:score" }
    """

    code = "code-not-found"
    severity: ClassVar[Severity] = Severity.WARNING
    title = "there is no `{file}` beside the workflow, so `{target}` is not checked"
    label = "named here"

    file: str
    target: str

    def help(self) -> str | None:
        """Say where it is looked for."""
        return f"write `{self.file}`, or install the package where the workflow runs"
