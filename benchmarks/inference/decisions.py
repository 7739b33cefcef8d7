"""Compiled decisions against an independent float64 computation: how many rows differ.

    python -m benchmarks infer-decisions

Each decision reads three numbers of a model (the identity, in float64), so that `outline-infer`
takes it in. The rows hold random numbers, small integers (which tie), the thresholds themselves and
their neighbours on both sides, zeros and, for rules, NaN. The reference is written here, in NumPy,
and shares no code with Kumeo; the interpreter's rule and the agent of the runtime are compared on a
part of the rows, too.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from kumeo_runtime.agents.decide import Decide
from kumeo_runtime.values import Fault
from numpy.typing import NDArray
from onnx import TensorProto, helper
from xdsl.dialects.builtin import ModuleOp

from benchmarks.inference.alternatives import Chosen, count_mismatches
from benchmarks.tables import Cell, Options, Table
from kumeo.analysis.text import parse_module
from kumeo.analysis.walk import walk_ops
from kumeo.backends.onnx.build import emit_infer
from kumeo.dialects.agent import DecideOp, InferOp
from kumeo.dialects.data.failures import DataFailure
from kumeo.dialects.registry import make_context
from kumeo.dialects.settings import from_setting, strings_of
from kumeo.interp.decide import decide
from kumeo.models.onnx_model import open_session
from kumeo.passes.files import reading
from kumeo.passes.numeric.lower_decisions import LowerDecisionsPass
from kumeo.passes.numeric.outline_infer import OutlineInferPass

ROWS = 120_000
INTERPRETED = 20_000
OUTCOMES = ("low", "middle", "high")
LIMITS = (0.0, 1.5, 3.0)
WEIGHTS = (1.0, 0.5, 0.25)
Array = NDArray[Any]


class Case(NamedTuple):
    """A way to decide: its op in the IR, and the outcome of each row, -1 for a failure."""

    name: str
    op: str
    expected: Callable[[Array], Array]


def rules(rows: Array) -> Array:
    """Return the outcome of `a >= 3 -> high, b > 1.5 -> middle, c != 0 -> low`, else middle."""
    a, b, c = rows.T
    return np.select([a >= 3.0, b > 1.5, c != 0.0], [2, 1, 0], 1)


def weighted_sum(rows: Array) -> Array:
    """Return the place of the highest limit that the sum reaches."""
    score = np.zeros(len(rows))
    for column, weight in zip(rows.T, WEIGHTS, strict=True):
        score = score + column * weight
    return _reached(score)


def weighted_product(rows: Array) -> Array:
    """Return the place for the product of powers; a negative criterion has none."""
    score = np.ones(len(rows))
    for column, weight in zip(rows.T, WEIGHTS, strict=True):
        score = score * np.power(column, weight)
    return np.where((rows < 0.0).any(axis=1), -1, _reached(score))


def topsis(rows: Array) -> Array:
    """Return the place for the closeness to all criteria being one."""
    weights = np.array(WEIGHTS)
    to_best = np.sqrt(((weights * (1.0 - rows)) ** 2).sum(axis=1))
    to_worst = np.sqrt(((weights * rows) ** 2).sum(axis=1))
    return _reached(to_worst / (to_best + to_worst), (0.0, 0.25, 0.5))


def _reached(score: Array, limits: Sequence[float] = LIMITS) -> Array:
    place = (score[:, None] >= np.array(limits) - 1e-9).sum(axis=1) - 1
    return np.where(np.isfinite(score), place, -1)


def cases() -> list[Case]:
    """Return the ways to decide."""
    inputs = "(a = %a, b = %b, c = %c)"
    scored = (
        'outcomes ["low", "middle", "high"] weights [1.0 : f64, 0.5 : f64, 0.25 : f64] thresholds'
    )
    limits = "[0.0 : f64, 1.5 : f64, 3.0 : f64]"
    first = 'first_match (x = %high, y = %mid, z = %low) outcomes ["high", "middle", "low"]'
    return [
        Case("first_match", f'{first} default "middle"', rules),
        Case("weighted_sum", f"weighted_sum {inputs} {scored} {limits}", weighted_sum),
        Case("weighted_product", f"weighted_product {inputs} {scored} {limits}", weighted_product),
        Case("topsis", f"topsis {inputs} {scored} [0.0 : f64, 0.25 : f64, 0.5 : f64]", topsis),
    ]


def rows_of(case: Case, count: int) -> Array:
    """Return rows with ties, boundary values and their neighbours."""
    random = np.random.default_rng(7)
    rows = random.normal(1.0, 2.0, size=(count, 3))
    marks = np.array([0.0, 0.25, 0.5, 1.0, 1.5, 3.0])
    edges = np.concatenate([marks, np.nextafter(marks, 9.0), np.nextafter(marks, -9.0)])
    quarter = count // 4
    rows[:quarter] = random.integers(-3, 5, size=(quarter, 3))
    rows[quarter : 2 * quarter] = random.choice(edges, size=(quarter, 3))
    if case.name == "first_match":
        rows[2 * quarter : 2 * quarter + 999, 0] = np.nan
    if case.name == "weighted_product":
        rows[3 * quarter :] = np.abs(rows[3 * quarter :])
    return rows


def module_of(case: Case) -> ModuleOp:
    """Return a workflow whose decision reads a model."""
    kinds = "(i1, i1, i1)" if case.name == "first_match" else "(f64, f64, f64)"
    text = f"""
