"""Control flow of the `workflow` dialect: `if`, `match`, `foreach` and `try`.

Each is an op with regions of one block that ends in `workflow.yield`. Its results are the yielded
values: of the region that ran (`if`, `match`), of each iteration (`foreach`), or of the body or the
handler (`try`). A condition that failed makes every result that failure.
"""

from collections.abc import Sequence
from typing import ClassVar, cast

from xdsl.dialects.builtin import i1
from xdsl.ir import Attribute, Block, Operation, Region, SSAValue
from xdsl.irdl import (
    irdl_op_definition,
    operand_def,
    region_def,
    traits_def,
    var_operand_def,
    var_result_def,
)
from xdsl.parser import Parser
from xdsl.pattern_rewriter import RewritePattern
from xdsl.printer import Printer
from xdsl.traits import (
    HasCanonicalizationPatternsTrait,
    IsTerminator,
    Pure,
    RecursiveMemoryEffect,
)
from xdsl.utils.exceptions import VerifyException

from kumeo.dialects.base import KumeoOp
from kumeo.dialects.data.types import STR, ListType, OptionType, RecordType
from kumeo.dialects.facts import PURE, Facts
from kumeo.dialects.syntax import (
    ends_other_body,
    parent_name,
    parse_block_arguments,
    parse_extras,
    parse_result_types,
    parse_values,
    print_block_arguments,
    print_body,
    print_extras,
    print_result_types,
    print_values,
)

ERROR_TYPE = RecordType.of({"message": STR, "agent": STR})
"""What a `try` handler gets to know about the failure."""


class WorkflowPatterns(HasCanonicalizationPatternsTrait):
    """The canonicalization patterns of the control-flow ops."""

    @classmethod
    def get_canonicalization_patterns(cls) -> tuple[RewritePattern, ...]:
        """Load the patterns when a pass first needs them."""
        from kumeo.dialects.workflow.canonicalize import PATTERNS

        return PATTERNS


@irdl_op_definition
class YieldOp(KumeoOp):
    """The end of a region of `if`, `match`, `foreach` or `try`, with its values.

    workflow.yield %level : !data.str
    """

    name = "workflow.yield"

    arguments = var_operand_def()

    FACTS: ClassVar[Facts] = PURE
    traits = traits_def(IsTerminator(), Pure())

    def __init__(self, values: Sequence[SSAValue | Operation] = ()) -> None:
        super().__init__(operands=[list(values)])

    def verify_(self) -> None:
        """Check where it stands and that it yields what the op around it promises."""
        parent = self.parent_op()
        if ends_other_body(self, ControlOp):
            raise VerifyException(
                f"ends a workflow.if, match, foreach or try, not the body of `{parent_name(self)}`"
            )
        if not isinstance(parent, ControlOp):
            return
        wanted = parent.yielded_types()
        actual = tuple(self.arguments.types)
        if actual != wanted:
            raise VerifyException(
                f"yields {_listed(actual)}, but `{parent.name}` gives {_listed(wanted)}"
            )

    def print(self, printer: Printer) -> None:
        """Print the custom form."""
        print_values(printer, self.arguments)
        print_extras(printer, self)

    @classmethod
    def parse(cls, parser: Parser) -> "YieldOp":
        """Parse the custom form."""
        op = cls(parse_values(parser))
        op.attributes |= parse_extras(parser)
        return op


def _listed(types: Sequence[Attribute]) -> str:
    return ", ".join(str(type) for type in types) or "nothing"


class ControlOp(KumeoOp):
    """An op whose regions end in `workflow.yield`."""

    outputs = var_result_def()

    TERMINATOR: ClassVar[str] = "workflow.yield"
    FACTS: ClassVar[Facts] = PURE
    traits = traits_def(RecursiveMemoryEffect(), WorkflowPatterns())

    def yielded_types(self) -> tuple[Attribute, ...]:
        """Return the types that each `workflow.yield` of this op must give."""
        return tuple(self.outputs.types)


def no_arguments(region: Region, what: str) -> None:
    """Raise a verifier error if the block of a region has arguments."""
    if region.blocks and region.block.args:
        raise VerifyException(f"{what} takes no arguments")


@irdl_op_definition
class IfOp(ControlOp):
    """Runs one of two regions. Without `else` the second one is an empty `workflow.yield`.

    %r = workflow.if %hot -> (f64) { workflow.yield %a : f64 } else { workflow.yield %b : f64 }
    """

    name = "workflow.if"

    condition = operand_def()
    then_region = region_def("single_block")
    else_region = region_def("single_block")

    def __init__(
        self,
        condition: SSAValue | Operation,
        result_types: Sequence[Attribute] = (),
        then_region: Region | None = None,
        else_region: Region | None = None,
    ) -> None:
        super().__init__(
            operands=[condition],
            result_types=[list(result_types)],
            regions=[
                Region(Block()) if then_region is None else then_region,
                _empty() if else_region is None else else_region,
            ],
        )

    def optional_regions(self) -> tuple[Region, ...]:
        """Return both regions."""
        return (self.then_region, self.else_region)

    def verify_(self) -> None:
        """Check the condition, and that the regions take no arguments."""
        _check_condition(self.condition.type)
        no_arguments(self.then_region, "the `then` region")
        no_arguments(self.else_region, "the `else` region")

    def print(self, printer: Printer) -> None:
        """Print the custom form."""
        printer.print_string(" ")
        printer.print_ssa_value(self.condition)
        print_result_types(printer, self.outputs.types)
        print_extras(printer, self)
        print_body(printer, self.then_region)
        printer.print_string(" else")
        print_body(printer, self.else_region)

    @classmethod
    def parse(cls, parser: Parser) -> "IfOp":
        """Parse the custom form; `else` may be left out when nothing is yielded."""
        condition = _parse_condition(parser)
        results = parse_result_types(parser)
        extras = parse_extras(parser)
        then_region = parser.parse_region()
        has_else = parser.parse_optional_keyword("else") is not None
        op = cls(condition, results, then_region, parser.parse_region() if has_else else None)
        op.attributes |= extras
        return op


