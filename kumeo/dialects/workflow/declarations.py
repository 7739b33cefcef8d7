"""Declarations of the `workflow` dialect: the symbols that a program refers to.

They stand in the body of a `workflow.workflow`, or at the top of the module, where every workflow
and subworkflow sees them. Settings are plain builtin attributes; what a key means is known to the
frontend and to the backends, not here.
"""

from collections.abc import Mapping
from typing import ClassVar

from xdsl.dialects.builtin import DictionaryAttr, StringAttr, UnitAttr
from xdsl.ir import Attribute
from xdsl.irdl import irdl_op_definition, opt_prop_def, prop_def, traits_def
from xdsl.parser import Parser
from xdsl.printer import Printer
from xdsl.traits import SymbolOpInterface
from xdsl.utils.exceptions import VerifyException

from kumeo.dialects.base import KumeoOp
from kumeo.dialects.data.types import TIME, RecordType
from kumeo.dialects.settings import Setting, to_settings
from kumeo.dialects.syntax import (
    parse_extras,
    parse_settings,
    parse_symbol,
    parse_word,
    print_extras,
    print_settings,
    print_symbol,
    print_word,
    text_of,
)

SOURCE_KINDS = ("nats", "http", "kafka", "mqtt", "timer", "file")
TARGET_KINDS = ("nats", "http", "kafka", "mqtt", "file")
MODEL_KINDS = ("onnx", "bayesian", "sklearn")
CONTEXT_KINDS = ("knowledge", "database", "bayesian", "table")


class Declaration(KumeoOp):
    """An op that defines a symbol of a workflow or of the module."""

    NOUN: ClassVar[str] = "declaration"
    """What the user calls it, for messages such as "@x is a source, not a target"."""

    sym_name = prop_def(StringAttr)
    traits = traits_def(SymbolOpInterface())

    @property
    def symbol(self) -> str:
        """The name without `@`."""
        return self.sym_name.data


class Endpoint(Declaration):
    """A declaration with a kind and an address: `@name kind("address") {settings}`."""

    KINDS: ClassVar[tuple[str, ...]] = ()

    kind = prop_def(StringAttr)
    address = prop_def(StringAttr)
    settings = prop_def(DictionaryAttr)

    def verify_(self) -> None:
        """Check the kind."""
        if self.kind.data not in self.KINDS:
            known = ", ".join(self.KINDS)
            raise VerifyException(f"unknown kind `{self.kind.data}`: write one of {known}")

    def print_head(self, printer: Printer) -> None:
        """Print ` @name kind("address")`."""
        print_symbol(printer, self.symbol)
        printer.print_string(" ")
        printer.print_identifier_or_string_literal(self.kind.data)
        with printer.in_parens():
            printer.print_string_literal(self.address.data)

    def print(self, printer: Printer) -> None:
        """Print the custom form."""
        self.print_head(printer)
        print_settings(printer, self.settings)
        print_extras(printer, self)


def _parse_head(parser: Parser) -> tuple[str, str, str]:
    name = parse_symbol(parser)
    kind = parser.parse_identifier_or_str_literal()
    with parser.in_parens():
        return name, kind, parser.parse_str_literal()


def _endpoint_properties(
    name: str, kind: str, address: str, settings: Mapping[str, Setting] | None
) -> dict[str, Attribute | None]:
    return {
        "sym_name": StringAttr(name),
        "kind": StringAttr(kind),
        "address": StringAttr(address),
        "settings": to_settings(settings),
    }


@irdl_op_definition
class SourceOp(Endpoint):
    """Where events come from, and the type of their payload.

    workflow.source @transactions nats("transactions.raw") key "card" {ack_wait_s = 30 : i64} : !tx

    `key` is the field that order is kept by, `time` the field that says when the event happened.
    """

    name = "workflow.source"
    NOUN: ClassVar[str] = "source"
    KINDS: ClassVar[tuple[str, ...]] = SOURCE_KINDS

    payload = prop_def(Attribute, prop_name="type")
    key = opt_prop_def(StringAttr)
    time = opt_prop_def(StringAttr)

    def __init__(
        self,
        name: str,
        kind: str,
        address: str,
        type: Attribute,
        settings: Mapping[str, Setting] | None = None,
        key: str | None = None,
        time: str | None = None,
    ) -> None:
        properties = _endpoint_properties(name, kind, address, settings)
        properties["type"] = type
        properties["key"] = None if key is None else StringAttr(key)
        properties["time"] = None if time is None else StringAttr(time)
        super().__init__(properties=properties)

    def print(self, printer: Printer) -> None:
        """Print the custom form."""
        self.print_head(printer)
        print_word(printer, "key", text_of(self.key))
        print_word(printer, "time", text_of(self.time))
        print_settings(printer, self.settings)
        print_extras(printer, self)
        printer.print_string(" : ")
        printer.print_attribute(self.payload)

    def verify_(self) -> None:
        """Check the kind, and that the time is a field of that type."""
        super().verify_()
        if self.time is not None and _field_at(self.payload, self.time.data) != TIME:
            raise VerifyException(f'has no field "{self.time.data}" of type !data.time')

    @classmethod
    def parse(cls, parser: Parser) -> "SourceOp":
        """Parse the custom form."""
        name, kind, address = _parse_head(parser)
        key, time = parse_word(parser, "key"), parse_word(parser, "time")
        settings = parse_settings(parser)
        extras = parse_extras(parser)
        parser.parse_punctuation(":")
        op = cls(name, kind, address, parser.parse_type(), settings, key, time)
        op.attributes |= extras
        return op


