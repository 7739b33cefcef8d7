"""Ops with the meaning of whole agents: networks, trees, linear models, rules, scores.

Lowering passes turn them into the other ops of the dialect, or they become one operator of ONNX.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, cast

from xdsl.dialects.builtin import (
    ArrayAttr,
    DenseArrayBase,
    DenseIntOrFPElementsAttr,
    IntegerAttr,
    StringAttr,
    SymbolRefAttr,
    f64,
    i1,
    i64,
)
from xdsl.ir import Attribute
from xdsl.irdl import irdl_op_definition, opt_prop_def, prop_def, traits_def
from xdsl.traits import IsTerminator
from xdsl.utils.exceptions import VerifyException

from kumeo.dialects.base import KumeoOp
from kumeo.dialects.infer.base import InferOpBase, ModelUser, Value, text
from kumeo.dialects.infer.shapes import integers, integers_of
from kumeo.dialects.infer.tensors import (
    BATCH,
    batched,
    element_of,
    fault_of,
    is_float,
    shape_of,
    type_of,
)
from kumeo.dialects.settings import string_array, strings_of
from kumeo.dialects.symbols import Wanted

SCORES = ("weighted_sum", "weighted_product", "topsis")
TREE_MODES = ("leq", "lt")


def require(holds: bool, otherwise: str) -> None:
    """Raise a verifier error unless the condition holds."""
    if not holds:
        raise VerifyException(otherwise)


@irdl_op_definition
class BayesOp(ModelUser):
    """The exact distribution of a variable of a network, given evidence.

    Evidence is the index of a state. The variables in `optional` may be missing: index -1. Any
    other index that is outside takes the nearest end, as in `infer.gather`. The second result says
    whether the evidence is possible; where it is not, the first is zero.

    %p, %ok = infer.bayes @risk (%n) names ["Night"] query "Fraud" states 2 : i64
      : (tensor<?xi64>) -> (tensor<?x2xf64>, tensor<?xi1>)
    """

    name = "infer.bayes"
    network = prop_def(SymbolRefAttr)
    names = prop_def(ArrayAttr[StringAttr])
    query = prop_def(StringAttr)
    states = prop_def(IntegerAttr)
    optional = opt_prop_def(ArrayAttr[StringAttr])

    SYMBOL: ClassVar[str | None] = "network"
    CLAUSES: ClassVar[tuple[str, ...]] = ("names", "query", "states", "optional")
    SYMBOLS: ClassVar[Mapping[str, tuple[Wanted, ...]]] = {
        "network": (Wanted("model", ("bayesian",)), Wanted("context", ("bayesian",)))
    }

    def __init__(
        self,
        network: str,
        evidence: Sequence[Value],
        names: Sequence[str],
        query: str,
        states: int,
        optional: Sequence[str] = (),
    ) -> None:
        properties: dict[str, Attribute | None] = {
            "network": SymbolRefAttr(network),
            "names": string_array(names),
            "query": StringAttr(query),
            "states": IntegerAttr(states, i64),
            "optional": string_array(optional) if optional else None,
        }
        self.fill(evidence, properties)

    @classmethod
    def infer_types(
        cls, inputs: Sequence[Attribute], properties: Mapping[str, Attribute]
    ) -> list[Attribute]:
        """Return one probability for each state, and whether the evidence is possible."""
        names = strings_of(properties.get("names"))
        require(len(names) == len(inputs), "each piece of evidence needs a name")
        require(len(set(names)) == len(names), "a variable is given twice")
        query = text(properties.get("query"))
        require(query not in names, f"`{query}` is both evidence and asked for")
        unknown = sorted(set(strings_of(properties.get("optional"))) - set(names))
        require(not unknown, f"`{', '.join(unknown)}` is optional but not given")
        require(all(kind == batched(i64) for kind in inputs), "evidence is tensor<?xi64>")
        states = properties.get("states")
        count = states.value.data if isinstance(states, IntegerAttr) else 0
        require(count > 0, "the number of states is positive")
        return [batched(f64, count), batched(i1)]


@irdl_op_definition
class TreesOp(InferOpBase):
    """The sum of the leaves that a row reaches in each tree, and `base`.

    Node i sends a row to `true_child[i]` when `x[feature[i]] <= threshold[i]` (mode "leq") or `<`
    ("lt"), else to `false_child[i]`; NaN goes to `true_child` where `missing_true[i]` is 1. A leaf
    has children -1, and row i of `values`. Comparisons are made in the element type of the operand.
    """

    name = "infer.trees"
    mode = prop_def(StringAttr)
    roots = prop_def(DenseArrayBase)
    feature = prop_def(DenseArrayBase)
    threshold = prop_def(DenseArrayBase)
    true_child = prop_def(DenseArrayBase)
    false_child = prop_def(DenseArrayBase)
    missing_true = prop_def(DenseArrayBase)
    values = prop_def(DenseIntOrFPElementsAttr)
    base = prop_def(DenseArrayBase)

    ARITY: ClassVar[int | None] = 1
    CLAUSES: ClassVar[tuple[str, ...]] = (
        *("mode", "roots", "feature", "threshold", "true_child", "false_child"),
        *("missing_true", "values", "base"),
    )

    def __init__(
        self,
        features: Value,
        *,
        roots: Sequence[int],
        feature: Sequence[int],
        threshold: Sequence[float],
        true_child: Sequence[int],
        false_child: Sequence[int],
        missing_true: Sequence[int],
        values: DenseIntOrFPElementsAttr[Any],
        base: Sequence[float],
        mode: str = "leq",
    ) -> None:
        properties: dict[str, Attribute | None] = {
            "mode": StringAttr(mode),
            "roots": integers(roots),
            "feature": integers(feature),
            "threshold": floats(threshold),
            "true_child": integers(true_child),
            "false_child": integers(false_child),
            "missing_true": integers([int(flag) for flag in missing_true]),
            "values": values,
            "base": floats(base),
        }
        self.fill([features], properties)

    @classmethod
    def infer_types(
        cls, inputs: Sequence[Attribute], properties: Mapping[str, Attribute]
    ) -> list[Attribute]:
        """Return one number for each column of `values`."""
        element, width = _matrix(inputs[0])
        require(text(properties.get("mode")) in TREE_MODES, 'the mode is "leq" or "lt"')
        parts = ("feature", "true_child", "false_child", "missing_true")
        arrays = {name: integers_of(properties.get(name)) for name in parts}
        nodes = len(arrays["feature"])
        same = all(len(array) == nodes for array in arrays.values())
        require(same and len(floats_of(properties.get("threshold"))) == nodes, "nodes lack parts")
        _check_nodes(arrays, integers_of(properties.get("roots")), width)
        leaves = type_of(properties.get("values"))
        require(is_float(element_of(leaves)), "`values` are f32 or f64")
        shape = shape_of(leaves)
        require(len(shape) == 2 and shape[0] == nodes, "`values` has one row for each node")
        base = floats_of(properties.get("base"))
        require(len(base) == shape[1], "`base` has one number for each column of `values`")
        return [batched(element, shape[1])]


def _check_nodes(arrays: Mapping[str, Sequence[int]], roots: Sequence[int], width: int) -> None:
    """Check that every walk ends: children stand after their parents."""
    nodes = len(arrays["feature"])
    require(bool(roots) and all(0 <= root < nodes for root in roots), "a root is no node")
    pairs = zip(arrays["true_child"], arrays["false_child"], strict=True)
    for node, (yes, no) in enumerate(pairs):
        if yes == no == -1:
            continue
        require(
            node < yes < nodes and node < no < nodes, f"a child of node {node} is no later node"
        )
        inside = 0 <= arrays["feature"][node] < width
        require(inside, f"node {node} reads a feature outside of {width}")


@irdl_op_definition
class LinearOp(InferOpBase):
    """x · weights + bias.

    %y = infer.linear (%x) weights dense<…> : tensor<3x1xf64> bias dense<0.5> : tensor<1xf64>
      : (tensor<?x3xf64>) -> (tensor<?x1xf64>)
    """

    name = "infer.linear"
    weights = prop_def(DenseIntOrFPElementsAttr)
    bias = prop_def(DenseIntOrFPElementsAttr)
    CLAUSES: ClassVar[tuple[str, ...]] = ("weights", "bias")
    ARITY: ClassVar[int | None] = 1

    def __init__(
        self,
        features: Value,
        weights: DenseIntOrFPElementsAttr[Any],
        bias: DenseIntOrFPElementsAttr[Any],
    ) -> None:
        self.fill([features], {"weights": weights, "bias": bias})

    @classmethod
    def infer_types(
        cls, inputs: Sequence[Attribute], properties: Mapping[str, Attribute]
    ) -> list[Attribute]:
        """Return one number for each column of the weights."""
        element, width = _matrix(inputs[0])
        shapes: list[tuple[int, ...]] = []
        for name in ("weights", "bias"):
            kind = type_of(properties.get(name))
            require(element_of(kind) == element, f"`{name}` is a tensor of {element}")
            shapes.append(shape_of(kind))
        weights, bias = shapes
        fits = len(weights) == 2 and weights[0] == width and bias == weights[1:]
        require(fits, f"weights are {width}xN, and the bias has N numbers")
        return [batched(element, weights[1])]


@irdl_op_definition
class OnnxOp(ModelUser):
    """Runs a model file of the workflow whose inside is not looked at.

    Operands are the inputs of the file by order; results are its outputs, their types as the file
    says.
    """

    name = "infer.onnx"
    model = prop_def(SymbolRefAttr)
    SYMBOL: ClassVar[str | None] = "model"
    SYMBOLS: ClassVar[Mapping[str, tuple[Wanted, ...]]] = {
        "model": (Wanted("model", ("onnx", "sklearn")),)
    }

    def __init__(self, model: str, inputs: Sequence[Value], types: Sequence[Attribute]) -> None:
        KumeoOp.__init__(
            self,
            operands=[list(inputs)],
            result_types=[list(types)],
            properties={"model": SymbolRefAttr(model)},
        )

    def verify_(self) -> None:
        """Check what can be known without the file: every value has a batch, in front."""
        require(bool(self.inputs) and bool(self.results), "a model has inputs and outputs")
        for value in (*self.inputs, *self.results):
            fault = fault_of(value.type)
            require(fault is None, fault or "")
            require(_is_batched(value.type), f"{value.type} is no tensor with the batch in front")


@irdl_op_definition
class RulesOp(InferOpBase):
    """The index of the first condition that holds, or -1."""

    name = "infer.rules"

    def __init__(self, conditions: Sequence[Value]) -> None:
        self.fill(conditions, {})

    @classmethod
    def infer_types(
        cls, inputs: Sequence[Attribute], properties: Mapping[str, Attribute]
    ) -> list[Attribute]:
        """Return one index for each row."""
        require(bool(inputs), "decides by nothing")
        require(all(kind == batched(i1) for kind in inputs), "a condition is tensor<?xi1>")
        return [batched(i64)]


@irdl_op_definition
class ScoreOp(InferOpBase):
    """The score of weighted criteria: `weighted_sum`, `weighted_product` or `topsis`.

    With one number per criterion the score is one number. With `topsis` and M alternatives in each
    criterion it is the closeness of each alternative to the ideal; equal alternatives have 0.5.
    Where `agent.decide` would fail, as for a product of negative criteria, it is not finite.
    """

    name = "infer.score"
    method = prop_def(StringAttr)
    weights = prop_def(DenseArrayBase)
    CLAUSES: ClassVar[tuple[str, ...]] = ("method", "weights")

    def __init__(self, method: str, criteria: Sequence[Value], weights: Sequence[float]) -> None:
        self.fill(criteria, {"method": StringAttr(method), "weights": floats(weights)})

    @classmethod
    def infer_types(
        cls, inputs: Sequence[Attribute], properties: Mapping[str, Attribute]
    ) -> list[Attribute]:
        """Return the type of the criteria."""
        method = text(properties.get("method"))
        require(method in SCORES, f"unknown method `{method}`: write one of {', '.join(SCORES)}")
        weights = floats_of(properties.get("weights"))
        require(bool(inputs) and len(weights) == len(inputs), "each criterion has a weight")
        positive = all(0.0 <= weight < math.inf for weight in weights) and sum(weights) > 0.0
        require(positive, "weights are positive numbers")
        shape = shape_of(inputs[0])
        one = inputs[0] == batched(f64)
        several = len(shape) == 2 and inputs[0] == batched(f64, shape[1]) and method == "topsis"
        require(one or several, "a criterion is tensor<?xf64>, or tensor<?xMxf64> for topsis")
        require(all(kind == inputs[0] for kind in inputs), "criteria have different types")
        return [inputs[0]]


@irdl_op_definition
class YieldOp(InferOpBase):
    """Ends the region of `agent.infer`: one tensor for each field of its record, in order."""

    name = "infer.yield"
    traits = traits_def(IsTerminator())

    def __init__(self, values: Sequence[Value]) -> None:
        self.fill(values, {})

    @classmethod
    def infer_types(
        cls, inputs: Sequence[Attribute], properties: Mapping[str, Attribute]
    ) -> list[Attribute]:
        """Return nothing."""
        require(all(_is_batched(kind) for kind in inputs), "yields tensors, the batch in front")
        return []


def floats(values: Sequence[float]) -> DenseArrayBase[Any]:
    """Return a list of floats as an attribute."""
    return DenseArrayBase.from_list(f64, [float(value) for value in values])


def floats_of(value: Attribute | None) -> tuple[float, ...]:
    """Return the floats of an attribute. Raises: VerifyException."""
    if not isinstance(value, DenseArrayBase):
        raise VerifyException("a list of f64 is missing")
    values = cast(Sequence[Any], value.get_values())
    require(all(isinstance(number, float) for number in values), "a list of f64 is missing")
    return tuple(values)


def _matrix(kind: Attribute) -> tuple[Attribute, int]:
    """Return the element type and the width of a batch of rows. Raises: VerifyException."""
    shape = shape_of(kind)
    fits = len(shape) == 2 and shape[0] == BATCH and shape[1] > 0 and is_float(element_of(kind))
    require(fits, f"the features are tensor<?xFxf32> or f64, not {kind}")
    return element_of(kind), shape[1]


def _is_batched(kind: Attribute) -> bool:
    shape = shape_of(kind)
    return bool(shape) and shape[0] == BATCH
