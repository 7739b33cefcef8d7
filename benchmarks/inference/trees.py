"""Trees of scikit-learn: what Kumeo compiles against what skl2onnx converts.

    python -m benchmarks trees

Both graphs run in ONNX Runtime with one thread, in turns, in one process; times are CPU time. At
batch 1 every call has another row. `largest difference` compares Kumeo's result with scikit-learn
in float64, on all rows; `other` is the same for the conversion.
"""

import time
import warnings
from collections.abc import Callable
from importlib import import_module
from statistics import median
from typing import Any, NamedTuple

import numpy as np
import skops.io  # pyright: ignore[reportMissingTypeStubs]
from numpy.typing import NDArray
from xdsl.builder import Builder
from xdsl.dialects.test import TestOp
from xdsl.rewriter import InsertPoint

from benchmarks.tables import Cell, Options, Table
from kumeo.backends.onnx.build import emit_infer
from kumeo.diagnostics import Diagnostic
from kumeo.dialects import infer
from kumeo.dialects.agent import InferOp
from kumeo.dialects.data import FLOAT, RecordType
from kumeo.models.importing import import_model
from kumeo.models.onnx_model import open_session

FEATURES, ROWS = 12, 1024
BATCHES = (16, 64, 256, 1024)
TARGET_OPSET = {"": 18, "ai.onnx.ml": 3}
Array = NDArray[Any]


class Case(NamedTuple):
    """A model, the field that is compared, and how scikit-learn computes it."""

    name: str
    model: Any
    field: str
    expected: Callable[[Any, Array], Array]


def rows() -> Array:
    """Return features that float32 holds exactly, so that both graphs see the same numbers."""
    return np.random.default_rng(1).normal(size=(ROWS, FEATURES)).astype(np.float32)


def cases() -> list[Case]:
    """Return the trained models."""
    library: Any = import_module("sklearn.ensemble")
    features = rows().astype(np.float64)
    target = features[:, 0] * features[:, 1] + features[:, 2]

    def value(model: Any, given: Array) -> Array:
        return model.predict(given)

    def score(model: Any, given: Array) -> Array:
        return model.decision_function(given)

    isolation = library.IsolationForest(n_estimators=100, random_state=0).fit(features)
    boosting = library.HistGradientBoostingRegressor(max_iter=100).fit(features, target)
    forest = library.RandomForestRegressor(100, random_state=0).fit(features, target)
    return [
        Case("IsolationForest, 100 trees", isolation, "score", score),
        Case("HistGradientBoosting, 100 trees", boosting, "value", value),
        Case("RandomForest, 100 trees", forest, "value", value),
    ]


def compiled(case: Case) -> bytes:
    """Return the ONNX file that Kumeo emits for the one field."""
    model = import_model(skops.io.dumps(case.model), "sklearn", case.name)
    assert not isinstance(model, Diagnostic), model.headline
    names = [f"f{i}" for i in range(FEATURES)]
    sources = TestOp(result_types=[FLOAT] * FEATURES).results
    op = InferOp("m", "m", list(sources), names, RecordType.of({case.field: FLOAT}))
    block = op.body.block
    built = model.build(Builder(InsertPoint.at_end(block)), "m", block.args, names, [case.field])
    block.add_op(infer.YieldOp([built.fields[case.field].value]))
    return emit_infer(op, lambda _: None)


def converted(case: Case) -> bytes | None:
    """Return what skl2onnx makes of the model, None if it cannot."""
    skl2onnx: Any = import_module("skl2onnx")
    types: Any = import_module("skl2onnx.common.data_types")
    fed = [("x", types.FloatTensorType([None, FEATURES]))]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            made = skl2onnx.to_onnx(case.model, initial_types=fed, target_opset=TARGET_OPSET)
    except Exception:  # Its errors have no common base; the table says that it fails.
        return None
    return made.SerializeToString()


def _feeds(session: Any, given: Array) -> dict[str, Array]:
    """Return the inputs: one for each feature, or one matrix."""
    inputs = session.get_inputs()
    if len(inputs) == 1:
        is_wide = inputs[0].type == "tensor(double)"
        return {inputs[0].name: given.astype(np.float64) if is_wide else given}
    wide = given.astype(np.float64)
    return {each.name: np.ascontiguousarray(wide[:, i]) for i, each in enumerate(inputs)}


