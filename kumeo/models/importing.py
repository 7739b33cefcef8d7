"""The front door for passes and backends: from the bytes of a model file to ops of `infer`.

    model = import_model(data, "sklearn", "risk.skops")       # or a Diagnostic
    built = model.build(builder, "m", inputs, names, fields)  # ops at the place of the builder
    value = rebuild(builder, carried, built.fields["label"], wanted)

A scikit-learn model with rules of its own becomes trees, a matrix and elementary ops. Any other is
converted to ONNX, and stays one op. Nothing of the file is executed while it is read; a conversion
runs scikit-learn's own code on objects of trusted types.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from xdsl.builder import Builder
from xdsl.ir import Attribute, SSAValue

from kumeo.diagnostics import Diagnostic
from kumeo.dialects import data as data_ops
from kumeo.dialects.data import FLOAT, INT, MapType
from kumeo.dialects.data.constants import to_attribute
from kumeo.dialects.infer.tensors import shape_of
from kumeo.models.building import Built, BuiltField, build
from kumeo.models.faults import BadModelError
from kumeo.models.recipe import Recipe
from kumeo.models.sklearn_model import feature_names, lower
from kumeo.models.skops_state import read_state

if TYPE_CHECKING:
    from kumeo.models.onnx_model import GraphModel

Kind = Literal["onnx", "sklearn"]


@dataclass(frozen=True)
class ImportedModel:
    """A model that can be written as ops. `features` are its own names, if the file has them."""

    content: "Recipe | GraphModel"
    features: tuple[str, ...] = ()

    @property
    def is_opaque(self) -> bool:
        """Whether it stays one op `infer.onnx`."""
        return not isinstance(self.content, Recipe)

    def build(
        self,
        builder: Builder,
        symbol: str,
        inputs: Sequence[SSAValue],
        names: Sequence[str],
        fields: Sequence[str],
    ) -> Built:
        """Write the ops; `inputs` are the operands of the agent as tensors, called `names`.

        `fields` are those of the agent's result. A field that the model does not have is absent.
        Raises: BadModelError if the inputs do not fit the model.
        """
        if not isinstance(self.content, Recipe):
            return self.content.build(builder, symbol, inputs, names, fields)
        values = list(inputs)
        if self.features and sorted(self.features) == sorted(names):
            by_name = dict(zip(names, inputs, strict=True))
            values = [by_name[name] for name in self.features]
        width = sum(columns_of(value) for value in values)
        if width != self.content.features:
            raise BadModelError(f"it takes {self.content.features} features, not {width}")
        return build(self.content, builder, values, fields)


def columns_of(value: SSAValue) -> int:
    """Return how many features a tensor carries."""
    shape = shape_of(value.type)
    return shape[1] if len(shape) == 2 else 1


def import_model(data: bytes, kind: Kind, name: str) -> ImportedModel | Diagnostic:
    """Return the model of a file, or why it cannot be compiled."""
    try:
        if kind == "onnx":
            return ImportedModel(_graph(data, name))
        state = read_state(data)
        names = feature_names(state)
        try:
            return ImportedModel(lower(state), names)
        except BadModelError as fault:
            if not fault.is_unknown:
                raise
            return ImportedModel(_converted(data, fault, name), names)
    except BadModelError as fault:
        return fault.diagnostic(name)


def graph_of(data: bytes, kind: Kind, name: str) -> bytes | Diagnostic:
    """Return the ONNX file, checked and in pinned versions, that an `infer.onnx` stands for."""
    model = import_model(data, kind, name)
    if isinstance(model, Diagnostic):
        return model
    assert not isinstance(model.content, Recipe), "a model with a recipe is no `infer.onnx`"
    return model.content.graph


def rebuild(builder: Builder, carried: SSAValue, field: BuiltField, wanted: Attribute) -> SSAValue:
    """Write the data ops from a carried field to the type that the agent's result has there."""
    if field.keys and isinstance(wanted, MapType):
        places = [data_ops.ConstantOp(to_attribute(i, INT), INT) for i in range(len(field.keys))]
        shares = [
            builder.insert(data_ops.IndexOp(carried, builder.insert(place))).results[0]
            for place in places
        ]
        return builder.insert(data_ops.MapOp(field.keys, shares, FLOAT)).results[0]
    if carried.type == wanted:
        return carried
    return builder.insert(data_ops.CastOp(carried, wanted)).results[0]


def _graph(data: bytes, name: str) -> "GraphModel":
    from kumeo.models.onnx_model import open_model

    return open_model(data, name)


def _converted(data: bytes, fault: BadModelError, name: str) -> "GraphModel":
    from kumeo.models.sklearn_onnx import convert

    return convert(data, fault, name)
