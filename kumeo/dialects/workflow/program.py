"""Programs of the `workflow` dialect: workflows, activation bodies, subworkflows, leaf ops."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from xdsl.dialects.builtin import ArrayAttr, DictionaryAttr, FunctionType, StringAttr, SymbolRefAttr
from xdsl.ir import Attribute, Block, Operation, Region, SSAValue
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
from xdsl.traits import (
    IsolatedFromAbove,
    IsTerminator,
    NoTerminator,
    Pure,
    SymbolTable,
)
from xdsl.utils.exceptions import VerifyException

from kumeo.dialects.base import KumeoOp
from kumeo.dialects.facts import PURE, Facts
from kumeo.dialects.settings import Setting, string_array, strings_of, to_settings
from kumeo.dialects.symbols import SymbolUser, Wanted
from kumeo.dialects.syntax import (
    ends_other_body,
    parent_name,
    parse_block_arguments,
    parse_extras,
    parse_result_types,
    parse_symbol,
    parse_values,
    print_block_arguments,
    print_body,
    print_extras,
    print_result_types,
    print_symbol,
    print_values,
    symbol_array,
    symbol_ref,
    symbols_of,
)
from kumeo.dialects.workflow.declarations import Declaration, SourceOp

_SECTIONS = ("deployment", "monitor", "nats", "budget")


@irdl_op_definition
class WorkflowOp(Declaration):
    """A workflow: declarations and the bodies that handle events. It is a symbol table.

    workflow.workflow @FraudDetection deployment {replicas = 2 : i64} {
      workflow.source @transactions nats("transactions.raw") : !tx
      workflow.on @transactions (%tx: !tx) { … workflow.return }
    }
    """

    name = "workflow.workflow"
    NOUN: ClassVar[str] = "workflow"

    deployment = opt_prop_def(DictionaryAttr)
    monitor = opt_prop_def(DictionaryAttr)
    nats = opt_prop_def(DictionaryAttr)
    budget = opt_prop_def(DictionaryAttr)
    body = region_def("single_block")

    traits = traits_def(SymbolTable(), NoTerminator(), IsolatedFromAbove())

    def __init__(
        self,
        name: str,
        region: Region | None = None,
        *,
        deployment: Mapping[str, Setting] | None = None,
        monitor: Mapping[str, Setting] | None = None,
        nats: Mapping[str, Setting] | None = None,
        budget: Mapping[str, Setting] | None = None,
    ) -> None:
        sections = dict(zip(_SECTIONS, (deployment, monitor, nats, budget), strict=True))
        properties: dict[str, Attribute | None] = {"sym_name": StringAttr(name)}
        properties |= {k: to_settings(v) for k, v in sections.items() if v is not None}
        region = region or Region(Block())
        super().__init__(properties=properties, regions=[region])

    def print(self, printer: Printer) -> None:
        """Print the custom form."""
        print_symbol(printer, self.symbol)
        for section in _SECTIONS:
            settings = self.properties.get(section)
            if isinstance(settings, DictionaryAttr):
                printer.print_string(f" {section} ")
                printer.print_attr_dict(settings.data)
        print_extras(printer, self)
        print_body(printer, self.body)

    @classmethod
    def parse(cls, parser: Parser) -> "WorkflowOp":
        """Parse the custom form."""
        name = parse_symbol(parser)
        sections: dict[str, Attribute] = {}
        while word := parser.parse_optional_keyword_in(_SECTIONS):
            sections[word] = DictionaryAttr(parser.parse_optional_dictionary_attr_dict())
        extras = parse_extras(parser)
        region = parser.parse_region()
        if not region.blocks:
            region.add_block(Block())
        op = cls(name, region)
        op.properties |= sections
        op.attributes |= extras
        return op


@irdl_op_definition
class OnOp(SymbolUser):
    """The activation body: what happens for each event of the sources.

    workflow.on @transactions, @replays (%tx: !tx) on_error @failed { … workflow.return }
    """

    name = "workflow.on"

    sources = prop_def(ArrayAttr[SymbolRefAttr])
    on_error = opt_prop_def(SymbolRefAttr)
    body = region_def("single_block")

    SYMBOLS: ClassVar[Mapping[str, tuple[Wanted, ...]]] = {
        "sources": (Wanted("source"),),
        "on_error": (Wanted("target"),),
    }
    TERMINATOR: ClassVar[str] = "workflow.return"
    ARGUMENTS_NEVER_FAIL: ClassVar[bool] = True

    traits = traits_def(IsolatedFromAbove())

    def __init__(
        self, sources: Sequence[str], on_error: str | None = None, region: Region | None = None
    ) -> None:
        super().__init__(
            properties={
                "sources": symbol_array(sources),
                "on_error": None if on_error is None else symbol_ref(on_error),
            },
            regions=[Region() if region is None else region],
        )

    @property
    def source_names(self) -> tuple[str, ...]:
        """Names of the sources whose events start this body."""
        return symbols_of(self.sources)

    @property
    def on_error_name(self) -> str | None:
        """Name of the target that gets reports of failures."""
        return None if self.on_error is None else self.on_error.string_value()

    @property
    def event(self) -> SSAValue:
        """The payload of the event."""
        return self.body.block.args[0]

    def verify_(self) -> None:
        """Check that the body has one argument, the event, and that there is a source."""
        if not self.sources.data:
            raise VerifyException("reads no source: name at least one")
        if len(self.body.blocks) == 1 and len(self.body.block.args) != 1:
            raise VerifyException("the body takes exactly one argument, the event")

    def verify_symbols(self, declared: Mapping[str, Sequence[Operation]]) -> None:
        """Check that the event has the type of each source."""
        for source in declared.get("sources", ()):
            payload = source.payload if isinstance(source, SourceOp) else None
            if payload != self.event.type:
                raise VerifyException(
                    f"takes an event of type {self.event.type}, but the source gives {payload}"
                )

    def print(self, printer: Printer) -> None:
        """Print the custom form."""
        printer.print_string(" ")
        printer.print_list(self.source_names, printer.print_symbol_name)
        print_block_arguments(printer, self.body)
        if self.on_error_name is not None:
            printer.print_string(" on_error")
            print_symbol(printer, self.on_error_name)
        print_extras(printer, self)
        print_body(printer, self.body)

    @classmethod
    def parse(cls, parser: Parser) -> "OnOp":
        """Parse the custom form."""
        sources = parser.parse_comma_separated_list(
            parser.Delimiter.NONE, lambda: parse_symbol(parser)
        )
        arguments = parse_block_arguments(parser)
        on_error = None
        if parser.parse_optional_keyword("on_error"):
            on_error = parse_symbol(parser)
        extras = parse_extras(parser)
        op = cls(sources, on_error, parser.parse_region(arguments))
        op.attributes |= extras
        return op


@irdl_op_definition
class SubworkflowOp(Declaration):
    """A part of a program that several workflows call; it stands at the top of the module.

    workflow.subworkflow @score (%amount: f64) -> (f64) { … workflow.return %r : f64 }
    """

    name = "workflow.subworkflow"
    NOUN: ClassVar[str] = "subworkflow"

    function_type = prop_def(FunctionType)
    arg_names = prop_def(ArrayAttr[StringAttr])
    result_names = opt_prop_def(ArrayAttr[StringAttr])
    body = region_def("single_block")

    TERMINATOR: ClassVar[str] = "workflow.return"

    traits = traits_def(IsolatedFromAbove())

    def __init__(
        self,
        name: str,
        arg_types: Sequence[Attribute],
        result_types: Sequence[Attribute],
        region: Region | None = None,
        arg_names: Sequence[str] = (),
        result_names: Sequence[str] = (),
    ) -> None:
        properties: dict[str, Attribute | None] = {
            "sym_name": StringAttr(name),
            "function_type": FunctionType.from_lists(arg_types, result_types),
            "arg_names": string_array(arg_names),
            "result_names": string_array(result_names) if result_names else None,
        }
        body = Region(Block(arg_types=arg_types)) if region is None else region
        super().__init__(properties=properties, regions=[body])
        if region is None:
            for argument, hint in zip(body.block.args, arg_names, strict=False):
                argument.name_hint = hint if SSAValue.is_valid_name(hint) else None

    @property
    def returned_types(self) -> tuple[Attribute, ...]:
        """Types that `workflow.return` gives back."""
        return tuple(self.function_type.outputs.data)

    def verify_(self) -> None:
        """Check that the signature, the names and the body's arguments agree."""
        inputs = tuple(self.function_type.inputs.data)
        if self.arg_names.data and len(self.arg_names.data) != len(inputs):
            raise VerifyException(
                f"has {len(inputs)} arguments but {len(self.arg_names.data)} names for them"
            )
        names = strings_of(self.result_names)
        if names and len(names) != len(self.returned_types):
            raise VerifyException(
                f"has {len(self.returned_types)} results but {len(names)} names for them"
            )
        if len(self.body.blocks) == 1 and tuple(self.body.block.arg_types) != inputs:
            raise VerifyException("the arguments of the body differ from the signature")

    def print(self, printer: Printer) -> None:
        """Print the custom form."""
        print_symbol(printer, self.symbol)
        print_block_arguments(printer, self.body)
        print_result_types(printer, self.returned_types)
        for word, names in (("takes", self.arg_names), ("gives", self.result_names)):
            if names is not None and names.data:
                printer.print_string(f" {word} ")
                printer.print_attribute(names)
        print_extras(printer, self)
        print_body(printer, self.body)

    @classmethod
    def parse(cls, parser: Parser) -> "SubworkflowOp":
        """Parse the custom form."""
        name = parse_symbol(parser)
        arguments = parse_block_arguments(parser)
        results = parse_result_types(parser)
        taken = strings_of(parser.parse_attribute()) if _word(parser, "takes") else ()
        given = strings_of(parser.parse_attribute()) if _word(parser, "gives") else ()
        extras = parse_extras(parser)
        region = parser.parse_region(arguments)
        op = cls(name, [a.type for a in arguments], results, region, taken, given)
        op.attributes |= extras
        return op


