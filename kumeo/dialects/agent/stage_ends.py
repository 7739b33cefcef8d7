"""The terminators of stages: where the token goes next.

agent.goto message @next(%a : f64)
agent.branch %c, message @then(%a : f64), done failed message @join(%f : f64)
agent.switch %s : !level case "low", "high" inline @rare() default done
agent.park @run.review(%case : !case)
agent.done
"""

from collections.abc import Sequence
from typing import ClassVar

from xdsl.dialects.builtin import ArrayAttr, UnitAttr, i1
from xdsl.ir import Attribute, Operation, SSAValue
from xdsl.irdl import irdl_op_definition, operand_def, opt_prop_def, prop_def
from xdsl.parser import Parser
from xdsl.printer import Printer

from kumeo.dialects.agent.base import require
from kumeo.dialects.agent.stages import (
    ENDED,
    PARK,
    Edge,
    StageEnd,
    parse_edge,
    print_edge,
)
from kumeo.dialects.syntax import parse_extras, print_extras
from kumeo.dialects.text import parse_value
from kumeo.dialects.workflow.match import check_cases


@irdl_op_definition
class GotoOp(StageEnd):
    """Goes on in one stage.

    agent.goto message @run.assess(%tx : !tx)
    """

    name = "agent.goto"

    def __init__(self, edge: Edge) -> None:
        self.set_up([edge])

    def print(self, printer: Printer) -> None:
        """Print the custom form."""
        print_edge(printer, self.edges[0])
        print_extras(printer, self)

    @classmethod
    def parse(cls, parser: Parser) -> "GotoOp":
        """Parse the custom form."""
        op = cls(parse_edge(parser))
        op.attributes |= parse_extras(parser)
        return op


@irdl_op_definition
class ParkOp(StageEnd):
    """Waits for the answer of the agent that heads the next stage: a person, a timer.

    agent.park @run.review(%case : !case)

    The token is stored and takes no process. The stage runs when the answer is there; if an operand
    of the agent is a failure there is nothing to wait for.
    """

    name = "agent.park"
    MODES: ClassVar[tuple[str, ...]] = (PARK,)

    def __init__(self, edge: Edge) -> None:
        self.set_up([edge._replace(mode=PARK)])

    def print(self, printer: Printer) -> None:
        """Print the custom form."""
        print_edge(printer, self.edges[0])
        print_extras(printer, self)

    @classmethod
    def parse(cls, parser: Parser) -> "ParkOp":
        """Parse the custom form."""
        op = cls(parse_edge(parser, PARK))
        op.attributes |= parse_extras(parser)
        return op


@irdl_op_definition
class DoneOp(StageEnd):
    """Ends the activation. The first failure that it has observed is reported.

    agent.done
    """

    name = "agent.done"

    def __init__(self) -> None:
        self.set_up([])

    def roles(self) -> int:
        """Return 0: nothing follows."""
        return 0

    def print(self, printer: Printer) -> None:
        """Print the custom form."""
        print_extras(printer, self)

    @classmethod
    def parse(cls, parser: Parser) -> "DoneOp":
        """Parse the custom form."""
        op = cls()
        op.attributes |= parse_extras(parser)
        return op


@irdl_op_definition
class BranchOp(StageEnd):
    """Goes on in one of two stages. A condition that failed takes the `failed` edge, else is done.

    agent.branch %hot, message @run.assess(%tx : !tx), done failed message @join(%tx : !tx)
    """

    name = "agent.branch"

    condition = operand_def()

    def __init__(
        self,
        condition: SSAValue | Operation,
        then: Edge,
        otherwise: Edge = ENDED,
        failed: Edge = ENDED,
    ) -> None:
        self.set_up([then, otherwise, failed], [condition])

    def roles(self) -> int:
        """Return 3: true, false, failed."""
        return 3

    def verify_(self) -> None:
        """Check the condition, then the edges."""
        type = self.condition.type
        require(type == i1, f"has a condition of type {type}: it must be an i1")
        super().verify_()

    def print(self, printer: Printer) -> None:
        """Print the custom form."""
        then, otherwise, failed = self.edges
        printer.print_string(" ")
        printer.print_ssa_value(self.condition)
        printer.print_string(",")
        print_edge(printer, then)
        printer.print_string(",")
        print_edge(printer, otherwise)
        _print_failed(printer, failed)
        print_extras(printer, self)

    @classmethod
    def parse(cls, parser: Parser) -> "BranchOp":
        """Parse the custom form."""
        condition = parse_value(parser)
        parser.parse_punctuation(",")
        then = parse_edge(parser)
        parser.parse_punctuation(",")
        op = cls(condition, then, parse_edge(parser), _parse_failed(parser))
        op.attributes |= parse_extras(parser)
        return op


