"""An ONNX graph that grows: unique names, constants once, the same bytes for the same calls.

The versions are pinned here. What is written is read by ONNX Runtime from 1.18 on.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, TensorProto, ValueInfoProto, helper, numpy_helper

OPSET, ML_OPSET, IR_VERSION = 21, 3, 10
ML = "ai.onnx.ml"
BATCH = "batch"
"""Name of the dimension that counts events."""
TYPES: Mapping[str, int] = {
    "float64": TensorProto.DOUBLE,
    "float32": TensorProto.FLOAT,
    "int64": TensorProto.INT64,
    "bool": TensorProto.BOOL,
}
Array = NDArray[Any]


class Spec(NamedTuple):
    """The type of a tensor: NumPy name of its elements; None is the batch dimension."""

    dtype: str
    shape: tuple[int | None, ...]


class Origin(NamedTuple):
    """Where a node comes from: the agent before its name, the line of the workflow."""

    agent: str
    line: str = ""


@dataclass
class GraphBuilder:
    """Collects the parts of one graph."""

    name: str
    doc: str = ""
    _nodes: list[NodeProto] = field(default_factory=list[NodeProto])
    _inputs: list[ValueInfoProto] = field(default_factory=list[ValueInfoProto])
    _outputs: list[ValueInfoProto] = field(default_factory=list[ValueInfoProto])
    _constants: dict[tuple[str, tuple[int, ...], bytes], TensorProto] = field(
        default_factory=dict[tuple[str, tuple[int, ...], bytes], TensorProto]
    )
    _taken: set[str] = field(default_factory=set[str])
    _next: dict[str, int] = field(default_factory=dict[str, int])

    def fresh(self, wanted: str) -> str:
        """Return a name that no value or node has: the wanted one if it is free."""
        stem = re.sub(r"[^\w./-]+", "_", wanted) or "value"
        name, number = stem, self._next.get(stem, 1)
        while name in self._taken:
            number += 1
            name = f"{stem}_{number}"
        self._next[stem] = number
        self._taken.add(name)
        return name

    def reserve(self, name: str) -> None:
        """Keep a name for an input or output, which is called exactly so."""
        self._taken.add(name)

    def input(self, name: str, spec: Spec) -> None:
        """Add an input under a reserved name."""
        self._inputs.append(_value_info(name, spec))

    def output(self, name: str, spec: Spec) -> None:
        """Add an output: the value with this name."""
        self._outputs.append(_value_info(name, spec))

    def constant(self, value: Array, hint: str = "table") -> str:
        """Return the name of a constant; equal ones are kept once."""
        array = np.ascontiguousarray(value)
        key = (array.dtype.name, value.shape, array.tobytes())
        if key not in self._constants:
            made = numpy_helper.from_array(array.reshape(value.shape), self.fresh(hint))
            self._constants[key] = made
        return self._constants[key].name

    def node(
        self,
        kind: str,
        inputs: Sequence[str],
        outputs: Sequence[str],
        origin: Origin,
        *,
        domain: str = "",
        **attributes: Any,
    ) -> None:
        """Add a node; it is named after its agent and its first output."""
        label = self.fresh(f"{origin.agent}/{kind.lower()}_{outputs[0].rpartition('/')[2]}")
        made = helper.make_node(kind, inputs, outputs, label, origin.line or None, domain)
        made.attribute.extend(
            helper.make_attribute(key, value) for key, value in sorted(attributes.items())
        )
        self._nodes.append(made)

    def add(self, node: NodeProto) -> None:
        """Add a node of an imported graph; its names are free here."""
        self._nodes.append(node)

    def keep(self, tensor: TensorProto) -> None:
        """Add a constant of an imported graph; its name is free here."""
        self._constants[("", (), tensor.name.encode())] = tensor

    def model(self, notes: Mapping[str, str]) -> ModelProto:
        """Return the whole model, without what no output needs."""
        nodes, needed = self._needed()
        graph = helper.make_graph(
            nodes,
            self.name,
            self._inputs,
            self._outputs,
            [each for each in self._constants.values() if each.name in needed],
            doc_string=self.doc or None,
        )
        opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(ML, ML_OPSET)]
        model = helper.make_model(
            graph, opset_imports=opsets, ir_version=IR_VERSION, producer_name="kumeo"
        )
        for key in sorted(notes):
            model.metadata_props.add(key=key, value=notes[key])
        return model

    def _needed(self) -> tuple[list[NodeProto], set[str]]:
        """Return the nodes that an output needs, in order, and the values."""
        needed = {output.name for output in self._outputs}
        kept: list[NodeProto] = []
        for node in reversed(self._nodes):
            if needed.isdisjoint(node.output):
                continue
            kept.append(node)
            needed.update(node.input)
        return kept[::-1], needed


def _value_info(name: str, spec: Spec) -> ValueInfoProto:
    shape = [BATCH if size is None else size for size in spec.shape]
    return helper.make_tensor_value_info(name, TYPES[spec.dtype], shape)
