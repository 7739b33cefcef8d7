"""Ops that make the rules of failures explicit where a program is cut.

    %first = agent.watch %before -> () { workflow.emit %v … agent.yield }
    agent.observe %c : i1
    %r = agent.failure_of %c : i1 -> f64

`workflow.if`, `match` and `try` do three things with failures that no value shows: a failed
condition is observed and becomes every result, and a `try` remembers the first failure that its
body observed. A `try` that is cut has no region any more, so these become ops and values.
"""

from collections.abc import Sequence
from typing import ClassVar

from xdsl.ir import Attribute, Block, Operation, Region, SSAValue
from xdsl.irdl import (
    irdl_op_definition,
    operand_def,
    region_def,
    result_def,
    traits_def,
    var_result_def,
)
from xdsl.parser import Parser
from xdsl.printer import Printer
from xdsl.traits import NoMemoryEffect, RecursiveMemoryEffect

from kumeo.dialects.agent.base import require
from kumeo.dialects.agent.functions import YieldOp
from kumeo.dialects.base import KumeoOp
from kumeo.dialects.data.types import OptionType, is_data_type
from kumeo.dialects.facts import ACTS, PURE, Facts
from kumeo.dialects.syntax import (
    parse_extras,
    parse_result_types,
    parse_values,
    print_body,
    print_extras,
    print_result_types,
    print_values,
)
from kumeo.dialects.text import parse_value
from kumeo.dialects.workflow.control import ERROR_TYPE

FIRST_TYPE = OptionType(ERROR_TYPE)
"""What a watch gives: the first failure that was observed, or null."""


@irdl_op_definition
class WatchOp(KumeoOp):
    """Runs its region and gives the first failure that was observed, up to its end, or null.

    %first, %r = agent.watch %before -> (f64) { … agent.yield %a : f64 }

    `%before` is what was observed until now; if it is not null it stays the first. Nothing in the
    region is observed outside of it. The other results are the yielded values, failures too.
    """

    name = "agent.watch"

    before = operand_def(FIRST_TYPE)
    first = result_def(FIRST_TYPE)
    outputs = var_result_def()
    body = region_def("single_block")

    TERMINATOR: ClassVar[str] = "agent.yield"
    FACTS: ClassVar[Facts] = PURE
    traits = traits_def(RecursiveMemoryEffect())

    def __init__(
        self,
        before: SSAValue | Operation,
        result_types: Sequence[Attribute] = (),
        body: Region | None = None,
    ) -> None:
        region = Region(Block()) if body is None else body
        super().__init__(
            operands=[before], result_types=[FIRST_TYPE, list(result_types)], regions=[region]
        )

    def optional_regions(self) -> tuple[Region, ...]:
        """Return the region: it runs once."""
        return (self.body,)

    def verify_(self) -> None:
        """Check that the region takes nothing and yields the results."""
        block = self.body.block
        require(not block.args, "the region takes no arguments")
        ending = block.last_op
        actual = [value.type for value in ending.operands] if isinstance(ending, YieldOp) else []
        wanted = list(self.outputs.types)
        require(actual == wanted, "yields values of other types than the op gives")

    def print(self, printer: Printer) -> None:
        """Print the custom form."""
        printer.print_string(" ")
        printer.print_ssa_value(self.before)
        print_result_types(printer, self.outputs.types)
        print_extras(printer, self)
        print_body(printer, self.body)

    @classmethod
    def parse(cls, parser: Parser) -> "WatchOp":
        """Parse the custom form."""
        before = parse_value(parser)
        results = parse_result_types(parser)
        extras = parse_extras(parser)
        op = cls(before, results, parser.parse_region())
        op.attributes |= extras
        return op


@irdl_op_definition
class ObserveOp(KumeoOp):
    """Observes a failure, if the value is one; else it does nothing.

    agent.observe %c : i1
    """

    name = "agent.observe"

    value = operand_def()

    FACTS: ClassVar[Facts] = ACTS

    def __init__(self, value: SSAValue | Operation) -> None:
        super().__init__(operands=[value])

    def print(self, printer: Printer) -> None:
        """Print the custom form."""
        print_values(printer, [self.value])
        print_extras(printer, self)

    @classmethod
    def parse(cls, parser: Parser) -> "ObserveOp":
        """Parse the custom form."""
        position = parser.pos
        values = parse_values(parser)
        if len(values) != 1:
            parser.raise_error("expected one value", position)
        op = cls(values[0])
        op.attributes |= parse_extras(parser)
        return op


@irdl_op_definition
class FailureOfOp(KumeoOp):
    """The failure that a value holds, as a value of another type.

    %r = agent.failure_of %c : i1 -> f64

    A value that holds none gives the failure `no-failure`: the op stands where only a failure
    matters, before the `failed` edge of a branch.
    """

    name = "agent.failure_of"

    value = operand_def()
    result = result_def()

    FACTS: ClassVar[Facts] = PURE._replace(speculatable=False)
    traits = traits_def(NoMemoryEffect())

    def __init__(self, value: SSAValue | Operation, result_type: Attribute) -> None:
        super().__init__(operands=[value], result_types=[result_type])

    def verify_(self) -> None:
        """Check that the result is data."""
        require(is_data_type(self.result.type), f"{self.result.type} is no data type")

    def print(self, printer: Printer) -> None:
        """Print the custom form."""
        print_values(printer, [self.value])
        print_extras(printer, self)
        printer.print_string(" -> ")
        printer.print_attribute(self.result.type)

    @classmethod
    def parse(cls, parser: Parser) -> "FailureOfOp":
        """Parse the custom form."""
        position = parser.pos
        values = parse_values(parser)
        if len(values) != 1:
            parser.raise_error("expected one value", position)
        extras = parse_extras(parser)
        parser.parse_punctuation("->")
        op = cls(values[0], parser.parse_type())
        op.attributes |= extras
        return op