def _parse_condition(parser: Parser) -> SSAValue:
    """Parse `%c`, of any type that is known: the verifier says what is wrong with it."""
    operand = parser.parse_unresolved_operand()
    known = parser.ssa_values.get(operand.operand_name, ())
    type = known[operand.index].type if operand.index < len(known) else i1
    return parser.resolve_operand(operand, type)


def _check_condition(type: Attribute) -> None:
    if isinstance(type, OptionType):
        raise VerifyException(
            f"has a condition of type {type}, which may be null: use data.coalesce or data.is_some"
        )
    if type != i1:
        raise VerifyException(f"has a condition of type {type}: it must be an i1")


def _empty() -> Region:
    return Region(Block([YieldOp()]))


@irdl_op_definition
class ForeachOp(ControlOp):
    """Runs its body for each element of a list; each result is the list of yielded values.

    %r = workflow.foreach (%x: f64) in %xs -> (!data.list<f64>) { … workflow.yield %y : f64 }
    """

    name = "workflow.foreach"

    items = operand_def(ListType)
    body = region_def("single_block")

    ARGUMENTS_NEVER_FAIL: ClassVar[bool] = True

    def __init__(
        self,
        items: SSAValue | Operation,
        result_types: Sequence[Attribute] = (),
        region: Region | None = None,
    ) -> None:
        source = items.results[0] if isinstance(items, Operation) else items
        if region is None:
            item = source.type.item if isinstance(source.type, ListType) else source.type
            region = Region(Block(arg_types=[item]))
        super().__init__(operands=[source], result_types=[list(result_types)], regions=[region])

    @property
    def item(self) -> SSAValue:
        """The element of this iteration."""
        return self.body.block.args[0]

    def yielded_types(self) -> tuple[Attribute, ...]:
        """Return the item types of the result lists."""
        return tuple(t.item if isinstance(t, ListType) else t for t in self.outputs.types)

    def verify_(self) -> None:
        """Check the argument of the body and that every result is a list."""
        item = cast(ListType, self.items.type).item
        if tuple(self.body.block.arg_types) != (item,):
            raise VerifyException(f"the body takes one argument of type {item}")
        for type in self.outputs.types:
            if not isinstance(type, ListType):
                raise VerifyException(f"gives {type}, but each result is a list")

    def print(self, printer: Printer) -> None:
        """Print the custom form."""
        print_block_arguments(printer, self.body)
        printer.print_string(" in ")
        printer.print_ssa_value(self.items)
        print_result_types(printer, self.outputs.types)
        print_extras(printer, self)
        print_body(printer, self.body)

    @classmethod
    def parse(cls, parser: Parser) -> "ForeachOp":
        """Parse the custom form."""
        position = parser.pos
        arguments = parse_block_arguments(parser)
        if len(arguments) != 1:
            parser.raise_error("expected one argument, the element", position)
        parser.parse_keyword("in")
        operand = parser.parse_unresolved_operand()
        items = parser.resolve_operand(operand, ListType(arguments[0].type))
        results = parse_result_types(parser)
        extras = parse_extras(parser)
        op = cls(items, results, parser.parse_region(arguments))
        op.attributes |= extras
        return op


@irdl_op_definition
class TryOp(ControlOp):
    """Runs its body; if a failure was observed in it, the handler runs and gives the results.

    %r = workflow.try -> (f64) { … workflow.yield %a : f64 }
      catch (%err: !data.record<{message: !data.str, agent: !data.str}>) { … }
    """

    name = "workflow.try"

    body = region_def("single_block")
    handler = region_def("single_block")

    ARGUMENTS_NEVER_FAIL: ClassVar[bool] = True

    def __init__(
        self,
        result_types: Sequence[Attribute] = (),
        body: Region | None = None,
        handler: Region | None = None,
    ) -> None:
        super().__init__(
            result_types=[list(result_types)],
            regions=[
                Region(Block()) if body is None else body,
                Region(Block(arg_types=[ERROR_TYPE])) if handler is None else handler,
            ],
        )

    @property
    def error(self) -> SSAValue:
        """The failure, as the handler sees it."""
        return self.handler.block.args[0]

    def optional_regions(self) -> tuple[Region, ...]:
        """Return the handler; the body always runs."""
        return (self.handler,)

    def verify_(self) -> None:
        """Check the arguments of both regions."""
        no_arguments(self.body, "the body")
        if tuple(self.handler.block.arg_types) != (ERROR_TYPE,):
            raise VerifyException(f"the handler takes one argument of type {ERROR_TYPE}")

    def print(self, printer: Printer) -> None:
        """Print the custom form."""
        print_result_types(printer, self.outputs.types)
        print_extras(printer, self)
        print_body(printer, self.body)
        printer.print_string(" catch")
        print_block_arguments(printer, self.handler)
        print_body(printer, self.handler)

    @classmethod
    def parse(cls, parser: Parser) -> "TryOp":
        """Parse the custom form."""
        results = parse_result_types(parser)
        extras = parse_extras(parser)
        body = parser.parse_region()
        parser.parse_keyword("catch")
        arguments = parse_block_arguments(parser)
        op = cls(results, body, parser.parse_region(arguments))
        op.attributes |= extras
        return op
