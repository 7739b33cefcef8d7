"""Programs that ask one question of one network, for tests and benchmarks."""

from collections.abc import Collection, Sequence
from itertools import product

import numpy as np
from numpy.typing import NDArray
from xdsl.builder import Builder
from xdsl.ir import Attribute, Block
from xdsl.rewriter import InsertPoint

from kumeo.backends.onnx.build import emit_infer
from kumeo.dialects import infer
from kumeo.dialects.agent import InferOp
from kumeo.dialects.data.types import BOOL, FLOAT, EnumType, ListType, OptionType, RecordType
from kumeo.models.elimination import Plan
from kumeo.models.network import Network, Table
from kumeo.passes.numeric.network_ops import NetworkWriter

Rows = NDArray[np.int64]


def question_op(network: Network, plan: Plan) -> InferOp:
    """Return an `agent.infer` with the ops of a plan; its operands are the evidence it reads."""
    used = plan.read
    kinds = [_operand(len(network.states[n]), n in plan.optional) for n in used]
    op = InferOp(
        "question",
        "question",
        list(Block(arg_types=kinds).args),
        [f"e{plan.evidence.index(name)}" for name in used],
        RecordType.of({"p": ListType(FLOAT), "possible": BOOL}),
    )
    block = op.body.block
    given = dict(zip(used, block.args, strict=True))
    evidence = [given.get(name, block.args[0]) for name in plan.evidence]
    builder = Builder(InsertPoint.at_end(block))
    builder.insert(infer.YieldOp(NetworkWriter(plan, evidence, builder).write()))
    return op


def question_model(network: Network, plan: Plan) -> bytes:
    """Return the ONNX model of a plan.

    Inputs are `e0` and so on for the evidence that is read, outputs `p` and `possible`.
    """
    return emit_infer(question_op(network, plan), lambda _: None)


def _operand(states: int, is_optional: bool) -> Attribute:
    kind = EnumType.of(*(f"s{i}" for i in range(states)))
    return OptionType(kind) if is_optional else kind


def random_network(seed: int, variables: int = 7, zeros: float = 0.0) -> Network:
    """Return a network of variables A, B, … with at most three parents and four states each.

    A share of the probabilities is zero.
    """
    rng = np.random.default_rng(seed)
    names = [chr(ord("A") + i) for i in range(variables)]
    states = {n: tuple(f"s{i}" for i in range(int(rng.integers(2, 5)))) for n in names}
    parents: dict[str, tuple[str, ...]] = {}
    tables: dict[str, Table] = {}
    for i, name in enumerate(names):
        count = int(rng.integers(0, min(i, 3) + 1))
        chosen: list[int] = rng.permutation(i)[:count].tolist()
        parents[name] = tuple(names[j] for j in chosen)
        shape = tuple(len(states[n]) for n in (*parents[name], name))
        table = rng.random(shape) * (rng.random(shape) >= zeros)
        table[..., 0] += table.sum(axis=-1) == 0
        tables[name] = table / table.sum(axis=-1, keepdims=True)
    return Network(states, parents, tables)


def all_rows(network: Network, evidence: Sequence[str], optional: Collection[str]) -> Rows:
    """Return every combination of evidence, also with what may be missing: (rows, evidence)."""
    ranges = [range(-1 if n in optional else 0, len(network.states[n])) for n in evidence]
    return np.array(list(product(*ranges)), dtype=np.int64).reshape(-1, len(evidence))
