"""TOPSIS over alternatives against a float64 computation by hand: graph, interpreter and agent."""

from typing import Any, NamedTuple

import numpy as np
from kumeo_runtime.agents.decide import Decide
from kumeo_runtime.values import Fault, Record
from numpy.typing import NDArray
from xdsl.builder import Builder
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Block
from xdsl.rewriter import InsertPoint

from kumeo.backends.onnx.build import emit_infer
from kumeo.dialects import infer
from kumeo.dialects.agent import InferOp
from kumeo.dialects.agent.compute import TIE
from kumeo.dialects.data.types import FLOAT, ListType, RecordType
from kumeo.dialects.registry import make_context
from kumeo.interp.decide import closeness_of, first_best
from kumeo.models.emitting import Emit
from kumeo.models.onnx_model import open_session
from kumeo.passes.numeric.lower_decisions import LowerDecisionsPass

Array = NDArray[Any]
OUTCOMES = ("north", "south", "east", "west")
WEIGHTS = (1.0, 0.5, 0.25)


class Chosen(Record):
    """What a decision gives."""

    decision: str


class Count(NamedTuple):
    """Rows, and how many differ: of the graph, of the interpreter, of the agent."""

    rows: int
    graph: int
    interpreter: int
    agent: int


def rows_of(count: int) -> Array:
    """Return (rows, criteria, alternatives); a third has ties, some are all equal or zero."""
    random = np.random.default_rng(3)
    rows = random.normal(1.0, 2.0, size=(count, len(WEIGHTS), len(OUTCOMES)))
    third = count // 3
    rows[:third] = random.integers(0, 3, size=rows[:third].shape)
    rows[: third // 10] = 0.0
    rows[third : third + third // 10] = 1.0
    return rows


def closeness(rows: Array) -> Array:
    """Return (rows, alternatives): the share of the distance to the worst."""
    length = np.sqrt((rows**2).sum(axis=2, keepdims=True))
    weights = np.array(WEIGHTS)[None, :, None]
    scaled = weights * np.divide(rows, length, out=np.zeros_like(rows), where=length > 0)
    to_best = np.sqrt(((scaled - scaled.max(axis=2, keepdims=True)) ** 2).sum(axis=1))
    to_worst = np.sqrt(((scaled - scaled.min(axis=2, keepdims=True)) ** 2).sum(axis=1))
    whole = to_best + to_worst
    return np.divide(to_worst, whole, out=np.full_like(whole, 0.5), where=whole > 0)


def chosen(values: Array) -> Array:
    """Return the first alternative that is as good as the best."""
    return np.argmax(values >= values.max(axis=1, keepdims=True) - TIE, axis=1)


def count_mismatches(count: int) -> Count:
    """Compare the graph, the interpreter and the agent with the computation by hand."""
    rows = rows_of(count)
    wanted, close = chosen(closeness(rows)), closeness(rows)
    graph = _compiled(rows)
    far = int((np.abs(graph - close).max(axis=1) > 1e-9).sum())
    agent: Decide[Chosen] = Decide(
        site="d", mode="topsis", outcomes=OUTCOMES, result=Chosen, weights=WEIGHTS
    )
    ruled = [first_best(closeness_of(row, WEIGHTS)) for row in rows.tolist()]
    said = [_said(agent, row) for row in rows.tolist()]
    return Count(
        count,
        far + int((chosen(graph) != wanted).sum()),
        int((np.array(ruled) != wanted).sum()),
        int((np.array(said) != wanted).sum()),
    )


def _said(agent: Decide[Chosen], row: list[list[float]]) -> int:
    try:
        found = agent.compute({f"c{i}": values for i, values in enumerate(row)})
    except Fault:
        return -1
    return OUTCOMES.index(found.decision)


def _compiled(rows: Array) -> Array:
    """Return the closeness that the emitted graph gives."""
    module = ModuleOp([program := _program()])
    LowerDecisionsPass().apply_to(make_context(), module)
    session = open_session(emit_infer(program, lambda _: None))
    flat = rows.reshape(len(rows), -1).T
    names = [each.name for each in session.get_inputs()]
    feeds = {name: np.ascontiguousarray(flat[int(name[1:])]) for name in names}
    return np.asarray(session.run(None, feeds)[0])


def _program() -> InferOp:
    """Return a program of as many numbers as a row has: they become a matrix for each criterion."""
    size = len(WEIGHTS) * len(OUTCOMES)
    inputs = list(Block(arg_types=[FLOAT] * size).args)
    names = [f"x{i}" for i in range(size)]
    op = InferOp("d", "d", inputs, names, RecordType.of({"close": ListType(FLOAT)}))
    block = op.body.block
    emit = Emit(Builder(InsertPoint.at_end(block)))
    step = len(OUTCOMES)
    criteria = [emit.columns(block.args[i : i + step]) for i in range(0, size, step)]
    emit.builder.insert(infer.YieldOp([emit.add(infer.ScoreOp("topsis", criteria, WEIGHTS))]))
    return op
