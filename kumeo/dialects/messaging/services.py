"""Services: what runs in one process, and how messages enter it.

    messaging.service "assess" language "python" {
      messaging.handler "run.assess" reads [@run.assess] (%source: !tx, may_fail %score: f64)
        on_error @failed durables ["e_run_assess"] consumer {ack_wait_s = 60 : i64} {
        …
        agent.goto inline @join.1(%source : !tx)
      }
      messaging.step @join.1 (%source: !tx) { … agent.done }
    }

Bodies end like stages (`agent.goto`, `branch`, `switch`, `park`, `done`). `inline @x` names a step
of the same service, `message @x` and `agent.park @x` an edge of the workflow.
"""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from xdsl.dialects.builtin import ArrayAttr, DictionaryAttr, IntegerAttr, StringAttr, SymbolRefAttr
from xdsl.ir import Attribute, Block, BlockArgument, Operation, Region
from xdsl.irdl import (
    irdl_op_definition,
    opt_prop_def,
    prop_def,
    region_def,
    traits_def,
)
from xdsl.parser import Parser
from xdsl.printer import Printer
from xdsl.traits import IsolatedFromAbove, NoTerminator, SymbolTable

from kumeo.dialects.agent.base import LANGUAGES, require
from kumeo.dialects.agent.stages import INLINE, EdgeTarget, StageBody, StageEnd
from kumeo.dialects.base import KumeoOp
from kumeo.dialects.messaging.clauses import SETTINGS, SYMBOL, TEXTS, WithClauses
from kumeo.dialects.messaging.edges import EdgeOp, flags_attr
from kumeo.dialects.symbols import SymbolUser, Wanted
from kumeo.dialects.syntax import (
    parent_name,
    parse_extras,
    parse_symbol,
    print_body,
    print_extras,
    print_symbol,
    symbol_array,
    symbols_of,
)
from kumeo.dialects.text import parse_text
from kumeo.dialects.workflow.declarations import SourceOp

CONSUMER = (
    "ack_wait_s",
    "credit",
    "credit_bytes",
    "concurrency",
    "attempts",
    "live_max",
    "batch_max",
    "batch_wait_us",
)
"""Settings of a consumer: whole numbers, all positive."""


class ServicePart(KumeoOp):
    """An op that stands in a service."""


@irdl_op_definition
class ServiceOp(KumeoOp):
    """What runs in one process: handlers, the steps that they go on in, and what they need.

    messaging.service "assess" language "python" { … }
    """

    name = "messaging.service"

    service_name = prop_def(StringAttr, prop_name="name")
    language = opt_prop_def(StringAttr)
    body = region_def("single_block")

    traits = traits_def(SymbolTable(), NoTerminator(), IsolatedFromAbove())

    def __init__(
        self, name: str, region: Region | None = None, language: str | None = None
    ) -> None:
        super().__init__(
            properties={
                "name": StringAttr(name),
                "language": None if language is None else StringAttr(language),
            },
            regions=[region or Region(Block())],
        )

    @property
    def handlers(self) -> "list[HandlerOp]":
        """The handlers, in program order."""
        return [op for op in self.body.block.ops if isinstance(op, HandlerOp)]

    @property
    def steps(self) -> "dict[str, StepOp]":
        """The steps by name, in program order."""
        return {op.symbol: op for op in self.body.block.ops if isinstance(op, StepOp)}

    def verify_(self) -> None:
        """Check the language and what stands in the service."""
        require(bool(self.service_name.data), "has an empty name")
        language = None if self.language is None else self.language.data
        known = ", ".join(LANGUAGES)
        is_known = language is None or language in LANGUAGES
        require(is_known, f"cannot run in `{language}`: write one of {known}")
        for op in self.body.block.ops:
            message = f"holds `{op.name}`: it holds handlers, steps and what they need"
            require(isinstance(op, ServicePart), message)

    def print(self, printer: Printer) -> None:
        """Print the custom form."""
        printer.print_string(" ")
        printer.print_string_literal(self.service_name.data)
        if self.language is not None:
            printer.print_string(" language ")
            printer.print_string_literal(self.language.data)
        print_extras(printer, self)
        print_body(printer, self.body)

    @classmethod
    def parse(cls, parser: Parser) -> "ServiceOp":
        """Parse the custom form."""
        name = parse_text(parser)
        language = parse_text(parser) if parser.parse_optional_keyword("language") else None
        extras = parse_extras(parser)
        region = parser.parse_region()
        if not region.blocks:
            region.add_block(Block())
        op = cls(name, region, language)
        op.attributes |= extras
        return op


