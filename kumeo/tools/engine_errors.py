"""Diagnostics of the engine and the agents of a run, and how an error becomes one."""

from dataclasses import dataclass
from typing import Protocol

from kumeo.diagnostics import Diagnostic
from kumeo.tools.store_errors import StoreDiagnostic


class RuntimeProblem(Protocol):
    """An error of the runtime: a code, what happened, what to do."""

    code: str
    message: str
    fix: str


@dataclass(frozen=True)
class VersionSkew(StoreDiagnostic):
    """The store holds messages of another version of the workflow that this one cannot read.

    Edges carry a hash of their layout. While messages or open tasks of another layout wait, the new
    version does not start: it would make dead letters of them. The last ten builds of a workflow
    are kept in `.kumeo/WORKFLOW/builds/`; the one that wrote the messages can handle them. An open
    task that nobody wants to decide is given up by `kumeo tasks withdraw`: its event becomes a
    dead letter, and `kumeo dlq retry` gives it to the new version from the beginning.

    Example::

        a change of the workflow while its last run was killed

    Fix::

        kumeo run --build .kumeo/Flow/builds/VERSION --drain
        kumeo run flow.kumeo
    """

    code = "version-skew"


@dataclass(frozen=True)
class MissingSecret(StoreDiagnostic):
    """An environment variable that the workflow names by `secret(...)` is not set.

    Example::

        kumeo run flow.kumeo     with `secret("API_KEY")` in it

    Fix::

        API_KEY=... kumeo run flow.kumeo
    """

    code = "missing-secret"


@dataclass(frozen=True)
class InvalidConfig(StoreDiagnostic):
    """A value of `--config` or `KUMEO_CONFIG` has another type than the workflow declares.

    Example::

        kumeo run flow.kumeo --config limit=high     for `config: { limit: 10.0 }`

    Fix::

        kumeo run flow.kumeo --config limit=20.0
    """

    code = "invalid-config"


@dataclass(frozen=True)
class NotDynamic(StoreDiagnostic):
    """An entry of the configuration cannot change while the workflow runs.

    The compiler counts on its value: it may have folded it into the code.

    Example::

        kumeo config set flow.kumeo limit 20.0     for `config: { limit: 10.0 }`

    Fix::

        config: { limit: { value: 10.0, dynamic: true } }
    """

    code = "not-dynamic"


@dataclass(frozen=True)
class NoStream(StoreDiagnostic):
    """A source or a command reads a JetStream stream that does not exist.

    Example::

        source: JetStream("ORDRES")

    Fix::

        source: JetStream("ORDERS")
    """

    code = "no-stream"


@dataclass(frozen=True)
class TruncatedLetter(StoreDiagnostic):
    """A dead letter holds only the beginning of its event, so it cannot be handled again.

    An event that nearly fills a message leaves no room for what a dead letter adds.

    Example::

        kumeo dlq retry FraudDetection 5f0c

    Fix::

        kumeo publish FraudDetection source event.json
    """

    code = "truncated-letter"


@dataclass(frozen=True)
class ArtifactChanged(StoreDiagnostic):
    """A file of a built package is not the one that was built, or is not there.

    Example::

        a model in `.kumeo/flow/build` that was replaced by hand

    Fix::

        kumeo build flow.kumeo -o build/flow
    """

    code = "artifact-changed"


@dataclass(frozen=True)
class RunFailed(StoreDiagnostic):
    """A workflow stopped, or a command failed, for a reason that has no page of its own.

    What was not finished stays stored; the next run goes on with it.

    Example::

        KUMEO_REPLICAS=3 kumeo run flow.kumeo     on one server

    Fix::

        follow the help line of the message
    """

    code = "run-failed"


_ALIKE = {"artifact-missing": "artifact-changed", "secret-missing": "missing-secret"}


def told(error: RuntimeProblem) -> Diagnostic:
    """Return the diagnostic of an error of the runtime."""
    from kumeo.tools.tasks import errors as _  # noqa: F401 - its classes are found below

    classes = {cls.code: cls for cls in StoreDiagnostic.__subclasses__()}
    made = classes.get(_ALIKE.get(error.code, error.code), RunFailed)
    return made(None, error.message, error.fix)
