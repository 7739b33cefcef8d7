"""Tests of `kumeo.models.trees`: exact thresholds, and nodes that point to nowhere."""

import numpy as np
import pytest

from kumeo.models.faults import BadModelError
from kumeo.models.skops_state import Obj
from kumeo.models.trees import float32_below, joined, one_tree

NODE = [
    *(("left_child", "<i8"), ("right_child", "<i8"), ("feature", "<i8"), ("threshold", "<f8")),
    ("missing_go_to_left", "u1"),
]


def tree(*nodes: tuple[int, int, int, float, int]) -> Obj:
    values = np.arange(len(nodes), dtype=np.float64).reshape(-1, 1, 1)
    state = {"nodes": np.array(list(nodes), dtype=NODE), "values": values}
    return Obj("sklearn.tree._tree.Tree", state)


def test_float32_below_numbers_near_thresholds_compare_as_float64() -> None:
    rng = np.random.default_rng(0)
    thresholds = rng.normal(size=2000) * 10.0 ** rng.integers(-30, 30, size=2000)
    near = thresholds.astype(np.float32)
    for x in (near, np.nextafter(near, np.float32(9e9)), np.nextafter(near, np.float32(-9e9))):
        exact = x.astype(np.float64) <= thresholds
        assert np.array_equal(x <= float32_below(thresholds).astype(np.float32), exact)


def test_float32_below_rounding_to_nearest_would_be_wrong() -> None:
    threshold = np.array([0.1])  # float32 rounds it up.
    assert np.float32(0.1) > threshold[0]
    assert float32_below(threshold)[0] < 0.1


@pytest.mark.parametrize("value", [np.inf, -np.inf, 1e39, 0.0, -0.0])
def test_float32_below_extreme_threshold_keeps_order(value: float) -> None:
    below = float32_below(np.array([value])).astype(np.float32)[0]
    for x in (np.float32(-np.inf), np.float32(-1), np.float32(0), np.finfo(np.float32).max):
        assert (x <= below) == (float(x) <= value)


def test_one_tree_child_before_parent_is_refused() -> None:
    endless = tree((0, 0, 0, 0.5, 0))
    with pytest.raises(BadModelError, match="point to nowhere"):
        one_tree(endless, 1)


def test_one_tree_child_outside_is_refused() -> None:
    with pytest.raises(BadModelError, match="point to nowhere"):
        one_tree(tree((1, 99, 0, 0.5, 0), (-1, -1, 0, 0.0, 0)), 1)


def test_one_tree_unknown_feature_is_refused() -> None:
    leaf = (-1, -1, -2, -2.0, 0)
    with pytest.raises(BadModelError, match="point to nowhere"):
        one_tree(tree((1, 2, 7, 0.5, 0), leaf, leaf), 3)


def test_joined_two_trees_moves_children() -> None:
    leaf = (-1, -1, -2, -2.0, 0)
    one = one_tree(tree((1, 2, 0, 0.5, 1), leaf, leaf), 1)
    both = joined([one, one])
    assert both.roots.tolist() == [0, 3]
    assert both.yes.tolist() == [1, -1, -1, 4, -1, -1]
    assert both.nan_yes.tolist() == [True, False, False, True, False, False]