class _Entered(StageBody, ServicePart):
    """A handler or a step: a body with arguments, some of which may be failures."""

    may_fail = prop_def(ArrayAttr[IntegerAttr])
    body = region_def("single_block")

    traits = traits_def(IsolatedFromAbove())

    @property
    def failing(self) -> tuple[bool, ...]:
        """For each argument, whether a failure can stand in its place."""
        return tuple(flag.value.data != 0 for flag in self.may_fail.data)

    def set_failing(self, flags: Sequence[bool]) -> None:
        """Say which arguments may be failures."""
        self.may_fail = flags_attr(flags)

    def argument_never_fails(self, argument: BlockArgument) -> bool:
        """Return whether the argument is no failure."""
        flags = self.failing
        return argument.index < len(flags) and not flags[argument.index]

    def verify_(self) -> None:
        """Check where it stands, its arguments and how it ends."""
        stands = isinstance(self.parent_op(), ServiceOp)
        place = f"stands in `{parent_name(self)}`: move it into a `messaging.service`"
        require(stands, place)
        count = len(self.body.block.args)
        has = f"has {count} arguments but says of {len(self.failing)} whether they fail"
        require(len(self.failing) == count, has)
        ending = self.body.block.last_op
        shown = "" if ending is None else ending.name
        fits = ending is None or isinstance(ending, StageEnd)
        require(fits, f"ends in `{shown}`: end it with agent.goto, branch, switch, park or done")


@irdl_op_definition
class HandlerOp(WithClauses, _Entered, SymbolUser):
    """What a service does with one message: an event of sources, or a message of an edge.

    messaging.handler "on.source" reads [@source] (%source: !tx) { … agent.done }

    `on_error` gets the report when the activation ends after it has observed a failure. A report
    without it is a dead letter. `durables` names the consumer of each source, or of the edge.
    """

    name = "messaging.handler"

    handler_name = prop_def(StringAttr, prop_name="name")
    reads = prop_def(ArrayAttr[SymbolRefAttr])
    on_error = opt_prop_def(SymbolRefAttr)
    durables = opt_prop_def(ArrayAttr[StringAttr])
    consumer = opt_prop_def(DictionaryAttr)

    CLAUSES: ClassVar[tuple[tuple[str, str], ...]] = (
        ("on_error", SYMBOL),
        ("durables", TEXTS),
        ("consumer", SETTINGS),
    )
    SYMBOLS: ClassVar[Mapping[str, tuple[Wanted, ...]]] = {
        "reads": (Wanted("source"), Wanted("edge")),
        "on_error": (Wanted("target"),),
    }

    def __init__(
        self,
        name: str,
        reads: Sequence[str],
        region: Region,
        failing: Sequence[bool],
        on_error: str | None = None,
    ) -> None:
        super().__init__(
            properties={
                "name": StringAttr(name),
                "reads": symbol_array(reads),
                "may_fail": flags_attr(failing),
            },
            regions=[region],
        )
        self.put(on_error=on_error)

    @property
    def read_names(self) -> tuple[str, ...]:
        """Names of the sources, or of the edge."""
        return symbols_of(self.reads)

    @property
    def on_error_name(self) -> str | None:
        """Name of the target that gets reports of failures."""
        return None if self.on_error is None else self.on_error.string_value()

    def setting(self, name: str) -> int | None:
        """Return a setting of the consumer, or None."""
        found = None if self.consumer is None else self.consumer.data.get(name)
        return found.value.data if isinstance(found, IntegerAttr) else None

    def verify_(self) -> None:
        """Check what it reads and the settings of its consumer."""
        super().verify_()
        require(bool(self.read_names), "reads nothing: name sources or an edge")
        settings = DictionaryAttr({}) if self.consumer is None else self.consumer
        counts = (0, len(self.read_names))
        has = f"has {len(self.texts('durables'))} durables for {counts[1]} that it reads"
        require(len(self.texts("durables")) in counts, has)
        for key, value in settings.data.items():
            known = ", ".join(CONSUMER)
            require(key in CONSUMER, f"unknown setting `{key}`: write one of {known}")
            number = value.value.data if isinstance(value, IntegerAttr) else 0
            least = 0 if key == "batch_wait_us" else 1
            require(number >= least, f"has {key} = {value}: write a whole number from {least}")

    def verify_symbols(self, declared: Mapping[str, Sequence[Operation]]) -> None:
        """Check the arguments against what is read."""
        types = tuple(self.body.block.arg_types)
        edges = [op for op in declared.get("reads", ()) if isinstance(op, EdgeOp)]
        sources = [op for op in declared.get("reads", ()) if isinstance(op, SourceOp)]
        require(not edges or len(edges) + len(sources) == 1, "reads an edge and something else")
        for edge in edges:
            fits = types == edge.taken_types()
            require(fits, f"takes other values than `@{edge.symbol}` carries")
            fits = self.failing == tuple(field.may_fail for field in edge.fields)
            require(fits, f"says otherwise than `@{edge.symbol}` which values may fail")
        for source in sources:
            message = f"takes other values than the event of `@{source.symbol}`, {source.payload}"
            require(types == (source.payload,), message)
            require(not any(self.failing), "says that an event may be a failure: it is none")

    def print(self, printer: Printer) -> None:
        """Print the custom form."""
        printer.print_string(" ")
        printer.print_string_literal(self.handler_name.data)
        printer.print_string(" reads [")
        printer.print_list(self.read_names, printer.print_symbol_name)
        printer.print_string("]")
        _print_arguments(printer, self)
        self.print_clauses(printer)
        print_extras(printer, self)
        print_body(printer, self.body)

    @classmethod
    def parse(cls, parser: Parser) -> "HandlerOp":
        """Parse the custom form."""
        name = parse_text(parser)
        parser.parse_keyword("reads")
        square = parser.Delimiter.SQUARE
        reads = parser.parse_comma_separated_list(square, lambda: parse_symbol(parser))
        arguments, failing = _parse_arguments(parser)
        clauses = cls.parse_clauses(parser)
        extras = parse_extras(parser)
        op = cls(name, reads, parser.parse_region(arguments), failing)
        op.properties |= clauses
        op.attributes |= extras
        return op