def _field_at(payload: Attribute, path: str) -> Attribute | None:
    """Return the type of a field of a field of a record, None if there is none."""
    kind: Attribute | None = payload
    for name in path.split("."):
        kind = kind.field(name) if isinstance(kind, RecordType) else None
    return kind


class _Plain(Endpoint):
    """An endpoint that has nothing but a kind, an address and settings."""

    def __init__(
        self,
        name: str,
        kind: str,
        address: str,
        settings: Mapping[str, Setting] | None = None,
    ) -> None:
        super().__init__(properties=_endpoint_properties(name, kind, address, settings))

    @classmethod
    def parse(cls, parser: Parser) -> "_Plain":
        """Parse the custom form."""
        op = cls(*_parse_head(parser), parse_settings(parser))
        op.attributes |= parse_extras(parser)
        return op


@irdl_op_definition
class TargetOp(_Plain):
    """Where `workflow.emit` sends values.

    workflow.target @alerts nats("alerts.high_risk")
    """

    name = "workflow.target"
    NOUN: ClassVar[str] = "target"
    KINDS: ClassVar[tuple[str, ...]] = TARGET_KINDS


@irdl_op_definition
class ModelOp(_Plain):
    """A model file that agents run.

    workflow.model @anomaly onnx("models/isolation_forest.onnx")
    """

    name = "workflow.model"
    NOUN: ClassVar[str] = "model"
    KINDS: ClassVar[tuple[str, ...]] = MODEL_KINDS

    @property
    def file(self) -> str:
        """Path of the model file."""
        return self.address.data


@irdl_op_definition
class ContextOp(_Plain):
    """Knowledge that agents read: documents, a database, a network, a table.

    workflow.context @policies knowledge("docs/policies") {chunk = 800 : i64}
    """

    name = "workflow.context"
    NOUN: ClassVar[str] = "context"
    KINDS: ClassVar[tuple[str, ...]] = CONTEXT_KINDS


@irdl_op_definition
class ConfigOp(Declaration):
    """A value that an operator may change: once at deployment, or while it runs if `dynamic`.

    workflow.config @alert_at : f64 = 8.000000e-01 : f64 dynamic
    """

    name = "workflow.config"
    NOUN: ClassVar[str] = "config value"

    value = prop_def(Attribute)
    type = prop_def(Attribute)
    dynamic = opt_prop_def(UnitAttr)

    def __init__(self, name: str, value: Attribute, type: Attribute, dynamic: bool = False) -> None:
        properties = {"sym_name": StringAttr(name), "value": value, "type": type}
        super().__init__(properties=properties | ({"dynamic": UnitAttr()} if dynamic else {}))

    @property
    def is_dynamic(self) -> bool:
        """Whether the value may change while the workflow runs."""
        return self.dynamic is not None

    def print(self, printer: Printer) -> None:
        """Print the custom form."""
        print_symbol(printer, self.symbol)
        printer.print_string(" : ")
        printer.print_attribute(self.type)
        printer.print_string(" = ")
        printer.print_attribute(self.value)
        if self.is_dynamic:
            printer.print_string(" dynamic")
        print_extras(printer, self)

    @classmethod
    def parse(cls, parser: Parser) -> "ConfigOp":
        """Parse the custom form."""
        name = parse_symbol(parser)
        parser.parse_punctuation(":")
        type = parser.parse_type()
        parser.parse_punctuation("=")
        value = parser.parse_attribute()
        op = cls(name, value, type, parser.parse_optional_keyword("dynamic") is not None)
        op.attributes |= parse_extras(parser)
        return op


@irdl_op_definition
class SecretOp(Declaration):
    """A secret that a deployment supplies; its value is never in the IR.

    workflow.secret @openai env("OPENAI_API_KEY")
    """

    name = "workflow.secret"
    NOUN: ClassVar[str] = "secret"

    env_name = prop_def(StringAttr)

    def __init__(self, name: str, env_name: str) -> None:
        super().__init__(
            properties={"sym_name": StringAttr(name), "env_name": StringAttr(env_name)}
        )

    def print(self, printer: Printer) -> None:
        """Print the custom form."""
        print_symbol(printer, self.symbol)
        printer.print_string(" env")
        with printer.in_parens():
            printer.print_string_literal(self.env_name.data)
        print_extras(printer, self)

    @classmethod
    def parse(cls, parser: Parser) -> "SecretOp":
        """Parse the custom form."""
        name = parse_symbol(parser)
        parser.parse_keyword("env")
        with parser.in_parens():
            op = cls(name, parser.parse_str_literal())
        op.attributes |= parse_extras(parser)
        return op


@irdl_op_definition
class ProviderOp(Declaration):
    """How to reach a provider of language models; agents name it in `engine`.

    workflow.provider @ollama {url = "http://localhost:11434"}
    """

    name = "workflow.provider"
    NOUN: ClassVar[str] = "provider"

    settings = prop_def(DictionaryAttr)

    def __init__(self, name: str, settings: Mapping[str, Setting] | None = None) -> None:
        super().__init__(
            properties={"sym_name": StringAttr(name), "settings": to_settings(settings)}
        )

    def print(self, printer: Printer) -> None:
        """Print the custom form."""
        print_symbol(printer, self.symbol)
        print_settings(printer, self.settings)
        print_extras(printer, self)

    @classmethod
    def parse(cls, parser: Parser) -> "ProviderOp":
        """Parse the custom form."""
        op = cls(parse_symbol(parser), parse_settings(parser))
        op.attributes |= parse_extras(parser)
        return op
