"""What a service needs besides its code: subjects, files, outside hosts, clocks, HTTP routes.

    messaging.permission publish ["kumeo.{ns}.fraud.e.run_assess.>"] subscribe ["_INBOX.{ns}.>"]
    messaging.artifact @anomaly file "models/anomaly.onnx" sha256 "9f…"
    messaging.egress "llm" to "ollama" url "http://localhost:11434"
    messaging.endpoint @orders "POST /orders"
    messaging.schedule @tick "every 10 s"

They stand in the service that needs them, so that a deployment can be written from one service.
"""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from xdsl.dialects.builtin import ArrayAttr, StringAttr, SymbolRefAttr
from xdsl.irdl import irdl_op_definition, opt_prop_def, prop_def
from xdsl.parser import Parser
from xdsl.printer import Printer

from kumeo.dialects.agent.base import require
from kumeo.dialects.messaging.clauses import TEXT, TEXTS, WithClauses
from kumeo.dialects.messaging.services import ServiceOp, ServicePart
from kumeo.dialects.settings import strings_of
from kumeo.dialects.symbols import SymbolUser, Wanted
from kumeo.dialects.syntax import (
    parent_name,
    parse_extras,
    parse_symbol,
    print_extras,
    print_symbol,
    symbol_ref,
)
from kumeo.dialects.text import parse_text

EGRESS_KINDS = ("llm", "http", "kafka", "mqtt", "database")


class _Need(WithClauses, ServicePart):
    """An op of a service that says what the service needs."""

    def verify_(self) -> None:
        """Check where it stands."""
        stands = isinstance(self.parent_op(), ServiceOp)
        message = f"stands in `{parent_name(self)}`: move it into a `messaging.service`"
        require(stands, message)


@irdl_op_definition
class PermissionOp(_Need):
    """The subjects that the service may publish to and subscribe to; everything else is refused.

    messaging.permission publish ["alerts.high"] subscribe ["_INBOX.{ns}.fraud.assess.>"]
    """

    name = "messaging.permission"

    publish = prop_def(ArrayAttr[StringAttr])
    subscribe = prop_def(ArrayAttr[StringAttr])

    CLAUSES: ClassVar[tuple[tuple[str, str], ...]] = (("publish", TEXTS), ("subscribe", TEXTS))

    def __init__(self, publish: Sequence[str] = (), subscribe: Sequence[str] = ()) -> None:
        super().__init__()
        self.put(publish=list(publish), subscribe=list(subscribe))

    def verify_(self) -> None:
        """Check the subjects."""
        super().verify_()
        for name in ("publish", "subscribe"):
            for subject in strings_of(self.properties.get(name)):
                fault = subject_fault(subject)
                require(fault is None, f"may {name} `{subject}`, which {fault}")

    def print(self, printer: Printer) -> None:
        """Print the custom form."""
        self.print_clauses(printer)
        print_extras(printer, self)

    @classmethod
    def parse(cls, parser: Parser) -> "PermissionOp":
        """Parse the custom form."""
        op = cls()
        op.properties |= cls.parse_clauses(parser)
        op.attributes |= parse_extras(parser)
        return op


def subject_fault(subject: str) -> str | None:
    """Return what is wrong with a subject or a filter of subjects, or None."""
    parts = subject.split(".")
    if not all(parts):
        return "has an empty part"
    if any(character.isspace() for character in subject):
        return "holds white space"
    if ">" in "".join(parts[:-1]) or (">" in parts[-1] and parts[-1] != ">"):
        return "has a `>` that is not its last part"
    return None


class _Named(_Need, SymbolUser):
    """A need that completes a declaration: `@name "text"`, then clauses."""

    subject = prop_def(SymbolRefAttr, prop_name="of")
    value = prop_def(StringAttr)

    def __init__(self, of: str, value: str) -> None:
        super().__init__(properties={"of": symbol_ref(of), "value": StringAttr(value)})

    @property
    def of(self) -> str:
        """Name of the declaration."""
        return self.subject.string_value()

    def print(self, printer: Printer) -> None:
        """Print the custom form."""
        print_symbol(printer, self.of)
        printer.print_string(" ")
        printer.print_string_literal(self.value.data)
        self.print_clauses(printer)
        print_extras(printer, self)

    @classmethod
    def parse(cls, parser: Parser) -> "_Named":
        """Parse the custom form."""
        op = cls(parse_symbol(parser), parse_text(parser))
        op.properties |= cls.parse_clauses(parser)
        op.attributes |= parse_extras(parser)
        return op


@irdl_op_definition
class ArtifactOp(_Named):
    """A file that the service reads, for a model or a context: its path, and its hash when known.

    messaging.artifact @anomaly "models/anomaly.onnx" sha256 "9f86…"
    """

    name = "messaging.artifact"

    sha256 = opt_prop_def(StringAttr)

    CLAUSES: ClassVar[tuple[tuple[str, str], ...]] = (("sha256", TEXT),)
    SYMBOLS: ClassVar[Mapping[str, tuple[Wanted, ...]]] = {
        "of": (Wanted("model"), Wanted("context"))
    }


@irdl_op_definition
class EndpointOp(_Named):
    """The route of an HTTP source; the service listens there.

    messaging.endpoint @orders "/orders"
    """

    name = "messaging.endpoint"
    SYMBOLS: ClassVar[Mapping[str, tuple[Wanted, ...]]] = {"of": (Wanted("source", ("http",)),)}


@irdl_op_definition
class ScheduleOp(_Named):
    """When a timer source gives events: the text of the author, such as `5m` or `0 * * * *`.

    messaging.schedule @tick "10s"
    """

    name = "messaging.schedule"
    SYMBOLS: ClassVar[Mapping[str, tuple[Wanted, ...]]] = {"of": (Wanted("source", ("timer",)),)}


@irdl_op_definition
class EgressOp(_Need):
    """An outside system that the service calls: a provider of language models, a host, a database.

    messaging.egress "llm" to "ollama" url "http://localhost:11434"
    """

    name = "messaging.egress"

    kind = prop_def(StringAttr)
    to = prop_def(StringAttr)
    url = opt_prop_def(StringAttr)

    CLAUSES: ClassVar[tuple[tuple[str, str], ...]] = (("to", TEXT), ("url", TEXT))

    def __init__(self, kind: str, to: str, url: str | None = None) -> None:
        super().__init__(properties={"kind": StringAttr(kind), "to": StringAttr(to)})
        self.put(url=url)

    def verify_(self) -> None:
        """Check the kind."""
        super().verify_()
        kind, known = self.kind.data, ", ".join(EGRESS_KINDS)
        require(kind in EGRESS_KINDS, f"unknown kind `{kind}`: write one of {known}")

    def print(self, printer: Printer) -> None:
        """Print the custom form."""
        printer.print_string(" ")
        printer.print_string_literal(self.kind.data)
        self.print_clauses(printer)
        print_extras(printer, self)

    @classmethod
    def parse(cls, parser: Parser) -> "EgressOp":
        """Parse the custom form."""
        kind = parse_text(parser)
        op = cls(kind, "")
        op.properties |= cls.parse_clauses(parser)
        op.attributes |= parse_extras(parser)
        return op