@irdl_op_definition
class SwitchOp(StageEnd):
    """Goes on in the stage of the case that holds the subject's value, else in the default one.

    agent.switch %level : !level case "low" done case "high" message @run.assess(%tx : !tx)

    A subject that failed takes the `failed` edge, else the activation is done.
    """

    name = "agent.switch"

    cases = prop_def(ArrayAttr[ArrayAttr[Attribute]])
    has_default = opt_prop_def(UnitAttr)
    subject = operand_def()

    def __init__(
        self,
        subject: SSAValue | Operation,
        cases: Sequence[tuple[Sequence[Attribute], Edge]],
        default: Edge | None = None,
        failed: Edge = ENDED,
    ) -> None:
        values = ArrayAttr([ArrayAttr(list(case)) for case, _ in cases])
        edges = [edge for _, edge in cases] + ([] if default is None else [default]) + [failed]
        flag = None if default is None else UnitAttr()
        self.set_up(edges, [subject], {"cases": values, "has_default": flag})

    @property
    def case_values(self) -> tuple[tuple[Attribute, ...], ...]:
        """The values of each case, in order."""
        return tuple(tuple(case.data) for case in self.cases.data)

    @property
    def default(self) -> Edge | None:
        """The edge for every other value, or None."""
        return self.edges[-2] if self.has_default is not None else None

    def roles(self) -> int:
        """Return one edge for each case, one for the default if there is one, and `failed`."""
        return len(self.cases.data) + (self.has_default is not None) + 1

    def verify_(self) -> None:
        """Check the edges, then the cases against the type of the subject."""
        super().verify_()
        check_cases(self.case_values, self.subject.type, self.has_default is not None)

    def print(self, printer: Printer) -> None:
        """Print the custom form."""
        *others, failed = self.edges
        printer.print_string(" ")
        printer.print_ssa_value(self.subject)
        printer.print_string(" : ")
        printer.print_attribute(self.subject.type)
        for values, edge in zip(self.case_values, others, strict=False):
            printer.print_string(" case ")
            printer.print_list(values, printer.print_attribute)
            print_edge(printer, edge)
        if self.has_default is not None:
            printer.print_string(" default")
            print_edge(printer, others[-1])
        _print_failed(printer, failed)
        print_extras(printer, self)

    @classmethod
    def parse(cls, parser: Parser) -> "SwitchOp":
        """Parse the custom form."""
        operand = parser.parse_unresolved_operand()
        parser.parse_punctuation(":")
        subject = parser.resolve_operand(operand, parser.parse_type())
        cases: list[tuple[list[Attribute], Edge]] = []
        while parser.parse_optional_keyword("case"):
            none = parser.Delimiter.NONE
            values = parser.parse_comma_separated_list(none, parser.parse_attribute)
            cases.append((values, parse_edge(parser)))
        default = parse_edge(parser) if parser.parse_optional_keyword("default") else None
        op = cls(subject, cases, default, _parse_failed(parser))
        op.attributes |= parse_extras(parser)
        return op


def _print_failed(printer: Printer, edge: Edge) -> None:
    if edge != ENDED:
        printer.print_string(" failed")
        print_edge(printer, edge)


def _parse_failed(parser: Parser) -> Edge:
    return parse_edge(parser) if parser.parse_optional_keyword("failed") else ENDED
