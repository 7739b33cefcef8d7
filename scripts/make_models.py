"""Makes the small models of the examples, with the same bytes on every run.

    python scripts/make_models.py            # writes examples/models/
    python scripts/make_models.py --check    # fails if the files there differ

`fraud_anomaly.onnx`  features [N, 3] -> score [N, 1]: amount, hour, foreign; 1 is most unusual
`fraud_risk.bif`      a network of Foreign, Night and Fraud
`triage.onnx`         features [N, 3] -> label, probabilities [N, 3]: words, exclamations, capitals
`drift.onnx`          features [N, 3] -> drift [N, 1]: mean, deviation, slope of a sensor
`plant.db`            machines with name, hall and highest temperature, for SQLite

The data are drawn from fixed seeds and stand for nothing real. Training runs on one thread, and
weights are rounded, so that the files do not depend on the machine.
"""

import contextlib
import sqlite3
import sys
from pathlib import Path
from typing import Any

import numpy as np
from onnx import ModelProto, TensorProto, helper, numpy_helper
from sklearn.ensemble import IsolationForest
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeRegressor

FOLDER = Path(__file__).parent.parent / "examples" / "models"
OPSETS = [helper.make_opsetid("", 18), helper.make_opsetid("ai.onnx.ml", 3)]
IR_VERSION = 10

FRAUD_RISK = """\
// Risk of fraud, for the example of fraud detection. The numbers are made up.
network fraud_risk {
}
variable Foreign {
  type discrete [ 2 ] { yes, no };
}
variable Night {
  type discrete [ 2 ] { yes, no };
}
variable Fraud {
  type discrete [ 2 ] { yes, no };
}
probability ( Foreign ) {
  table 0.1, 0.9;
}
probability ( Night ) {
  table 0.25, 0.75;
}
probability ( Fraud | Foreign, Night ) {
  (yes, yes) 0.85, 0.15;
  (yes, no) 0.3, 0.7;
  (no, yes) 0.1, 0.9;
  (no, no) 0.01, 0.99;
}
"""


def main(arguments: list[str]) -> int:
    """Write the models, or compare them with `--check`; return the exit code."""
    files = {
        "fraud_anomaly.onnx": to_bytes(fraud_anomaly()),
        "fraud_risk.bif": FRAUD_RISK.encode(),
        "triage.onnx": to_bytes(triage()),
        "drift.onnx": to_bytes(drift()),
        "plant.db": plant(),
    }
    if arguments == ["--check"]:
        differing = [n for n, data in files.items() if read(FOLDER / n) != data]
        print(f"these models differ: {', '.join(differing)}" if differing else "models are equal")
        return 1 if differing else 0
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (FOLDER / name).write_bytes(data)
        print(f"{name}: {len(data)} bytes")
    return 0


def read(path: Path) -> bytes | None:
    """Return the content of a file, None if there is none."""
    return path.read_bytes() if path.exists() else None


def to_bytes(model: ModelProto) -> bytes:
    """Return the model as bytes that depend on nothing but the model."""
    return model.SerializeToString(deterministic=True)


def fraud_anomaly() -> ModelProto:
    """Return one small tree that repeats the scores of an isolation forest."""
    random = np.random.default_rng(7)
    amounts = np.round(random.lognormal(4, 1, 1500), 2)
    hours = random.integers(6, 24, 1500)
    foreign = random.random(1500) < 0.08
    rows = np.column_stack([amounts, hours, foreign]).astype(np.float32)
    forest = IsolationForest(n_estimators=60, random_state=7).fit(rows)
    probes = np.column_stack(
        [random.uniform(0, 5000, 3000), random.integers(0, 24, 3000), random.random(3000) < 0.5]
    ).astype(np.float32)
    every = np.vstack([rows, probes])
    raw = -forest.score_samples(every)
    scores = (raw - raw.min()) / (raw.max() - raw.min())
    tree = DecisionTreeRegressor(max_leaf_nodes=64, random_state=7).fit(every, scores)
    return make_model("fraud_anomaly", [tree_node(tree, "score")], [("score", 1)])