@irdl_op_definition
class StepOp(_Entered, EdgeTarget):
    """A piece of a program that handlers and other steps of the service go on in.

    messaging.step @join.1 (%source: !tx, may_fail %score: f64) { … agent.done }

    A piece that several services reach stands in each of them.
    """

    name = "messaging.step"
    NOUN: ClassVar[str] = "step"

    def __init__(self, name: str, region: Region, failing: Sequence[bool]) -> None:
        properties = {"sym_name": StringAttr(name), "may_fail": flags_attr(failing)}
        super().__init__(properties=properties, regions=[region])

    def taken_types(self) -> tuple[Attribute, ...]:
        """Return the types of the arguments."""
        return tuple(self.body.block.arg_types)

    def refusal(self, mode: str) -> str | None:
        """Return why the step cannot be entered in a mode, or None."""
        return None if mode == INLINE else "is a step of the service: enter it `inline`"

    def print(self, printer: Printer) -> None:
        """Print the custom form."""
        print_symbol(printer, self.symbol)
        _print_arguments(printer, self)
        print_extras(printer, self)
        print_body(printer, self.body)

    @classmethod
    def parse(cls, parser: Parser) -> "StepOp":
        """Parse the custom form."""
        name = parse_symbol(parser)
        arguments, failing = _parse_arguments(parser)
        extras = parse_extras(parser)
        op = cls(name, parser.parse_region(arguments), failing)
        op.attributes |= extras
        return op


def _print_arguments(printer: Printer, op: HandlerOp | StepOp) -> None:
    """Print ` (%a: T, may_fail %b: U)`."""
    block = op.body.blocks.first
    flagged = [] if block is None else list(zip(block.args, op.failing, strict=False))
    printer.print_string(" ")
    with printer.in_parens():
        printer.print_list(flagged, lambda item: _print_argument(printer, *item))


def _print_argument(printer: Printer, argument: BlockArgument, may_fail: bool) -> None:
    printer.print_string("may_fail " if may_fail else "")
    printer.print_block_argument(argument)


def _parse_arguments(parser: Parser) -> tuple[list[Parser.Argument], list[bool]]:
    parens = parser.Delimiter.PAREN
    found = parser.parse_comma_separated_list(parens, lambda: _parse_argument(parser))
    return [argument for argument, _ in found], [may_fail for _, may_fail in found]


def _parse_argument(parser: Parser) -> tuple[Parser.Argument, bool]:
    may_fail = parser.parse_optional_keyword("may_fail") is not None
    argument = parser.parse_argument()
    argument.location = parser.parse_optional_location()
    return argument, may_fail
