"""What the Python backend refuses."""

from dataclasses import dataclass
from typing import ClassVar

from xdsl.ir import Operation

from kumeo.analysis.places import point_of
from kumeo.analysis.runnable import REVIEW_PLACE, Limit
from kumeo.diagnostics import Diagnostic
from kumeo.dialects.agent import AgentOp


@dataclass(frozen=True)
class NotPrintable(Diagnostic):
    """The program holds an operation that the Python backend has no code for.

    Example::

        kumeo-opt flow.mlir -t python      // flow.mlir holds `shop.discount`

    Fix::

        lower the operation with a pass of its package first
    """

    code: ClassVar[str] = "not-printable"
    title: ClassVar[str] = "`{name}` has no form in Python"
    label: ClassVar[str] = "this operation"

    name: str
    reason: str = "lower it with a pass first, or run the workflow with `kumeo test`"

    @staticmethod
    def of(op: Operation) -> "NotPrintable":
        """Return the diagnostic of an op."""
        return NotPrintable(point_of(op), op.name)

    def help(self) -> str | None:
        """Say what to do."""
        return self.reason


def review_inside(op: AgentOp) -> NotPrintable:
    """Return the diagnostic of a review at which no message can wait."""
    return NotPrintable(point_of(op), op.agent_id, REVIEW_PLACE)


@dataclass(frozen=True)
class MissingArtifact(Diagnostic):
    """A package needs the file of a model, and it is not there.

    Example::

        models: { risk: { file: "models/risk.bif", type: "bayesian" } }   // no such file

    Fix::

        put the file beside the workflow, or correct its path
    """

    code: ClassVar[str] = "missing-artifact"
    title: ClassVar[str] = "the package needs the file `{path}`, which cannot be read"

    path: str

    def help(self) -> str | None:
        """Say what to do."""
        return "put the file beside the workflow, or correct its path"


@dataclass(frozen=True)
class ConnectorUnsupported(Diagnostic):
    """The language knows a connector, or a setting of one, that the Python runtime does not have.

    `kumeo check` and `kumeo test` work all the same: they need no connection.

    Example::

        source: Kafka("orders", brokers: ["localhost:9092"])

    Fix::

        source: NATS("orders")      // fed by a bridge from Kafka to NATS
    """

    code: ClassVar[str] = "connector-unsupported"
    title: ClassVar[str] = "`{name}` uses {what}, which the Python runtime does not support yet"
    label: ClassVar[str] = "declared here"

    name: str
    what: str
    fix: str

    def help(self) -> str | None:
        """Say what to do."""
        return self.fix


def refuse(op: Operation, name: str, limit: Limit | None) -> None:
    """Stop at what the runtime cannot do. Raises: Unprintable."""
    if limit is not None:
        raise Unprintable(ConnectorUnsupported(point_of(op), name, *limit))


class Unprintable(Exception):  # noqa: N818 - carries a diagnostic out of the printer
    """Printing has met something that has no form in Python."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.headline)
        self.diagnostic = diagnostic
