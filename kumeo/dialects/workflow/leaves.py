"""Leaf ops of `workflow` bodies: calls of subworkflows, config values, the clock and emits."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from xdsl.dialects.builtin import StringAttr, SymbolRefAttr
from xdsl.ir import Attribute, Operation, SSAValue
from xdsl.irdl import (
    irdl_op_definition,
    operand_def,
    prop_def,
    result_def,
    traits_def,
    var_operand_def,
    var_result_def,
)
from xdsl.parser import Parser
from xdsl.printer import Printer
from xdsl.traits import (
    MemoryReadEffect,
)
from xdsl.utils.exceptions import VerifyException

from kumeo.dialects.base import KumeoOp
from kumeo.dialects.data.types import TIME
from kumeo.dialects.facts import ACTS, READ, Facts
from kumeo.dialects.symbols import SymbolUser, Wanted
from kumeo.dialects.syntax import (
    parse_extras,
    parse_result_types,
    parse_symbol,
    parse_type_list,
    print_extras,
    print_symbol,
    print_type_list,
    print_values,
    symbol_ref,
)
from kumeo.dialects.workflow.declarations import ConfigOp
from kumeo.dialects.workflow.program import SubworkflowOp, check_types


@irdl_op_definition
class CallOp(SymbolUser):
    """Runs a subworkflow in this activation. Its emits get ids below this call's site.

    %r = workflow.call @score(%amount) site "score" : (f64) -> (f64)
    """

    name = "workflow.call"

    callee = prop_def(SymbolRefAttr)
    site_attr = prop_def(StringAttr, prop_name="site")
    arguments = var_operand_def()
    outputs = var_result_def()

    SYMBOLS: ClassVar[Mapping[str, tuple[Wanted, ...]]] = {"callee": (Wanted("subworkflow"),)}
    FACTS: ClassVar[Facts] = ACTS

    def __init__(
        self,
        callee: str,
        args: Sequence[SSAValue | Operation],
        result_types: Sequence[Attribute],
        site: str,
    ) -> None:
        super().__init__(
            operands=[list(args)],
            result_types=[list(result_types)],
            properties={"callee": symbol_ref(callee), "site": StringAttr(site)},
        )

    @property
    def site(self) -> str:
        """The stable name of this place in ids of messages and calls."""
        return self.site_attr.data

    @property
    def callee_name(self) -> str:
        """Name of the subworkflow."""
        return self.callee.string_value()

    def verify_symbols(self, declared: Mapping[str, Sequence[Operation]]) -> None:
        """Check arguments and results against the signature of the subworkflow."""
        callee = declared["callee"][0]
        if isinstance(callee, SubworkflowOp):
            wanted = callee.function_type
            check_types("passes", self.arguments.types, wanted.inputs.data, callee.symbol)
            check_types("expects", self.outputs.types, wanted.outputs.data, callee.symbol)

    def print(self, printer: Printer) -> None:
        """Print the custom form."""
        print_symbol(printer, self.callee_name)
        with printer.in_parens():
            printer.print_list(self.arguments, printer.print_ssa_value)
        printer.print_string(" site ")
        printer.print_string_literal(self.site)
        print_extras(printer, self)
        printer.print_string(" : ")
        print_type_list(printer, self.arguments.types)
        printer.print_string(" -> ")
        print_type_list(printer, self.outputs.types)

    @classmethod
    def parse(cls, parser: Parser) -> "CallOp":
        """Parse the custom form."""
        callee = parse_symbol(parser)
        operands = parser.parse_comma_separated_list(
            parser.Delimiter.PAREN, parser.parse_unresolved_operand
        )
        parser.parse_keyword("site")
        site = parser.parse_str_literal()
        extras = parse_extras(parser)
        parser.parse_punctuation(":")
        position = parser.pos
        inputs = parse_type_list(parser)
        results = parse_result_types(parser)
        op = cls(callee, parser.resolve_operands(operands, inputs, position), results, site)
        op.attributes |= extras
        return op


@irdl_op_definition
class ReadConfigOp(SymbolUser):
    """The value of a `workflow.config`, read once per activation.

    %limit = workflow.config_value @alert_at : f64
    """

    name = "workflow.config_value"

    config = prop_def(SymbolRefAttr)
    result = result_def()

    SYMBOLS: ClassVar[Mapping[str, tuple[Wanted, ...]]] = {"config": (Wanted("config value"),)}
    FACTS: ClassVar[Facts] = READ
    RESULTS_NEVER_FAIL: ClassVar[bool] = True
    READ_ONCE: ClassVar[bool] = True
    traits = traits_def(MemoryReadEffect())

    def __init__(self, name: str, type: Attribute) -> None:
        super().__init__(result_types=[type], properties={"config": symbol_ref(name)})

    @property
    def config_name(self) -> str:
        """Name of the config value."""
        return self.config.string_value()

    def verify_symbols(self, declared: Mapping[str, Sequence[Operation]]) -> None:
        """Check the type against the declaration."""
        config = declared["config"][0]
        if isinstance(config, ConfigOp) and config.type != self.result.type:
            raise VerifyException(f"gives {self.result.type}, but the value is a {config.type}")

    def print(self, printer: Printer) -> None:
        """Print the custom form."""
        print_symbol(printer, self.config_name)
        print_extras(printer, self)
        printer.print_string(" : ")
        printer.print_attribute(self.result.type)

    @classmethod
    def parse(cls, parser: Parser) -> "ReadConfigOp":
        """Parse the custom form."""
        name = parse_symbol(parser)
        extras = parse_extras(parser)
        parser.parse_punctuation(":")
        op = cls(name, parser.parse_type())
        op.attributes |= extras
        return op


@irdl_op_definition
class NowOp(KumeoOp):
    """The time of this activation; the same at every place of one activation.

    %now = workflow.now
    """

    name = "workflow.now"

    result = result_def(TIME)

    FACTS: ClassVar[Facts] = READ
    RESULTS_NEVER_FAIL: ClassVar[bool] = True
    READ_ONCE: ClassVar[bool] = True
    traits = traits_def(MemoryReadEffect())

    def __init__(self) -> None:
        super().__init__(result_types=[TIME])

    def print(self, printer: Printer) -> None:
        """Print the custom form."""
        print_extras(printer, self)

    @classmethod
    def parse(cls, parser: Parser) -> "NowOp":
        """Parse the custom form."""
        op = cls()
        op.attributes |= parse_extras(parser)
        return op


@irdl_op_definition
class EmitOp(SymbolUser):
    """Sends a value to a target. `site` names this place in message ids.

    workflow.emit %alert : !alert to @alerts site "alerts"
    """

    name = "workflow.emit"

    value = operand_def()
    target = prop_def(SymbolRefAttr)
    site_attr = prop_def(StringAttr, prop_name="site")

    SYMBOLS: ClassVar[Mapping[str, tuple[Wanted, ...]]] = {"target": (Wanted("target"),)}

    FACTS: ClassVar[Facts] = ACTS

    def __init__(self, value: SSAValue | Operation, target: str, site: str) -> None:
        super().__init__(
            operands=[value],
            properties={"target": symbol_ref(target), "site": StringAttr(site)},
        )

    @property
    def site(self) -> str:
        """The stable name of this place in ids of messages and calls."""
        return self.site_attr.data

    @property
    def target_name(self) -> str:
        """Name of the target."""
        return self.target.string_value()

    def print(self, printer: Printer) -> None:
        """Print the custom form."""
        print_values(printer, [self.value])
        printer.print_string(" to")
        print_symbol(printer, self.target_name)
        printer.print_string(" site ")
        printer.print_string_literal(self.site)
        print_extras(printer, self)

    @classmethod
    def parse(cls, parser: Parser) -> "EmitOp":
        """Parse the custom form."""
        operand = parser.parse_unresolved_operand()
        parser.parse_punctuation(":")
        value = parser.resolve_operand(operand, parser.parse_type())
        parser.parse_keyword("to")
        target = parse_symbol(parser)
        parser.parse_keyword("site")
        op = cls(value, target, parser.parse_str_literal())
        op.attributes |= parse_extras(parser)
        return op
