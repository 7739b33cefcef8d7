"""Stages: the program of an activation in continuation form, and the edges between its pieces.

    agent.stage @on.payments (%tx: !tx) entry [@payments] on_error @failed {
      %r = agent.model @m (amount = %tx) id "m" site "m" : (!tx) -> f64
      %hot = data.compare gt, %r, %limit : f64
      agent.branch %hot, message @run.assess(%tx, %r : !tx, f64), done
    }
    agent.stage @run.assess (%tx: !tx, %score: f64) language "python" service "assess" { … }

An activation is one token: it enters the entry stage of its source, and each stage ends by sending
it along one edge, with the values that are still live. `split-stages` makes stages; the messaging
level turns the edges that are messages into subjects and consumers.
See `docs/dialects/agent.md`.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, NamedTuple, cast

from xdsl.dialects.builtin import ArrayAttr, IntegerAttr, StringAttr, SymbolRefAttr, i64
from xdsl.ir import Attribute, BlockArgument, Operation, Region, SSAValue
from xdsl.irdl import (
    irdl_op_definition,
    opt_prop_def,
    prop_def,
    region_def,
    traits_def,
    var_operand_def,
)
from xdsl.parser import Parser
from xdsl.printer import Printer
from xdsl.traits import IsolatedFromAbove, IsTerminator

from kumeo.dialects.agent.base import LANGUAGES, require
from kumeo.dialects.base import KumeoOp
from kumeo.dialects.facts import PURE, Facts
from kumeo.dialects.settings import string_array, strings_of
from kumeo.dialects.symbols import SymbolUser, Wanted
from kumeo.dialects.syntax import (
    parent_name,
    parse_block_arguments,
    parse_extras,
    parse_symbol,
    print_block_arguments,
    print_body,
    print_extras,
    print_symbol,
    print_word,
    symbol_array,
    symbol_ref,
    symbols_of,
    text_of,
)
from kumeo.dialects.workflow.declarations import Declaration, SourceOp

INLINE, MESSAGE, DONE, PARK = "inline", "message", "done", "park"
MODES = (INLINE, MESSAGE, DONE)
"""How a token crosses an edge: in the same process, as a stored message, or not at all."""


class StageBody(KumeoOp):
    """An op whose body ends in a `StageEnd`."""

    @property
    def end(self) -> "StageEnd":
        """The terminator."""
        return cast(StageEnd, self.regions[0].block.last_op)


class EdgeTarget(Declaration):
    """What an edge can lead to: a stage, or what the messaging level makes of it."""

    def taken_types(self) -> tuple[Attribute, ...]:
        """Return the types of the values that it takes."""
        return ()

    def refusal(self, mode: str) -> str | None:
        """Return why a token cannot enter in this mode, or None."""
        return None


@irdl_op_definition
class StageOp(EdgeTarget, StageBody, SymbolUser):
    """A piece of a program: the ops between two places where the token may change its process.

    agent.stage @run.assess (%tx: !tx) { … agent.done }

    An entry stage names the sources whose events start it; its argument is the event. `language`,
    `service` and the batch are decisions of passes.
    """

    name = "agent.stage"
    NOUN: ClassVar[str] = "stage"

    sources = opt_prop_def(ArrayAttr[SymbolRefAttr])
    on_error = opt_prop_def(SymbolRefAttr)
    language = opt_prop_def(StringAttr)
    service = opt_prop_def(StringAttr)
    batch_size = opt_prop_def(IntegerAttr, prop_name="batch_max")
    batch_wait = opt_prop_def(IntegerAttr, prop_name="batch_wait_us")
    body = region_def("single_block")

    SYMBOLS: ClassVar[Mapping[str, tuple[Wanted, ...]]] = {
        "sources": (Wanted("source"),),
        "on_error": (Wanted("target"),),
    }

    traits = traits_def(IsolatedFromAbove())

    def __init__(
        self,
        name: str,
        region: Region,
        sources: Sequence[str] = (),
        on_error: str | None = None,
        language: str | None = None,
        service: str | None = None,
    ) -> None:
        super().__init__(
            properties={
                "sym_name": StringAttr(name),
                "sources": symbol_array(sources) if sources else None,
                "on_error": None if on_error is None else symbol_ref(on_error),
                "language": None if language is None else StringAttr(language),
                "service": None if service is None else StringAttr(service),
            },
            regions=[region],
        )

    @property
    def is_entry(self) -> bool:
        """Whether events start this stage."""
        return self.sources is not None

    @property
    def source_names(self) -> tuple[str, ...]:
        """Names of the sources whose events start this stage; none for an inner stage."""
        return () if self.sources is None else symbols_of(self.sources)

    @property
    def on_error_name(self) -> str | None:
        """Name of the target that gets reports of failures; only entry stages name it."""
        return None if self.on_error is None else self.on_error.string_value()

    def taken_types(self) -> tuple[Attribute, ...]:
        """Return the types of the arguments."""
        return tuple(self.body.block.arg_types)

    def refusal(self, mode: str) -> str | None:
        """Return why no edge may lead here, or None."""
        return "only events start" if self.is_entry else None

    def argument_never_fails(self, argument: BlockArgument) -> bool:
        """Return whether the argument is an event."""
        return self.is_entry

    def set_batch(self, size: int, wait_us: int) -> None:
        """Let the stage take up to `size` tokens at once, and wait so long for them."""
        self.batch_size = IntegerAttr(size, i64)
        self.batch_wait = IntegerAttr(wait_us, i64)

    def verify_(self) -> None:
        """Check the entry clause, the decisions of passes, and how the stage ends."""
        block = self.body.block
        if self.is_entry:
            require(bool(self.source_names), "is an entry but names no source")
            require(len(block.args) == 1, "an entry stage takes exactly one argument, the event")
        require(self.is_entry or self.on_error is None, "only an entry stage has `on_error`")
        language = text_of(self.language)
        known = ", ".join(LANGUAGES)
        is_known = language is None or language in LANGUAGES
        require(is_known, f"cannot run in `{language}`: write one of {known}")
        for part, least in ((self.batch_size, 1), (self.batch_wait, 0)):
            size = least if part is None else part.value.data
            require(size >= least, f"has a batch of {size}: write at least {least}")
        ending = block.last_op
        fits = ending is None or isinstance(ending, StageEnd)
        shown = "" if ending is None else ending.name
        require(fits, f"ends in `{shown}`: end it with agent.goto, branch, switch, park or done")

    def verify_symbols(self, declared: Mapping[str, Sequence[Operation]]) -> None:
        """Check that the event has the type of each source."""
        for source in declared.get("sources", ()):
            payload = source.payload if isinstance(source, SourceOp) else None
            event = self.body.block.args[0].type
            message = f"takes an event of type {event}, but the source gives {payload}"
            require(payload == event, message)

    def print(self, printer: Printer) -> None:
        """Print the custom form."""
        print_symbol(printer, self.symbol)
        print_block_arguments(printer, self.body)
        if self.sources is not None:
            printer.print_string(" entry [")
            printer.print_list(self.source_names, printer.print_symbol_name)
            printer.print_string("]")
        if self.on_error_name is not None:
            printer.print_string(" on_error")
            print_symbol(printer, self.on_error_name)
        print_word(printer, "language", text_of(self.language))
        print_word(printer, "service", text_of(self.service))
        for word, number in (("batch_max", self.batch_size), ("batch_wait_us", self.batch_wait)):
            if number is not None:
                printer.print_string(f" {word} {number.value.data}")
        print_extras(printer, self)
        print_body(printer, self.body)

    @classmethod
    def parse(cls, parser: Parser) -> "StageOp":
        """Parse the custom form."""
        name = parse_symbol(parser)
        arguments = parse_block_arguments(parser)
        properties: dict[str, Attribute] = {}
        if parser.parse_optional_keyword("entry"):
            square = parser.Delimiter.SQUARE
            names = parser.parse_comma_separated_list(square, lambda: parse_symbol(parser))
            properties["sources"] = symbol_array(names)
        if parser.parse_optional_keyword("on_error"):
            properties["on_error"] = symbol_ref(parse_symbol(parser))
        for word in ("language", "service"):
            if parser.parse_optional_keyword(word):
                properties[word] = StringAttr(parser.parse_str_literal())
        for word in ("batch_max", "batch_wait_us"):
            if parser.parse_optional_keyword(word):
                properties[word] = IntegerAttr(parser.parse_integer(), i64)
        extras = parse_extras(parser)
        op = cls(name, parser.parse_region(arguments))
        op.properties |= properties
        op.attributes |= extras
        return op


class Edge(NamedTuple):
    """One way out of a stage: how, to which stage (none when done), and with which values."""

    mode: str
    target: str | None = None
    values: tuple[SSAValue, ...] = ()


ENDED = Edge(DONE)
"""The edge on which the activation is over."""


class StageEnd(SymbolUser):
    """A terminator of a stage. Its edges say where the token goes.

    Edges are kept in three lists: a mode and a number of values for each edge, and a target for
    each edge that is not `done`.
    """

    targets = prop_def(ArrayAttr[SymbolRefAttr])
    modes = prop_def(ArrayAttr[StringAttr])
    counts = prop_def(ArrayAttr[IntegerAttr])
    passed = var_operand_def()

    SYMBOLS: ClassVar[Mapping[str, tuple[Wanted, ...]]] = {
        "targets": (Wanted("stage"), Wanted("step"), Wanted("edge"))
    }
    MODES: ClassVar[tuple[str, ...]] = MODES
    """The modes that edges of this terminator may have."""
    FACTS: ClassVar[Facts] = PURE

    traits = traits_def(IsTerminator())

    def set_up(
        self,
        edges: Sequence[Edge],
        heads: Sequence[SSAValue | Operation] = (),
        properties: Mapping[str, Attribute | None] | None = None,
    ) -> None:
        """Initialise the op; `heads` are the operands before the values that it passes."""
        KumeoOp.__init__(
            self,
            operands=[*heads, [value for edge in edges for value in edge.values]],
            properties={**edge_properties(edges), **(properties or {})},
        )

    @property
    def edges(self) -> tuple[Edge, ...]:
        """The edges, in the order of their roles."""
        names = iter(symbols_of(self.targets))
        values = iter(self.passed)
        return tuple(
            Edge(
                mode,
                None if mode == DONE else next(names, None),
                tuple(value for _, value in zip(range(count), values, strict=False)),
            )
            for mode, count in zip(strings_of(self.modes), self._counts(), strict=False)
        )

    def _counts(self) -> list[int]:
        return [count.value.data for count in self.counts.data]

    def set_mode(self, index: int, mode: str) -> None:
        """Change how the token crosses one edge."""
        modes = list(strings_of(self.modes))
        modes[index] = mode
        self.modes = string_array(modes)

    def roles(self) -> int | None:
        """Return how many edges there must be; None if the op checks it itself."""
        return 1

    def verify_(self) -> None:
        """Check that the lists of the edges agree, and where the op stands."""
        message = f"ends an agent.stage, not the body of `{parent_name(self)}`"
        require(isinstance(self.parent_op(), StageBody), message)
        modes, counts = strings_of(self.modes), self._counts()
        known = ", ".join(self.MODES)
        for mode in modes:
            require(mode in self.MODES, f"has an edge that is `{mode}`: write one of {known}")
        agree = len(modes) == len(counts) and sum(counts) == len(self.passed)
        going = [count for mode, count in zip(modes, counts, strict=False) if mode != DONE]
        agree = agree and len(going) == len(self.targets.data) and sum(going) == sum(counts)
        require(agree, "has lists of modes, targets and values that do not agree")
        wanted = self.roles()
        has = f"has {len(modes)} edges, not {wanted}"
        require(wanted is None or wanted == len(modes), has)

    def verify_symbols(self, declared: Mapping[str, Sequence[Operation]]) -> None:
        """Check the values of each edge against the arguments of its stage."""
        going = [edge for edge in self.edges if edge.target is not None]
        for edge, stage in zip(going, declared.get("targets", ()), strict=True):
            if not isinstance(stage, EdgeTarget):
                continue
            refusal = stage.refusal(edge.mode)
            require(refusal is None, f"goes to `@{edge.target}`, which {refusal}")
            actual = [value.type for value in edge.values]
            wanted = list(stage.taken_types())
            passes, takes = _listed(actual), _listed(wanted)
            require(actual == wanted, f"passes {passes} to `@{edge.target}`, which takes {takes}")


def edge_properties(edges: Sequence[Edge]) -> dict[str, Attribute]:
    """Return the three lists of edges as properties."""
    return {
        "targets": symbol_array([edge.target for edge in edges if edge.target is not None]),
        "modes": string_array([edge.mode for edge in edges]),
        "counts": ArrayAttr([IntegerAttr(len(edge.values), i64) for edge in edges]),
    }


def _listed(types: Sequence[Any]) -> str:
    return ", ".join(str(type) for type in types) or "nothing"


def print_edge(printer: Printer, edge: Edge) -> None:
    """Print ` message @next(%a, %b : T, U)` or ` done`; a parked edge has no word."""
    if edge.mode != PARK:
        printer.print_string(f" {edge.mode}")
    if edge.target is None:
        return
    print_symbol(printer, edge.target)
    with printer.in_parens():
        printer.print_list(edge.values, printer.print_ssa_value)
        if edge.values:
            printer.print_string(" : ")
            printer.print_list([value.type for value in edge.values], printer.print_attribute)


def parse_edge(parser: Parser, mode: str | None = None) -> Edge:
    """Parse what `print_edge` prints; `mode` is given where no word is written."""
    if mode is None:
        mode = parser.expect(
            lambda: parser.parse_optional_keyword_in(MODES), "expected inline, message or done"
        )
    if mode == DONE:
        return ENDED
    target = parse_symbol(parser)
    with parser.in_parens():
        return Edge(mode, target, tuple(_passed_values(parser)))


def _passed_values(parser: Parser) -> Sequence[SSAValue]:
    first = parser.parse_optional_unresolved_operand()
    if first is None:
        return ()
    operands = [first]
    while parser.parse_optional_punctuation(",") is not None:
        operands.append(parser.parse_unresolved_operand())
    parser.parse_punctuation(":")
    position = parser.pos
    types = parser.parse_comma_separated_list(parser.Delimiter.NONE, parser.parse_type)
    return parser.resolve_operands(operands, types, position)
