"""Opens ONNX files for compilation: checked, with pinned versions, ready to be put into one graph.

On exit of `open_graph` a model passes `onnx.checker`, holds plain tensors only, and is written for
operator set 21 (and 3 of `ai.onnx.ml`). `inline` gives its parts under new names, so that the
graphs of several models fit into one.

`onnx.version_converter` may stop half-way without a word, so its result is looked at; and where no
operator changed between two versions, the number alone is changed, which is exact.
"""

from collections.abc import Iterable, Mapping, MutableSequence
from dataclasses import dataclass
from typing import Any

import onnx
from onnx import ModelProto, NodeProto, TensorProto, version_converter

from kumeo.frontend.errors.files import CorruptModel
from kumeo.frontend.signatures.onnx import read_message
from kumeo.frontend.signatures.onnx_memory import check_memory
from kumeo.frontend.signatures.report import FileReport, ReadError
from kumeo.models.faults import BadModelError

OPSET, ML_OPSET = 21, 3
ML = "ai.onnx.ml"
STANDARD = ("", "ai.onnx")

_NO_TENSORS = (
    *("CastMap", "DictVectorizer", "Optional", "OptionalGetElement", "OptionalHasElement"),
    *("SequenceAt", "SequenceConstruct", "SequenceEmpty", "SequenceErase", "SequenceInsert"),
    *("SequenceLength", "SplitToSequence", "ConcatFromSequence", "ZipMap"),
)
_TEXTS = ("CategoryMapper", "RegexFullMatch", "StringConcat", "StringNormalizer", "StringSplit")


@dataclass(frozen=True)
class Inlined:
    """The parts of a graph under names of their own; `outputs` are in the order of the model."""

    nodes: tuple[NodeProto, ...]
    initializers: tuple[TensorProto, ...]
    outputs: tuple[str, ...]


@dataclass(frozen=True)
class OpenGraph:
    """A model for one graph. `maps` has the keys of each output that the file gives as a map."""

    model: ModelProto
    maps: Mapping[str, tuple[str, ...]]


def open_graph(data: bytes) -> OpenGraph:
    """Return the model of a file, checked and in pinned versions. Raises: BadModelError."""
    report = FileReport(CorruptModel, "model.onnx", None)
    try:
        read_message(data, report)
        model = ModelProto()
        model.ParseFromString(data)
        check_memory(model, report)
    except ReadError:
        fault = report.found[0]
        is_unsafe = fault.code == "unsafe-model"
        raise BadModelError(_reason(fault), fix=fault.help(), is_unsafe=is_unsafe) from None
    maps = _unzip(model)
    _check_tensors(model)
    model = to_opset(model)
    checker: Any = onnx.checker
    try:
        checker.check_model(model)
    except onnx.checker.ValidationError as error:
        raise BadModelError(f"it is not a valid model: {_first_line(error)}") from None
    return OpenGraph(model, maps)


def _reason(fault: object) -> str:
    return str(getattr(fault, "reason", "it cannot be read"))


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0][:160] if lines else type(error).__name__


# Maps and texts.


def _unzip(model: ModelProto) -> dict[str, tuple[str, ...]]:
    """Replace outputs that a `ZipMap` makes by the tensor inside; return their keys."""
    graph, found = model.graph, dict[str, tuple[str, ...]]()
    for node in [n for n in graph.node if n.op_type == "ZipMap" and n.domain == ML]:
        output = next((o for o in graph.output if o.name == node.output[0]), None)
        keys = _keys(node)
        if output is None or any(node.output[0] in other.input for other in graph.node):
            raise BadModelError("it works with maps, which are not compiled", unknown=True)
        found[output.name] = keys
        node.CopyFrom(
            onnx.helper.make_node("Identity", [node.input[0]], [output.name], node.name or None)
        )
        shape = ["N", len(keys)]
        output.CopyFrom(onnx.helper.make_tensor_value_info(output.name, TensorProto.FLOAT, shape))
    return found


def _keys(node: NodeProto) -> tuple[str, ...]:
    for attribute in node.attribute:
        if attribute.name == "classlabels_strings":
            return tuple(each.decode("utf-8", "replace") for each in attribute.strings)
        if attribute.name == "classlabels_int64s":
            return tuple(str(each) for each in attribute.ints)
    return ()