def _time(session: Any, batches: list[dict[str, Array]], output: str, least_s: float) -> float:
    """Return the microseconds of CPU time per call."""
    calls, started = 0, time.process_time()
    while True:
        for batch in batches:
            session.run([output], batch)
        calls += len(batches)
        spent = time.process_time() - started
        if spent >= least_s:
            return spent / calls * 1e6


def with_matrix(file: bytes) -> bytes:
    """Return the graph fed with all features as one matrix, as skl2onnx has it.

    A service feeds one input for each number of an event; the way into a matrix is its first steps.
    """
    onnx: Any = import_module("onnx")
    model = onnx.load_from_string(file)
    graph = model.graph
    nodes = list(graph.node)
    last = next(at for at, node in enumerate(nodes) if node.op_type == "Transpose")
    joined, nodes = nodes[last].output[0], nodes[last + 1 :]
    del graph.node[:], graph.input[:]
    graph.node.extend(nodes)
    kind = onnx.TensorProto.DOUBLE
    graph.input.append(onnx.helper.make_tensor_value_info(joined, kind, ["batch", FEATURES]))
    onnx.checker.check_model(model)
    return model.SerializeToString()


class Runner(NamedTuple):
    """An open graph and its rows, as it is fed."""

    session: Any
    output: str

    def batches(self, size: int) -> list[dict[str, Array]]:
        """Return some batches of a size; no two are equal."""
        given = rows()
        starts = range(0, min(ROWS, size * 32), size)
        return [_feeds(self.session, given[start : start + size]) for start in starts]

    def error(self, case: Case) -> float:
        """Return the largest difference to scikit-learn."""
        given = rows()
        found = self.session.run([self.output], _feeds(self.session, given))[0].ravel()
        return float(np.abs(found - case.expected(case.model, given.astype(np.float64))).max())


def _opened(file: bytes) -> Runner:
    session = open_session(file)
    return Runner(session, session.get_outputs()[-1].name)


def _times(runners: list[Runner], size: int, best_of: int) -> list[float]:
    """Return the median microseconds of a call for each graph; they take turns."""
    batches = [runner.batches(size) for runner in runners]
    rounds = [
        [_time(r.session, given, r.output, 0.03) for r, given in zip(runners, batches, strict=True)]
        for _ in range(2 * best_of + 1)
    ]
    return [median(column) for column in zip(*rounds, strict=True)]


def _compare(case: Case, best_of: int) -> list[Cell]:
    ours, theirs = compiled(case), converted(case)
    runners = [_opened(with_matrix(ours)), _opened(ours)]
    if theirs is not None:
        runners.append(_opened(theirs))
    one = _times(runners, 1, best_of)
    sizes = [[t / size for t in _times(runners, size, best_of)] for size in BATCHES]
    many = [min(column) for column in zip(*sizes, strict=True)]
    errors = [f"{runner.error(case):.1e}" for runner in runners]
    return [case.name, *_cells(one), *_cells(many), errors[0], errors[2] if theirs else "-"]


def _cells(times: list[float]) -> list[Cell]:
    if len(times) == 2:
        return [*times, "fails", "-"]
    return [*times, times[2] / times[0]]


def measure(options: Options) -> Table:
    """Measure every model."""
    columns = (
        *("model", "1 row: matrix, us", "12 inputs", "skl2onnx", "times"),
        *("best batch: matrix, us/row", "12 inputs", "skl2onnx", "times"),
        *("largest difference", "of skl2onnx"),
    )
    table = [_compare(case, options.best_of) for case in cases()]
    notes = ["CPU time, one thread; `times` compares both with a matrix; goal: >= 100 for"]
    notes.append("IsolationForest at 1 row. About 5 us of every call are ONNX Runtime's own.")
    return Table("trees: compiled against converted", columns, table, notes)


if __name__ == "__main__":
    print(measure(Options()).to_text())
