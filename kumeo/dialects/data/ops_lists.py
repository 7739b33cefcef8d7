"""Operations that run a region once for each item of a list.

    %doubled = data.map %x : f64 in %list -> f64 {
      %y = data.add %x, %x : f64
      data.yield %y : f64
    }

The region has one block with the item as argument. It reads values from above freely.
"""

from collections.abc import Sequence
from typing import ClassVar, Self

from xdsl.ir import Attribute, Region, SSAValue
from xdsl.irdl import (
    irdl_op_definition,
    operand_def,
    region_def,
    traits_def,
    var_operand_def,
)
from xdsl.parser import Parser
from xdsl.printer import Printer
from xdsl.traits import IsTerminator, Pure

from kumeo.dialects.base import KumeoOp
from kumeo.dialects.data import rules
from kumeo.dialects.data.op import DataOp, Operand, parsed
from kumeo.dialects.data.types import BOOL, ListType
from kumeo.dialects.facts import PURE, Facts, own_facts
from kumeo.dialects.syntax import parse_extras, print_extras
from kumeo.dialects.text import parse_value, raise_since


@irdl_op_definition
class YieldOp(KumeoOp):
    """Ends a region of this dialect and gives its values.

    data.yield %x : f64
    """

    name = "data.yield"
    FACTS: ClassVar[Facts] = PURE

    values = var_operand_def()

    traits = traits_def(IsTerminator(), Pure())

    assembly_format = "attr-dict ($values^ `:` type($values))?"

    def __init__(self, values: Sequence[Operand]):
        super().__init__(operands=[values])


class ListRegionOp(DataOp):
    """Base of the operations with a region over the items of a list."""

    items = operand_def()
    body = region_def("single_block")

    SHOWS_YIELD: ClassVar[bool] = False
    """Whether the text names the type that the region yields; else it is i1."""

    def __init__(self, items: Operand, body: Region):
        KumeoOp.__init__(self, operands=[items], regions=[body], result_types=[BOOL])
        self.result._type = self._infer_once()  # pyright: ignore[reportPrivateUsage]

    @property
    def item(self) -> SSAValue:
        """The block argument that stands for the item."""
        return self.body.block.args[0]

    def yielded(self) -> Attribute:
        """Return the type that the region yields; raise VerifyException on a wrong region."""
        items, block = self.items.type, self.body.first_block
        if not isinstance(items, ListType):
            rules.reject(f"{self.name} needs a list, not {items}")
        if block is None or [arg.type for arg in block.args] != [items.item]:
            rules.reject(f"{self.name} needs a region with one argument of {items.item}")
        last = block.last_op
        if not isinstance(last, YieldOp) or len(last.values) != 1:
            rules.reject(f"{self.name} needs a region that ends in data.yield of one value")
        return last.values[0].type

    def truth(self) -> Attribute:
        """Return i1 if the region yields i1."""
        found = self.yielded()
        return BOOL if found == BOOL else rules.reject(f"{self.name} yields i1, not {found}")

    def can_fail(self) -> bool:
        """Fail if an operation of the region may."""
        return not all(own_facts(op).speculatable for op in self.body.walk())

    def fold(self) -> None:
        """Leave regions to the interpreter and to patterns."""
        return None

    @classmethod
    def parse(cls, parser: Parser) -> Self:
        """Parse `%item : type in %list {...}`."""
        start = parser.pos
        item = parser.parse_argument()
        item.location = parser.parse_optional_location()
        parser.parse_keyword("in")
        items = parse_value(parser)
        if cls.SHOWS_YIELD:
            parser.parse_punctuation("->")
            yielded = parser.parse_type()
        else:
            yielded = BOOL
        attributes = parse_extras(parser)
        body = parser.parse_region([item])
        op = parsed(parser, start, lambda: cls(items, body), attributes)
        if op.yielded() != yielded:
            raise_since(parser, f"the region yields {op.yielded()}, not {yielded}", start)
        return op

    def print(self, printer: Printer) -> None:
        """Print `%item : type in %list {...}`."""
        block = self.body.first_block
        if block is None or not block.args or not isinstance(block.last_op, YieldOp):
            printer.print_op_with_default_format(self)  # a fault that the verifier reports
            return
        printer.print_string(" ")
        printer.print_block_argument(block.args[0])
        printer.print_string(" in ")
        printer.print_operand(self.items)
        if self.SHOWS_YIELD:
            printer.print_string(" -> ")
            printer.print_list(block.last_op.values.types, printer.print_attribute)
        print_extras(printer, self)
        printer.print_string(" ")
        printer.print_region(self.body, print_entry_block_args=False)


@irdl_op_definition
class MapListOp(ListRegionOp):
    """The list of what the region yields for each item, in order.

    The failure with the lowest index fails the result.
    """

    name = "data.map"
    SHOWS_YIELD: ClassVar[bool] = True

    def infer(self) -> Attribute:
        """Return the list of the yielded type."""
        return ListType(self.yielded())


@irdl_op_definition
class FilterOp(ListRegionOp):
    """The items for which the region yields true, in order.

    %hot = data.filter %x : f64 in %list { ... data.yield %c : i1 }
    """

    name = "data.filter"

    def infer(self) -> Attribute:
        """Return the type of the list."""
        self.truth()
        return self.items.type


@irdl_op_definition
class AllOp(ListRegionOp):
    """Whether the region yields true for every item: a chain of `data.and` from the first item.

    %c = data.all %x : f64 in %list { ... data.yield %c : i1 }
    """

    name = "data.all"

    def infer(self) -> Attribute:
        """Return i1."""
        return self.truth()


@irdl_op_definition
class AnyOp(ListRegionOp):
    """Whether the region yields true for some item: a chain of `data.or` from the first item.

    %c = data.any %x : f64 in %list { ... data.yield %c : i1 }
    """

    name = "data.any"

    def infer(self) -> Attribute:
        """Return i1."""
        return self.truth()
