"""What the ops that stand for whole agents compute: row by row, in the plainest way."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray
from xdsl.ir import Operation

from kumeo.dialects import infer
from kumeo.dialects.data.failures import DataFailure
from kumeo.dialects.infer.models import floats_of
from kumeo.dialects.infer.shapes import integers_of
from kumeo.dialects.settings import strings_of
from kumeo.interp import decide
from kumeo.interp.bayes import ImpossibleEvidenceError, posterior
from kumeo.interp.features import library_call
from kumeo.interp.infer.run import Files
from kumeo.models.emitting import array_of
from kumeo.models.network import Network

Array: TypeAlias = NDArray[Any]
NAN = float("nan")


def _bayes(op: infer.BayesOp, given: Sequence[Array], files: Files) -> Sequence[Array]:
    network = files.network(op.network.string_value())
    names = strings_of(op.names)
    states = op.states.value.data
    count = len(given[0]) if given else 1
    answers = [
        _posterior(
            network,
            op.query.data,
            _evidence(op, names, [int(array[row]) for array in given]),
            states,
        )
        for row in range(count)
    ]
    possible = np.array([answer is not None for answer in answers])
    filled = [[0.0] * states if answer is None else answer for answer in answers]
    return [np.array(filled, np.float64), possible]


def _evidence(op: infer.BayesOp, names: Sequence[str], indices: Sequence[int]) -> Mapping[str, int]:
    """Return what is known: -1 is "not known" for the variables that may be missing."""
    optional = strings_of(op.optional)
    pairs = zip(names, indices, strict=True)
    return {name: index for name, index in pairs if index != -1 or name not in optional}


def _state(network: Network, name: str, index: int) -> str:
    """Return a state; an index outside takes the nearest end, as in `infer.gather`."""
    states = network.states[name]
    return states[min(max(index, 0), len(states) - 1)]


def _posterior(
    network: Network, query: str, indices: Mapping[str, int], states: int
) -> Sequence[float] | None:
    evidence = {name: _state(network, name, index) for name, index in indices.items()}
    try:
        return posterior(network, query, evidence)
    except ImpossibleEvidenceError:
        return None


def _trees(op: infer.TreesOp, given: Sequence[Array], files: Files) -> Sequence[Array]:
    features = given[0]
    values = array_of(op.values)
    feature = integers_of(op.feature)
    threshold = np.array(floats_of(op.threshold)).astype(features.dtype)
    yes, no = integers_of(op.true_child), integers_of(op.false_child)
    missing = integers_of(op.missing_true)
    goes = np.less_equal if op.mode.data == "leq" else np.less
    result = np.tile(np.array(floats_of(op.base), np.float64), (len(features), 1))
    for row, x in enumerate(features):
        for root in integers_of(op.roots):
            node = root
            while yes[node] >= 0:
                number = x[feature[node]]
                left = bool(missing[node]) if np.isnan(number) else goes(number, threshold[node])
                node = yes[node] if left else no[node]
            result[row] += values[node]
    return [result]


def _linear(op: infer.LinearOp, given: Sequence[Array], files: Files) -> Sequence[Array]:
    features = given[0]
    weights, bias = array_of(op.weights), array_of(op.bias)
    return [features @ weights.astype(features.dtype) + bias.astype(features.dtype)]


def _onnx(op: infer.OnnxOp, given: Sequence[Array], files: Files) -> Sequence[Array]:
    session = files.onnx(op.model.string_value())
    names = [each.name for each in session.get_inputs()]
    if len(names) != len(given):
        raise DataFailure("model-failed", f"the model has {len(names)} inputs, not {len(given)}")
    with library_call():
        found = cast(list[Array], session.run(None, dict(zip(names, given, strict=True))))
    if len(found) != len(op.results):
        text = f"the model has {len(found)} outputs, not {len(op.results)}"
        raise DataFailure("model-failed", text)
    return found


def _rules(op: infer.RulesOp, given: Sequence[Array], files: Files) -> Sequence[Array]:
    held = np.stack([np.asarray(condition, np.bool_) for condition in given])
    return [np.where(held.any(axis=0), held.argmax(axis=0), -1)]


def _score(op: infer.ScoreOp, given: Sequence[Array], files: Files) -> Sequence[Array]:
    weights = floats_of(op.weights)
    rows = [
        _score_row(op.method.data, [column[row] for column in given], weights)
        for row in range(len(given[0]))
    ]
    return [np.array(rows, np.float64)]


def _score_row(method: str, criteria: Sequence[Any], weights: Sequence[float]) -> Any:
    """Return the score of one row; a row without one has NaN."""
    try:
        if np.ndim(criteria[0]) == 1:
            return decide.closeness_of([column.tolist() for column in criteria], weights)
        return decide.SCORES[method]([float(number) for number in criteria], weights)
    except (DataFailure, ZeroDivisionError, ValueError, OverflowError):
        return np.full(np.shape(criteria[0]), NAN)


Kernel: TypeAlias = Callable[[Any, Sequence[Array], Files], Sequence[Array]]

MODEL_KERNELS: Mapping[type[Operation], Kernel] = {
    infer.BayesOp: _bayes,
    infer.TreesOp: _trees,
    infer.LinearOp: _linear,
    infer.OnnxOp: _onnx,
    infer.RulesOp: _rules,
    infer.ScoreOp: _score,
}
