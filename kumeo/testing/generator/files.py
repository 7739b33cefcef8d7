"""`random_files`: small model files for the modules of the generator, held in memory.

    with reading(random_files(seed)):
        run_pipeline(random_module(seed))

The network has a state for every word that a module may give as evidence, one of them impossible,
and a hidden variable to sum out. The models, one ONNX and one scikit-learn, take a row of one to
three numbers. Another model has no file, so both ways of going on are used.
"""

import random
from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Any

STATES = ("false", "true", "low", "medium", "high", "urgent")
"""States of the evidence: those that booleans and the enums of `Kinds` name."""
_HIDDEN = ("calm", "busy")


def random_files(seed: int) -> Callable[[str], bytes | None]:
    """Return what reads the files of a seed: a function from paths to bytes."""
    rng = random.Random(f"files {seed}")
    network, shape = rng.randrange(20), (rng.randrange(1, 4), rng.random() < 0.5)

    def read(path: str) -> bytes | None:
        if path == "risk.bif":
            return network_file(network)
        if path == "slope.skops":
            return estimator_file(*shape)
        return model_file(*shape) if path == "trees.onnx" else None

    return read


@cache
def network_file(seed: int) -> bytes:
    """Return a network of three variables as BIF."""
    rng = random.Random(f"network {seed}")
    impossible = rng.choice(STATES)
    rows = [
        f"  ({fraud}, {hidden}) {_shares(rng, STATES, impossible)};"
        for fraud in ("yes", "no")
        for hidden in _HIDDEN
    ]
    text = [
        "network risk {}",
        _variable("Fraud", ("yes", "no")),
        _variable("Load", _HIDDEN),
        _variable("Seen", STATES),
        f"probability ( Fraud ) {{ table {_shares(rng, ('yes', 'no'))}; }}",
        f"probability ( Load ) {{ table {_shares(rng, _HIDDEN)}; }}",
        "probability ( Seen | Fraud, Load ) {",
        *rows,
        "}",
    ]
    return "\n".join(text).encode()


def _variable(name: str, states: tuple[str, ...]) -> str:
    return f"variable {name} {{ type discrete [ {len(states)} ] {{ {', '.join(states)} }}; }}"


def _shares(rng: random.Random, states: tuple[str, ...], impossible: str = "") -> str:
    parts = [0 if state == impossible else rng.randrange(1, 1000) for state in states]
    return ", ".join(repr(part / sum(parts)) for part in parts)


@cache
def model_file(width: int, is_wide: bool) -> bytes:
    """Return an ONNX model: the logistic of a weighted sum, in double or single precision."""
    from onnx import TensorProto, helper

    kind = TensorProto.DOUBLE if is_wide else TensorProto.FLOAT
    weights = [0.37, -0.81, 0.055][:width]
    nodes = [
        helper.make_node("MatMul", ["x", "weights"], ["sum"]),
        helper.make_node("Sigmoid", ["sum"], ["score"]),
    ]
    graph = helper.make_graph(
        nodes,
        "trees",
        [helper.make_tensor_value_info("x", kind, ["batch", width])],
        [helper.make_tensor_value_info("score", kind, ["batch", 1])],
        [helper.make_tensor("weights", kind, [width, 1], weights)],
    )
    opsets = [helper.make_opsetid("", 21)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=10).SerializeToString()


@cache
def estimator_file(width: int, is_tree: bool) -> bytes:
    """Return a scikit-learn model: a scaler before a tree or before a weighted sum."""
    import numpy as np

    make: Any = import_module("sklearn.pipeline").make_pipeline
    scaler: Any = import_module("sklearn.preprocessing").StandardScaler()
    tree: Any = import_module("sklearn.tree").DecisionTreeRegressor(max_depth=3, random_state=0)
    line: Any = import_module("sklearn.linear_model").LinearRegression()
    rows = np.random.default_rng(width).normal(size=(40, width)) * 10.0
    fitted: Any = make(scaler, tree if is_tree else line).fit(rows, rows.sum(axis=1).round(1))
    written: bytes = import_module("skops.io").dumps(fitted)
    return written
