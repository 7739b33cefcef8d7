"""`-t onnx`: the ONNX graphs of a module as text, one for each `agent.infer`."""

from dataclasses import dataclass
from typing import IO, ClassVar

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.utils.target import Target

from kumeo.analysis.levels import EVERY_LEVEL
from kumeo.dialects.agent import InferOp
from kumeo.passes.files import read_path


@dataclass(frozen=True)
class OnnxTarget(Target):
    """The graphs of the numeric programs, in readable form; `kumeo build` writes the files."""

    name = "onnx"
    LEVELS: ClassVar[tuple[str, ...]] = EVERY_LEVEL

    def emit(self, ctx: Context, module: ModuleOp, output: IO[str]) -> None:
        """Write the graph of each numeric program, in program order."""
        from kumeo.backends.onnx.build import infer_model
        from kumeo.backends.onnx.listing import list_model

        for op in module.walk():
            if isinstance(op, InferOp):
                output.write(list_model(infer_model(op, read_path)))
