"""What the readers of outside files return: signatures of models, networks and decision tables."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from xdsl.ir import Attribute

from kumeo.diagnostics import Place


@dataclass(frozen=True)
class TensorSpec:
    """One input or output of a model.

    `element` is `float32`, `int64`, `string`, `bool` and so on; a sequence or map output is
    spelled `sequence(map(string,float32))` and has no shape. A dimension is a number, a name, or
    None when it is not known. `shape` is None when even the rank is not known.
    """

    name: str
    element: str
    shape: tuple[int | str | None, ...] | None


@dataclass(frozen=True)
class ModelSignature:
    """What a trained model reads and gives.

    `features` is the width of the only input when it is a matrix, else None. `result` is a record
    type of the `data` dialect. `feature_names` is empty unless the file names its features, and
    `classes` unless it is a classifier whose classes can be read.
    """

    kind: Literal["onnx", "sklearn"]
    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]
    features: int | None
    result: Attribute
    feature_names: tuple[str, ...] = ()
    classes: tuple[str | int | float | bool, ...] = ()


@dataclass(frozen=True)
class NetworkSignature:
    """A Bayesian network: states and parents of each variable, in the order of the file.

    `tables[v]` holds one row for each combination of parent states, the last parent changing
    fastest; each row holds one probability for each state of `v` and sums to 1.
    """

    variables: Mapping[str, tuple[str, ...]]
    parents: Mapping[str, tuple[str, ...]]
    tables: Mapping[str, tuple[tuple[float, ...], ...]]


class Cell(NamedTuple):
    """A text of a decision table at its place in the file."""

    text: str
    place: Place


class TableRule(NamedTuple):
    """One rule: a condition for each input, and what is decided when all of them hold.

    Each condition is the text of a boolean Kumeo expression, `true` when the cell is empty. Its
    place is the cell as written. `outcome` is the first outcome column, `outcomes` all of them.
    """

    name: str
    cells: tuple[Cell, ...]
    outcome: str
    outcomes: tuple[Cell, ...]


@dataclass(frozen=True)
class DecisionTable:
    """A decision table whose cells are expressions over the event.

    `outcomes` lists the decisions that rules make, in order and each once.
    """

    inputs: tuple[Cell, ...]
    outputs: tuple[str, ...]
    outcomes: tuple[str, ...]
    rules: tuple[TableRule, ...]
    hit_policy: Literal["first", "unique", "any", "collect"] = "first"
