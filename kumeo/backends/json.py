"""`-t json`: the structure of a module as JSON, for scripts that do not want to parse IR text.

    {"op": "arith.addi", "operands": ["%0", "%1"], "results": [{"name": "%2", "type": "i64"}], ...}

Values are named by their order in the module. Attributes and types are IR text.
"""

import json
from dataclasses import dataclass
from typing import IO, Any, ClassVar

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Block, Operation, SSAValue
from xdsl.utils.target import Target

from kumeo.analysis.levels import EVERY_LEVEL
from kumeo.analysis.places import point_of


@dataclass(frozen=True)
class JsonTarget(Target):
    """The structure of a module as JSON."""

    name = "json"
    LEVELS: ClassVar[tuple[str, ...]] = EVERY_LEVEL

    def emit(self, ctx: Context, module: ModuleOp, output: IO[str]) -> None:
        """Write the module as one JSON object."""
        text = json.dumps(_op(module, _number(module)), indent=2, ensure_ascii=False)
        output.write(text + "\n")


def _number(module: ModuleOp) -> dict[SSAValue, str]:
    values: list[SSAValue] = []
    for op in module.walk():
        values += op.results
        values += [arg for region in op.regions for block in region.blocks for arg in block.args]
    return {value: f"%{i}" for i, value in enumerate(values)}


def _op(op: Operation, names: dict[SSAValue, str]) -> dict[str, Any]:
    place = point_of(op)
    settings = {**op.properties, **op.attributes}
    return {
        "op": op.name,
        "operands": [names[value] for value in op.operands],
        "results": [_value(value, names) for value in op.results],
        "attributes": {key: str(attr) for key, attr in settings.items()},
        "place": None if place is None else place._asdict(),
        "regions": [[_block(b, names) for b in region.blocks] for region in op.regions],
    }


def _block(block: Block, names: dict[SSAValue, str]) -> dict[str, Any]:
    return {
        "arguments": [_value(argument, names) for argument in block.args],
        "ops": [_op(op, names) for op in block.ops],
    }


def _value(value: SSAValue, names: dict[SSAValue, str]) -> dict[str, str]:
    return {"name": names[value], "type": str(value.type)}
