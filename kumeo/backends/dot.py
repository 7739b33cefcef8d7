"""`-t dot`: the operations of a module and the values between them, for Graphviz.

Each op is a node, each use of a value an arrow, each op with regions a box around what is inside.
It shows the IR as it is, for people who write passes; `kumeo graph` draws the workflow.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, ClassVar

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp, StringAttr, SymbolRefAttr
from xdsl.ir import Attribute, Block, Operation
from xdsl.utils.target import Target

from kumeo.analysis.levels import EVERY_LEVEL

_MAX_LABEL = 60


@dataclass(frozen=True)
class DotTarget(Target):
    """The operations of a module and the values between them, for Graphviz."""

    name = "dot"
    LEVELS: ClassVar[tuple[str, ...]] = EVERY_LEVEL

    def emit(self, ctx: Context, module: ModuleOp, output: IO[str]) -> None:
        """Write the module as one directed graph."""
        ids = {op: f"n{i}" for i, op in enumerate(module.walk())}
        lines = [
            "digraph module {",
            '  node [shape=box, fontname="monospace"];',
            *_body(module, ids, "  "),
            *_arrows(module, ids),
            "}",
        ]
        output.write("\n".join(lines) + "\n")


def _body(parent: Operation, ids: dict[Operation, str], margin: str) -> Iterator[str]:
    for block in [block for region in parent.regions for block in region.blocks]:
        for op in block.ops:
            yield from _node(op, ids, margin)


def _node(op: Operation, ids: dict[Operation, str], margin: str) -> Iterator[str]:
    node = f"{margin}{ids[op]} [label={_label(op)}];"
    if not op.regions:
        yield node
        return
    yield f"{margin}subgraph cluster_{ids[op]} {{"
    yield f"  {node}"
    yield from _body(op, ids, margin + "  ")
    yield f"{margin}}}"


def _arrows(module: ModuleOp, ids: dict[Operation, str]) -> Iterator[str]:
    for op in module.walk():
        owners = [value.owner for value in op.operands]
        makers = [_maker(owner) for owner in owners]
        for maker in makers:
            if maker is not None:
                yield f"  {ids[maker]} -> {ids[op]};"


def _maker(owner: Operation | Block) -> Operation | None:
    """Return the op an arrow starts at; a block argument comes from the op around it."""
    return owner if isinstance(owner, Operation) else owner.parent_op()


def _label(op: Operation) -> str:
    """Return the op's name and its short texts, quoted for Graphviz."""
    words = [_word(attr) for attr in (*op.properties.values(), *op.attributes.values())]
    label = " ".join([op.name, *(word for word in words if word)])
    short = label if len(label) <= _MAX_LABEL else label[: _MAX_LABEL - 1] + "…"
    return json.dumps(short, ensure_ascii=False)


def _word(attr: Attribute) -> str:
    match attr:
        case StringAttr():
            return attr.data
        case SymbolRefAttr():
            return f"@{attr.root_reference.data}"
        case _:
            return ""