builtin.module attributes {{kumeo.level = "workflow"}} {{
  workflow.workflow @W {{
    workflow.source @s nats("a") : !data.record<{{a: f64, b: f64, c: f64}}>
    workflow.target @t nats("b")
    workflow.model @same onnx("same.onnx")
    workflow.on @s (%s: !data.record<{{a: f64, b: f64, c: f64}}>) {{
      %x = data.get %s["a"] : f64
      %y = data.get %s["b"] : f64
      %z = data.get %s["c"] : f64
      %m = agent.model @same (a = %x, b = %y, c = %z) id "same" site "same"
        : (f64, f64, f64) -> !data.record<{{y: !data.list<f64>}}>
      %row = data.get %m["y"] : !data.list<f64>
      %i0 = data.constant 0 : i64
      %i1 = data.constant 1 : i64
      %i2 = data.constant 2 : i64
      %a = data.index %row, %i0 : f64
      %b = data.index %row, %i1 : f64
      %c = data.index %row, %i2 : f64
      %three = data.constant 3.0 : f64
      %limit = data.constant 1.5 : f64
      %zero = data.constant 0.0 : f64
      %high = data.compare ge, %a, %three : f64
      %mid = data.compare gt, %b, %limit : f64
      %low = data.compare ne, %c, %zero : f64
      %d = agent.decide {case.op} id "route" site "route"
        : {kinds} -> !data.record<{{decision: !data.enum<"low", "middle", "high">}}>
      %out = data.get %d["decision"] : !data.enum<"low", "middle", "high">
      workflow.emit %out : !data.enum<"low", "middle", "high"> to @t site "t"
      workflow.return
    }}
  }}
}}
"""
    module, found = parse_module(text, f"{case.name}.mlir", make_context())
    assert module is not None, found
    return module


def identity() -> bytes:
    """Return a model that gives what it takes, in float64."""
    kinds = [helper.make_tensor_value_info(name, TensorProto.DOUBLE, ["batch", 3]) for name in "xy"]
    node = helper.make_node("Identity", ["x"], ["y"])
    graph = helper.make_graph([node], "same", kinds[:1], kinds[1:])
    opsets = [helper.make_opsetid("", 21)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=10).SerializeToString()


def compiled(case: Case, rows: Array) -> Array:
    """Return the outcomes of the emitted graph, -1 where a flag says that there is none."""
    module = module_of(case)
    with reading(lambda path: identity()):
        OutlineInferPass().apply_to(make_context(), module)
        LowerDecisionsPass().apply_to(make_context(), module)
    (program,) = (op for op in walk_ops(module) if isinstance(op, InferOp))
    session = open_session(emit_infer(program, lambda path: identity()))
    names = [each.name for each in session.get_inputs()]
    feeds = _feeds(names, rows)
    fields = dict(zip(program.record.names, session.run(None, feeds), strict=True))
    valid = np.ones(len(rows), bool)
    for name, values in fields.items():
        if name in ("route.finite", "route.positive", "route.decides"):
            valid &= values
    return np.where(valid, fields["route.decision"], -1)


def _feeds(names: Sequence[str], rows: Array) -> dict[str, Array]:
    """Return the inputs: one for each number, or one matrix."""
    if len(names) == 1:
        return {names[0]: rows}
    return dict(zip(names, np.ascontiguousarray(rows.T), strict=True))


def interpreted(case: Case, rows: Array) -> Array:
    """Return the outcomes of the interpreter's rule."""
    (op,) = (op for op in walk_ops(module_of(case)) if isinstance(op, DecideOp))
    return np.array([_one(op, case, [float(x) for x in row]) for row in rows])


