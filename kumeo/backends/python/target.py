"""`-t python`: the text files of the package of a workflow, one after the other.

# ==== fraud_detection/services/source.py
"""

from dataclasses import dataclass
from typing import IO, ClassVar

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.utils.target import Target

from kumeo import __version__
from kumeo.analysis.places import point_of
from kumeo.backends.python.plan import Origin, plan_package
from kumeo.backends.python.render import render


@dataclass(frozen=True)
class PythonTarget(Target):
    """A Python package that runs the workflow on NATS."""

    name = "python"
    LEVELS: ClassVar[tuple[str, ...]] = ("messaging",)

    def emit(self, ctx: Context, module: ModuleOp, output: IO[str]) -> None:
        """Write each file below a line with its path."""
        place = next((found for found in map(point_of, module.walk()) if found), None)
        origin = Origin("a module" if place is None else place.path, __version__)
        for path, text in render(plan_package(module, None, origin)).items():
            output.write(f"# ==== {path}\n{text}")
