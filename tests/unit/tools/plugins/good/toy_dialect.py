"""A plug-in as another package would write it: one dialect, passes that work and that fail."""

from dataclasses import dataclass
from typing import IO, ClassVar

from xdsl.context import Context
from xdsl.dialects.arith import ConstantOp
from xdsl.dialects.builtin import IntegerAttr, ModuleOp, i64
from xdsl.ir import Dialect, Operation
from xdsl.irdl import IRDLOperation, irdl_op_definition, prop_def, result_def
from xdsl.parser import Parser
from xdsl.passes import ModulePass
from xdsl.printer import Printer
from xdsl.rewriter import InsertPoint, Rewriter
from xdsl.universe import Universe
from xdsl.utils.exceptions import PassFailedException
from xdsl.utils.target import Target

from kumeo.analysis.levels import set_level
from kumeo.passes.base import OpPass


@irdl_op_definition
class NumberOp(IRDLOperation):
    """`%n = toy.number 5`"""

    name = "toy.number"
    value = prop_def(IntegerAttr)
    result = result_def(i64)
    assembly_format = "$value attr-dict"


@irdl_op_definition
class LossyOp(IRDLOperation):
    """An op whose text leaves out its number, so that it cannot be read back."""

    name = "toy.lossy"
    value = prop_def(IntegerAttr)

    @classmethod
    def parse(cls, parser: Parser) -> "LossyOp":
        """Read nothing."""
        return cls.create(properties={"value": IntegerAttr(0, i64)})

    def print(self, printer: Printer) -> None:
        """Print nothing."""


TOY = Dialect("toy", [NumberOp, LossyOp], [])


@dataclass(frozen=True)
class LowerToyPass(OpPass):
    """Turn toy numbers into constants."""

    name = "lower-toy"

    limit: int = 100
    """Numbers above this stay."""

    def apply_to(self, ctx: Context, root: Operation) -> None:
        """Lower the numbers inside `root`."""
        for op in [op for op in root.walk() if isinstance(op, NumberOp)]:
            if op.value.value.data > self.limit:
                self.remark(op, "the number is too large")
                continue
            Rewriter.replace_op(op, ConstantOp(op.value))
            self.count("numbers lowered")


@dataclass(frozen=True)
class ToyCrashPass(ModulePass):
    """Raise an exception that nobody expects."""

    name = "toy-crash"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        """Crash."""
        raise KeyError("toy")


@dataclass(frozen=True)
class ToyRefusePass(ModulePass):
    """Refuse every module."""

    name = "toy-refuse"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        """Refuse."""
        raise PassFailedException("there is no toy here")


@dataclass(frozen=True)
class ToyBreakPass(ModulePass):
    """Add a constant whose type does not fit its value."""

    name = "toy-break"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        """Break the module."""
        constant = ConstantOp(IntegerAttr(1, i64))
        constant.properties["value"] = IntegerAttr(1, 8)
        Rewriter.insert_op(constant, InsertPoint.at_start(op.body.block))


@dataclass(frozen=True)
class ToyServicesTarget(Target):
    """The number of ops at the top of a module that is cut into stages."""

    name = "toy-services"
    LEVELS: ClassVar[tuple[str, ...]] = ("stages",)

    def emit(self, ctx: Context, module: ModuleOp, output: IO[str]) -> None:
        """Write the number."""
        output.write(f"{len(module.body.block.ops)} ops\n")


@dataclass(frozen=True)
class ToyRaisePass(ModulePass):
    """Change the level of a module, and do not declare it."""

    name = "toy-raise"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        """Name another level."""
        set_level(op, "workflow")


UNIVERSE = Universe(
    all_dialects={"toy": lambda: TOY},
    all_passes={
        "lower-toy": lambda: LowerToyPass,
        "toy-break": lambda: ToyBreakPass,
        "toy-crash": lambda: ToyCrashPass,
        "toy-raise": lambda: ToyRaisePass,
        "toy-refuse": lambda: ToyRefusePass,
    },
    all_targets={"toy-services": lambda: ToyServicesTarget},
)