def _check_tensors(model: ModelProto) -> None:
    for node in model.graph.node:
        if node.op_type in _NO_TENSORS:
            reason = f"operator `{node.op_type}` works with maps, sequences or optional values"
            raise BadModelError(reason, fix="export the model with plain tensors", unknown=True)
        if node.op_type in _TEXTS:
            reason = f"operator `{node.op_type}` works with texts"
            raise BadModelError(reason, fix="export the model with numbers", unknown=True)
    if model.graph.sparse_initializer:
        raise BadModelError("it has sparse weights", fix="export dense weights", unknown=True)
    values = (*model.graph.input, *model.graph.output)
    if any(v.type.tensor_type.elem_type == TensorProto.STRING for v in values):
        fix = "export the index of the class instead of its name"
        raise BadModelError("it takes or gives texts", fix=fix, unknown=True)


# Versions.


def to_opset(model: ModelProto) -> ModelProto:
    """Return the model in operator set 21. Raises: BadModelError with `is_unknown`."""
    _check_ml(model)
    model = _standard(model, _version_of(model))
    result = ModelProto()
    result.CopyFrom(model)
    del result.opset_import[:]
    result.opset_import.extend(
        [onnx.helper.make_opsetid("", OPSET), onnx.helper.make_opsetid(ML, ML_OPSET)]
    )
    result.ir_version = 10
    return result


def _version_of(model: ModelProto) -> int:
    return next((each.version for each in model.opset_import if each.domain in STANDARD), 1)


def _check_ml(model: ModelProto) -> None:
    version = next((e.version for e in model.opset_import if e.domain == ML), ML_OPSET)
    for node in model.graph.node:
        if node.domain != ML:
            continue
        is_changed = node.op_type == "LabelEncoder" and version not in (2, 3)
        if is_changed or node.op_type == "TreeEnsemble" or version > 5:
            reason = f"`{node.op_type}` of ai.onnx.ml {version} cannot become version {ML_OPSET}"
            raise BadModelError(reason, fix=f"export with ai.onnx.ml {ML_OPSET}", unknown=True)


def _standard(model: ModelProto, version: int) -> ModelProto:
    """Return the model with its standard operators in set 21."""
    kinds = {node.op_type for node in model.graph.node if node.domain in STANDARD}
    if version == OPSET or all(_is_same(kind, version) for kind in kinds):
        return model
    fix = f"export the model with opset {OPSET}"
    try:
        converted = version_converter.convert_version(model, OPSET)
    except (RuntimeError, ValueError, onnx.checker.ValidationError) as error:
        reason = f"its opset {version} cannot become {OPSET}: {_first_line(error)}"
        raise BadModelError(reason, fix=fix, unknown=True) from None
    reached = _version_of(converted)
    if reached != OPSET:
        reason = f"its opset {version} cannot become {OPSET}: the converter stops at {reached}"
        raise BadModelError(reason, fix=fix, unknown=True)
    return converted


def _is_same(kind: str, version: int) -> bool:
    """Return whether an operator means the same in both sets."""
    try:
        old, new = (onnx.defs.get_schema(kind, v, "") for v in (version, OPSET))
    except onnx.defs.SchemaError:
        return False
    return old.since_version == new.since_version


# Names.


def inline(model: ModelProto, prefix: str, inputs: Mapping[str, str]) -> Inlined:
    """Return the parts of a graph with `prefix` before every name.

    `inputs` says which value of the outer graph each input is. Initializers that are also inputs
    count as constants.
    """
    graph = model.graph

    def renamed(name: str) -> str:
        return inputs.get(name, f"{prefix}{name}") if name else ""

    nodes: list[NodeProto] = []
    for i, node in enumerate(graph.node):
        copy = NodeProto()
        copy.CopyFrom(node)
        copy.name = f"{prefix}{node.name or f'{node.op_type.lower()}_{i}'}"
        _replace(copy.input, (renamed(name) for name in node.input))
        _replace(copy.output, (renamed(name) for name in node.output))
        nodes.append(copy)
    tensors: list[TensorProto] = []
    for tensor in graph.initializer:
        weight = TensorProto()
        weight.CopyFrom(tensor)
        weight.name = renamed(tensor.name)
        tensors.append(weight)
    return Inlined(tuple(nodes), tuple(tensors), tuple(renamed(o.name) for o in graph.output))


def _replace(field: MutableSequence[str], names: Iterable[str]) -> None:
    values = list(names)
    del field[:]
    field.extend(values)
