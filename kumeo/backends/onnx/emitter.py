"""The body of an `agent.infer` as an ONNX graph: one op after the other, in the order they stand.

A value is called by its name in the IR, an output by its field. A node is called by the agent whose
work it is and by its result: `risk/gather_night`; its `doc_string` is the line of the workflow.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
from xdsl.dialects.builtin import StringAttr
from xdsl.ir import Attribute, Operation, SSAValue

from kumeo.analysis.places import point_of
from kumeo.backends.onnx.graph import GraphBuilder, Origin, Spec
from kumeo.backends.onnx.ranges import Ranges
from kumeo.diagnostics import Point
from kumeo.dialects.infer.tensors import BATCH, element_of, shape_of
from kumeo.models.emitting import dtype_of

ReadFile: TypeAlias = Callable[[str], bytes | None]


@dataclass
class Emitter:
    """Names of values while a graph grows."""

    graph: GraphBuilder
    site: str
    read_file: ReadFile
    agents: Mapping[Point, str]
    """The agents by the place where they are written: it tells which one an op works for."""
    names: dict[SSAValue, str] = field(default_factory=dict[SSAValue, str])
    wanted: dict[SSAValue, str] = field(default_factory=dict[SSAValue, str])
    """Values that are outputs, with the names of those."""
    ranges: Ranges = field(default_factory=Ranges)
    clipped: dict[tuple[SSAValue, int], str] = field(
        default_factory=dict[tuple[SSAValue, int], str]
    )
    """Indices that are known to be places of an axis of some length."""

    def of(self, value: SSAValue) -> str:
        """Return the name of a value."""
        return self.names[value]

    def inputs(self, op: Operation) -> list[str]:
        """Return the names of the operands."""
        return [self.names[value] for value in op.operands]

    def result(self, op: Operation, at: int = 0) -> str:
        """Return the name that a result gets."""
        value = op.results[at]
        name = self.wanted.get(value)
        if name is None:
            name = self.graph.fresh(value.name_hint or op.name.rpartition(".")[2])
        self.names[value] = name
        return name

    def temporary(self, op: Operation, what: str) -> str:
        """Return a name for something between the operands and the result of an op."""
        hint = op.results[0].name_hint or op.name.rpartition(".")[2]
        return self.graph.fresh(f"{hint}_{what}")

    def origin(self, op: Operation) -> Origin:
        """Return which agent an op works for, and where that is written."""
        agent, point = op.attributes.get("agent"), point_of(op)
        label = self.site if point is None else self.agents.get(point, self.site)
        label = agent.data if isinstance(agent, StringAttr) else label
        line = "" if point is None else f"{point.path}:{point.line}:{point.column}"
        return Origin(label, line)

    def node(
        self,
        op: Operation,
        kind: str,
        inputs: Sequence[str] | None = None,
        output: str | None = None,
        **attributes: Any,
    ) -> str:
        """Add a node for an op: of its operands, for its result, unless told otherwise."""
        name = self.result(op) if output is None else output
        given = self.inputs(op) if inputs is None else inputs
        self.graph.node(kind, given, [name], self.origin(op), **attributes)
        return name

    def integers(self, values: Sequence[int], hint: str) -> str:
        """Return a constant list of integers: axes, sizes."""
        return self.graph.constant(np.array(values, np.int64), hint)


def spec_of(kind: Attribute) -> Spec:
    """Return the type of a tensor."""
    shape = tuple(None if size == BATCH else size for size in shape_of(kind))
    return Spec(dtype_of(element_of(kind)), shape)


Emit: TypeAlias = Callable[[Any, Emitter], None]
Table: TypeAlias = Mapping[type[Operation], Emit]