def _word(parser: Parser, word: str) -> bool:
    return parser.parse_optional_keyword(word) is not None


@irdl_op_definition
class ReturnOp(KumeoOp):
    """The end of an activation body (no values) or of a subworkflow (its results).

    workflow.return %score, %reason : f64, !data.str
    """

    name = "workflow.return"

    arguments = var_operand_def()

    FACTS: ClassVar[Facts] = PURE
    traits = traits_def(IsTerminator(), Pure())

    def __init__(self, values: Sequence[SSAValue | Operation] = ()) -> None:
        super().__init__(operands=[list(values)])

    def verify_(self) -> None:
        """Check where it stands and that it returns what the subworkflow promises."""
        parent = self.parent_op()
        if isinstance(parent, OnOp) and self.arguments:
            raise VerifyException("an activation body returns no values")
        if isinstance(parent, SubworkflowOp):
            check_types("returns", self.arguments.types, parent.returned_types, parent.symbol)
        if ends_other_body(self, (OnOp, SubworkflowOp)):
            raise VerifyException(
                "ends a workflow.on or a workflow.subworkflow, not the body of "
                f"`{parent_name(self)}`"
            )

    def print(self, printer: Printer) -> None:
        """Print the custom form."""
        print_values(printer, self.arguments)
        print_extras(printer, self)

    @classmethod
    def parse(cls, parser: Parser) -> "ReturnOp":
        """Parse the custom form."""
        op = cls(parse_values(parser))
        op.attributes |= parse_extras(parser)
        return op


def check_types(
    verb: str, actual: Sequence[Attribute], wanted: Sequence[Attribute], owner: str
) -> None:
    """Raise a verifier error unless values have the types in the signature of `@owner`."""
    if tuple(actual) == tuple(wanted):
        return
    got = ", ".join(str(t) for t in actual) or "nothing"
    want = ", ".join(str(t) for t in wanted) or "nothing"
    takes = "takes" if verb == "passes" else "gives"
    raise VerifyException(f"{verb} {got}, but `@{owner}` {takes} {want}")
