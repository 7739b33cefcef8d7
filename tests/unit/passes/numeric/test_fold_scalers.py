"""Folded thresholds against the steps themselves, at and beside every boundary."""

from typing import Any

import numpy as np
import pytest
import skops.io
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp

from kumeo.dialects import infer
from kumeo.interp.infer import run_batch
from kumeo.passes.numeric.affine import Chain, Step, chain_to
from kumeo.passes.numeric.drop_dead_features import DropDeadFeaturesPass
from kumeo.passes.numeric.fold_scalers import FoldScalersPass, boundaries

RNG = np.random.default_rng(0)
COLUMNS = 5


def steps(*parts: Any) -> Chain:
    """Return a chain of steps, made of pairs of an op class and one number for each column."""
    value: Any = infer.ConstantOp  # Any value: the source is not read here.
    made = [Step(kind.__new__(kind), numbers, None) for kind, numbers in parts]
    return Chain(value, tuple(made), False)


def numbers(*, positive: bool = False) -> Any:
    found = RNG.normal(size=COLUMNS) * 10.0 ** RNG.integers(-6, 6, size=COLUMNS)
    return np.abs(found) if positive else found


def apply(chain: Chain, x: Any, columns: Any) -> Any:
    for step in chain.steps:
        if step.numbers is None:
            x = x.astype(np.float32)
            continue
        works: Any = {infer.SubOp: np.subtract, infer.DivOp: np.divide, infer.MulOp: np.multiply}
        x = works.get(type(step.op), np.add)(x, step.numbers[columns].astype(x.dtype))
    return x


@pytest.mark.parametrize("is_strict", [False, True])
@pytest.mark.parametrize("narrow", [False, True])
def test_boundaries_numbers_beside_them_go_where_they_went(is_strict: bool, narrow: bool) -> None:
    parts = [
        *((infer.SubOp, numbers()), (infer.DivOp, numbers(positive=True))),
        *((infer.MulOp, numbers(positive=True)), (infer.AddOp, numbers())),
        *([(infer.CastOp, None)] if narrow else []),
    ]
    chain = steps(*parts)
    columns = RNG.integers(0, COLUMNS, size=1000)
    starts = RNG.normal(size=1000) * 10.0 ** RNG.integers(-8, 8, size=1000)
    old = apply(chain, starts, columns)
    new = boundaries(chain, columns, old, is_strict=is_strict)
    goes = np.less if is_strict else np.less_equal
    for x in (
        *(new, np.nextafter(new, np.inf), np.nextafter(new, -np.inf), starts),
        *(starts * (1 + 1e-15), starts * (1 - 1e-15), np.full(1000, np.nan)),
        *(np.full(1000, np.inf), np.full(1000, -np.inf)),
    ):
        with np.errstate(all="ignore"):
            assert np.array_equal(goes(x, new), goes(apply(chain, x, columns), old))


def test_boundaries_naive_arithmetic_would_be_wrong() -> None:
    means, scales = numbers(), numbers(positive=True)
    chain = steps((infer.SubOp, means), (infer.DivOp, scales))
    columns = RNG.integers(0, COLUMNS, size=1000)
    old = apply(chain, RNG.normal(size=1000), columns)
    naive = old * scales[columns] + means[columns]
    assert np.any(naive != boundaries(chain, columns, old, is_strict=False))


def module_of(op: Any) -> ModuleOp:
    top = op
    while top.parent_op() is not None:
        top = top.parent_op()
    return ModuleOp([top]) if not isinstance(top, ModuleOp) else top


def test_fold_scalers_boosting_gives_the_same_numbers(infer_programs: Any) -> None:
    rows = RNG.normal(size=(300, 6)) * [1, 10, 100, 1, 1, 1] + [0, 5, 900, 0, 0, 0]
    model = make_pipeline(StandardScaler(), HistGradientBoostingRegressor(max_iter=5))
    data = skops.io.dumps(model.fit(rows, rows[:, 0] + rows[:, 2]))
    op, _ = infer_programs.program(data, "sklearn", list("abcdef"), ["value"])
    columns = {name: rows[:, i] for i, name in enumerate("abcdef")}
    before = run_batch(op, columns, infer_programs.Files(data, "sklearn"))
    module = module_of(op)
    FoldScalersPass().apply(Context(), module)
    trees = next(o for o in op.walk() if isinstance(o, infer.TreesOp))
    assert isinstance(trees.inputs[0].owner, infer.ConcatOp)
    assert chain_to(trees.inputs[0]).steps == ()
    after = run_batch(op, columns, infer_programs.Files(data, "sklearn"))
    assert np.array_equal(before["value"], after["value"])
    assert np.allclose(after["value"], model.predict(rows), rtol=0, atol=1e-9)


def test_drop_dead_features_trees_give_the_same_numbers(infer_programs: Any) -> None:
    rows = RNG.normal(size=(300, 6))
    model = HistGradientBoostingRegressor(max_iter=1, max_leaf_nodes=3)
    data = skops.io.dumps(model.fit(rows, rows[:, 1]))
    op, _ = infer_programs.program(data, "sklearn", list("abcdef"), ["value"])
    module = module_of(op)
    DropDeadFeaturesPass().apply(Context(), module)
    trees = next(o for o in op.walk() if isinstance(o, infer.TreesOp))
    assert set(trees.feature.get_values()) == {0}
    columns = {name: rows[:, "abcdef".index(name)] for name in op.operand_names()}
    found = run_batch(op, columns, infer_programs.Files(data, "sklearn"))
    assert np.allclose(found["value"], model.predict(rows), rtol=0, atol=1e-12)