def tree_node(tree: DecisionTreeRegressor, output: str) -> Any:
    """Return a fitted tree as one `TreeEnsembleRegressor` node."""
    nodes = tree.tree_
    count, is_leaf = nodes.node_count, nodes.children_left < 0
    leaves = np.flatnonzero(is_leaf).tolist()
    return helper.make_node(
        "TreeEnsembleRegressor",
        ["features"],
        [output],
        domain="ai.onnx.ml",
        n_targets=1,
        nodes_treeids=[0] * count,
        nodes_nodeids=list(range(count)),
        nodes_featureids=np.where(is_leaf, 0, nodes.feature).tolist(),
        nodes_modes=["LEAF" if leaf else "BRANCH_LEQ" for leaf in is_leaf],
        nodes_values=np.where(is_leaf, 0, np.round(nodes.threshold, 4)).tolist(),
        nodes_truenodeids=np.where(is_leaf, 0, nodes.children_left).tolist(),
        nodes_falsenodeids=np.where(is_leaf, 0, nodes.children_right).tolist(),
        target_treeids=[0] * len(leaves),
        target_nodeids=leaves,
        target_ids=[0] * len(leaves),
        target_weights=np.round(nodes.value[leaves, 0, 0], 4).tolist(),
    )


def triage() -> ModelProto:
    """Return a linear classifier of three urgencies with plain probabilities."""
    random = np.random.default_rng(11)
    urgency = random.integers(0, 3, 900)
    words = random.normal(60 - 15 * urgency, 8)
    marks = random.poisson(0.2 + 1.5 * urgency)
    capitals = np.clip(random.normal(0.05 + 0.15 * urgency, 0.05), 0, 1)
    rows = np.column_stack([words, marks, capitals])
    model = LogisticRegression(max_iter=5000).fit(rows, urgency)
    names = ["low", "normal", "urgent"]
    weights = numpy_helper.from_array(np.round(model.coef_.T, 3).astype(np.float32), "weights")
    bias = numpy_helper.from_array(np.round(model.intercept_, 3).astype(np.float32), "bias")
    nodes = [
        helper.make_node("Gemm", ["features", "weights", "bias"], ["scores"]),
        helper.make_node("Softmax", ["scores"], ["probabilities"], axis=1),
        helper.make_node("ArgMax", ["scores"], ["index"], axis=1, keepdims=0),
        helper.make_node(
            "LabelEncoder",
            ["index"],
            ["label"],
            domain="ai.onnx.ml",
            keys_int64s=[0, 1, 2],
            values_strings=names,
        ),
    ]
    label = helper.make_tensor_value_info("label", TensorProto.STRING, ["N"])
    return make_model("triage", nodes, [("probabilities", 3)], [weights, bias], [label])


def drift() -> ModelProto:
    """Return a formula: how far mean, deviation and slope are from a healthy sensor, 0 to 1."""
    healthy = numpy_helper.from_array(np.array([20.0, 1.0, 0.0], np.float32), "healthy")
    scale = numpy_helper.from_array(np.array([10.0, 3.0, 0.5], np.float32), "scale")
    axes = numpy_helper.from_array(np.array([1], np.int64), "axes")
    nodes = [
        helper.make_node("Sub", ["features", "healthy"], ["difference"]),
        helper.make_node("Div", ["difference", "scale"], ["relative"]),
        helper.make_node("ReduceL2", ["relative", "axes"], ["distance"], keepdims=1),
        helper.make_node("Tanh", ["distance"], ["drift"]),
    ]
    return make_model("drift", nodes, [("drift", 1)], [healthy, scale, axes])


def plant() -> bytes:
    """Return the machines of sensor_monitoring as an SQLite database."""
    rows = [("m1", "press", "north", 90.0), ("m2", "lathe", "north", 80.0)]
    rows += [("m3", "oven", "south", 70.0)]
    with contextlib.closing(sqlite3.connect(":memory:")) as base:
        base.execute(
            "CREATE TABLE machines (id TEXT PRIMARY KEY, name TEXT, hall TEXT, max_celsius REAL)"
        )
        base.executemany("INSERT INTO machines VALUES (?, ?, ?, ?)", rows)
        base.commit()
        data = bytearray(base.serialize())
    data[96:100] = (3_040_000).to_bytes(4, "big")  # the version of SQLite that wrote it
    return bytes(data)


def make_model(
    name: str,
    nodes: list[Any],
    outputs: list[tuple[str, int]],
    weights: list[Any] | None = None,
    labels: list[Any] | None = None,
) -> ModelProto:
    """Return a model that reads `features [N, 3]` and gives `labels` and float `outputs`."""
    fed = helper.make_tensor_value_info("features", TensorProto.FLOAT, ["N", 3])
    given = [helper.make_tensor_value_info(n, TensorProto.FLOAT, ["N", k]) for n, k in outputs]
    graph = helper.make_graph(nodes, name, [fed], [*(labels or []), *given], weights or [])
    return helper.make_model(graph, opset_imports=OPSETS, ir_version=IR_VERSION)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
