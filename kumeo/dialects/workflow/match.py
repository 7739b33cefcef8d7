"""`workflow.match`: one of several regions by a value."""

from collections.abc import Sequence

from xdsl.dialects.builtin import ArrayAttr, IntegerAttr, StringAttr, i1, i64
from xdsl.ir import Attribute, Operation, Region, SSAValue
from xdsl.irdl import (
    irdl_op_definition,
    operand_def,
    prop_def,
    var_region_def,
)
from xdsl.parser import Parser
from xdsl.printer import Printer
from xdsl.utils.exceptions import VerifyException

from kumeo.dialects.data.types import EnumType, StrType
from kumeo.dialects.syntax import (
    parse_extras,
    parse_result_types,
    print_body,
    print_extras,
    print_result_types,
    print_values,
)
from kumeo.dialects.workflow.control import ControlOp, no_arguments


@irdl_op_definition
class MatchOp(ControlOp):
    """Runs the region of the case that holds the subject's value, else the default region.

    %r = workflow.match %level : !data.enum<"low", "high"> -> (f64)
        case "low" { … } case "high" { … }

    The subject is an enum, `!data.str`, `i64` or `i1`. The default region is empty (no block) when
    the cases cover every value of an enum or of `i1`.
    """

    name = "workflow.match"

    subject = operand_def()
    cases = prop_def(ArrayAttr[ArrayAttr[Attribute]])
    branches = var_region_def()

    def __init__(
        self,
        subject: SSAValue | Operation,
        cases: Sequence[Sequence[Attribute]],
        result_types: Sequence[Attribute],
        regions: Sequence[Region],
    ) -> None:
        values = ArrayAttr([ArrayAttr(list(case)) for case in cases])
        filled = [*regions, Region()] if len(regions) == len(cases) else list(regions)
        super().__init__(
            operands=[subject],
            result_types=[list(result_types)],
            properties={"cases": values},
            regions=[filled],
        )

    @property
    def case_values(self) -> tuple[tuple[Attribute, ...], ...]:
        """The values of each case, in order."""
        return tuple(tuple(case.data) for case in self.cases.data)

    @property
    def case_regions(self) -> tuple[Region, ...]:
        """The regions of the cases, in order."""
        return tuple(self.branches[:-1])

    @property
    def default_region(self) -> Region | None:
        """The region for every other value, or None."""
        last = self.branches[-1]
        return last if last.blocks else None

    def optional_regions(self) -> tuple[Region, ...]:
        """Return the regions of the cases and of the default."""
        return tuple(region for region in self.branches if region.blocks)

    def verify_(self) -> None:
        """Check the cases against the type of the subject, and that every value is handled."""
        if len(self.branches) != len(self.cases.data) + 1:
            raise VerifyException("needs one region for each case and one for the default")
        check_cases(self.case_values, self.subject.type, self.default_region is not None)
        for region in self.branches:
            no_arguments(region, "a case")
        if any(not region.blocks for region in self.case_regions):
            raise VerifyException("a case needs a block that ends in workflow.yield")

    def print(self, printer: Printer) -> None:
        """Print the custom form."""
        print_values(printer, [self.subject])
        print_result_types(printer, self.outputs.types)
        print_extras(printer, self)
        for values, region in zip(self.case_values, self.case_regions, strict=True):
            printer.print_string(" case ")
            printer.print_list(values, printer.print_attribute)
            print_body(printer, region)
        if self.default_region is not None:
            printer.print_string(" default")
            print_body(printer, self.default_region)

    @classmethod
    def parse(cls, parser: Parser) -> "MatchOp":
        """Parse the custom form."""
        operand = parser.parse_unresolved_operand()
        parser.parse_punctuation(":")
        subject = parser.resolve_operand(operand, parser.parse_type())
        results = parse_result_types(parser)
        extras = parse_extras(parser)
        cases: list[list[Attribute]] = []
        regions: list[Region] = []
        while parser.parse_optional_keyword("case"):
            cases.append(
                parser.parse_comma_separated_list(parser.Delimiter.NONE, parser.parse_attribute)
            )
            regions.append(parser.parse_region())
        if parser.parse_optional_keyword("default"):
            regions.append(parser.parse_region())
        op = cls(subject, cases, results, regions)
        op.attributes |= extras
        return op


def check_cases(
    cases: Sequence[Sequence[Attribute]], subject: Attribute, has_default: bool
) -> None:
    """Raise a verifier error unless the cases fit a subject of this type and handle every value."""
    seen = set[Attribute]()
    for value in (v for case in cases for v in case):
        _check_case(value, subject)
        if value in seen:
            raise VerifyException(f"the case {value} is written twice")
        seen.add(value)
    if any(not values for values in cases):
        raise VerifyException("a case needs at least one value")
    if not has_default:
        _check_total(subject, seen)


def _check_case(value: Attribute, subject: Attribute) -> None:
    match subject, value:
        case EnumType(), StringAttr():
            if value.data not in subject.names:
                known = ", ".join(subject.names)
                raise VerifyException(f"`{value.data}` is no value of the enum: it has {known}")
        case StrType(), StringAttr():
            return
        case _, IntegerAttr() if subject in (i1, i64) and value.type == subject:
            return
        case ((EnumType() | StrType()), _):
            raise VerifyException(f"the case {value} is no text, but the subject is {subject}")
        case _ if subject in (i1, i64):
            raise VerifyException(f"the case {value} is no {subject}")
        case _:
            raise VerifyException(f"matches an enum, !data.str, i64 or i1, not {subject}")


def _check_total(subject: Attribute, seen: set[Attribute]) -> None:
    wanted: list[Attribute] = []
    if isinstance(subject, EnumType):
        wanted = list(subject.values.data)
    elif subject == i1:
        wanted = [IntegerAttr(0, i1), IntegerAttr(1, i1)]
    missing = [str(value) for value in wanted if value not in seen]
    if missing or not wanted:
        rest = f" for {', '.join(missing)}" if missing else ""
        raise VerifyException(f"has no case{rest} and no default: add one")