def _one(op: DecideOp, case: Case, row: list[float]) -> int:
    a, b, c = row
    values = [a >= 3.0, b > 1.5, c != 0.0] if case.name == "first_match" else row
    try:
        return OUTCOMES.index(decide(op, values)["decision"])
    except DataFailure:
        return -1


def answered(case: Case, rows: Array) -> Array:
    """Return the outcomes of the agent that packages run."""
    (op,) = (op for op in walk_ops(module_of(case)) if isinstance(op, DecideOp))
    mode: Any = op.mode.data
    agent: Decide[Chosen] = Decide(
        site="route",
        mode=mode,
        outcomes=strings_of(op.outcomes),
        result=Chosen,
        rules=strings_of(op.rules),
        weights=None if op.weights is None else from_setting(op.weights),
        thresholds=None if op.thresholds is None else from_setting(op.thresholds),
        default=None if op.default is None else op.default.data,
    )
    return np.array([_said(agent, case, [float(x) for x in row]) for row in rows])


def _said(agent: Decide[Chosen], case: Case, row: list[float]) -> int:
    a, b, c = row
    values = [a >= 3.0, b > 1.5, c != 0.0] if case.name == "first_match" else row
    try:
        return OUTCOMES.index(agent.compute(dict(zip("abc", values, strict=True))).decision)
    except Fault:
        return -1


def mismatches(case: Case, count: int, part: int) -> tuple[int, int, int, int]:
    """Return how many rows differ (graph, interpreter, agent), and how many have none."""
    rows = rows_of(case, count)
    with np.errstate(all="ignore"):
        wanted = case.expected(rows)
    graph = int((compiled(case, rows) != wanted).sum())
    chosen = np.random.default_rng(8).permutation(count)[:part]
    rule = int((interpreted(case, rows[chosen]) != wanted[chosen]).sum())
    agent = int((answered(case, rows[chosen]) != wanted[chosen]).sum())
    return graph, rule, agent, int((wanted == -1).sum())


def measure(options: Options) -> Table:
    """Compare every way to decide."""
    lines: list[tuple[Cell, ...]] = []
    for case in cases():
        graph, rule, agent, none = mismatches(case, ROWS, INTERPRETED)
        lines.append((case.name, ROWS, none, graph, rule, agent))
    many = count_mismatches(INTERPRETED)
    lines.append(("topsis, alternatives", many.rows, 0, many.graph, many.interpreter, many.agent))
    columns = ("decision", "rows", "without one")
    columns += ("graph differs", "interpreter differs", "agent differs")
    notes = (f"interpreter and agent on {INTERPRETED:,} of the rows; goal: 0 differ",)
    return Table("decisions: compiled against float64 by hand", columns, tuple(lines), notes)
