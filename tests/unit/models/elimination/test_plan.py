"""Every plan gives the posterior that summing the whole joint distribution gives."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from kumeo.models.elimination import Precision, judge, plan
from kumeo.models.elimination.problem import make_problem
from kumeo.models.elimination.steps import Bind, MatMul
from kumeo.models.network import Network
from kumeo.testing.networks import all_rows, random_network


def joint_posterior(
    network: Network, query: str, evidence: Sequence[str], row: Sequence[int]
) -> NDArray[np.float64]:
    """Multiply all tables into one and sum: no cleverness; zero in all places if impossible."""
    names = list(network.states)
    joint = np.ones([len(network.states[n]) for n in names])
    for name in names:
        axes = (*network.parents[name], name)
        order = sorted(range(len(axes)), key=lambda i: names.index(axes[i]))
        shape = [len(network.states[n]) if n in axes else 1 for n in names]
        joint = joint * np.transpose(network.tables[name], order).reshape(shape)
    index = [slice(None)] * len(names)
    for name, state in zip(evidence, row, strict=True):
        if state >= 0:
            index[names.index(name)] = slice(state, state + 1)
    others = tuple(i for i, name in enumerate(names) if name != query)
    weights = joint[tuple(index)].sum(axis=others)
    return weights / total if (total := weights.sum()) > 0 else weights


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    zeros=st.sampled_from([0.0, 0.4]),
    bind_limit=st.sampled_from([0, 6, 4096]),
    precision=st.sampled_from(["auto", "float64", "log"]),
    data=st.data(),
)
def test_plan_random_network_equals_the_joint_distribution(
    seed: int, zeros: float, bind_limit: int, precision: Precision, data: st.DataObject
) -> None:
    network = random_network(seed, 7, zeros)
    names = data.draw(st.permutations(sorted(network.states)))
    count = data.draw(st.integers(1, 4))
    query, evidence = names[0], names[1 : 1 + count]
    optional = data.draw(st.sets(st.sampled_from(evidence)))
    found = plan(
        network, query, evidence, optional, bind_limit=bind_limit, precision=precision, effort=4
    )
    rows = all_rows(network, evidence, optional)
    posteriors, possible = found.run(rows)
    for row, given_p, is_possible in zip(rows, posteriors, possible, strict=True):
        wanted = joint_posterior(network, query, evidence, row.tolist())
        assert is_possible == (wanted.sum() > 0)
        if is_possible:
            assert np.abs(given_p - wanted).max() < 1e-6
        else:
            assert (given_p == 0).all()


def test_plan_without_evidence_gives_the_prior() -> None:
    network = random_network(3)
    found = plan(network, "F", [])
    posteriors, possible = found.run(np.zeros((1, 0), np.int64))
    assert np.allclose(posteriors[0], joint_posterior(network, "F", [], []))
    assert possible.all()


def test_plan_same_question_twice_is_the_same() -> None:
    network = random_network(5, 9)
    first, second = (plan(network, "A", ["H", "I", "E"]) for _ in range(2))
    assert repr(first.steps) == repr(second.steps)
    assert (first.order, first.strategy) == (second.order, second.strategy)


def test_plan_barren_variables_are_not_needed() -> None:
    network = _chain(5)
    assert plan(network, "X0", ["X1"]).needed == ("X0", "X1")


def test_plan_evidence_behind_evidence_is_not_read() -> None:
    found = plan(_chain(6), "X0", ["X1", "X4"])
    assert found.read == ("X1",)


def test_plan_evidence_behind_evidence_that_can_be_impossible_is_read() -> None:
    network = _chain(4)
    tables = {**network.tables, "X3": np.array([[0.0, 1.0], [0.0, 1.0]])}
    found = plan(Network(network.states, network.parents, tables), "X0", ["X1", "X3"])
    _, possible = found.run(np.array([[0, 0], [0, 1]]))
    assert possible.tolist() == [False, True]


@pytest.mark.parametrize("bind_limit", [0, 1 << 20])
def test_plan_no_table_holds_most_of_the_evidence(bind_limit: int) -> None:
    found = plan(_star(6), "H", [f"E{i}" for i in range(6)], bind_limit=bind_limit)
    most = max(len(step.index) for step in found.steps if isinstance(step, Bind))
    assert most == (3 if bind_limit else 1)


def test_plan_table_with_one_cause_is_multiplied_as_a_matrix() -> None:
    rng = np.random.default_rng(1)
    states = {"A": tuple("abcdefgh"), "B": tuple("abcdefgh"), "C": ("x", "y")}
    tables = {"A": _rows(rng, 8), "B": _rows(rng, 8, 8), "C": _rows(rng, 8, 2)}
    network = Network(states, {"A": (), "B": ("A",), "C": ("A",)}, tables)
    found = plan(network, "B", ["C"], bind_limit=0)
    assert any(isinstance(step, MatMul) for step in found.steps)


@pytest.mark.parametrize(
    ("query", "evidence", "optional", "reason"),
    [
        ("Z", ["X1"], [], "no variable `Z`"),
        ("X0", ["X0"], [], "both evidence and asked for"),
        ("X0", ["X1", "X1"], [], "given twice"),
        ("X0", ["X1"], ["X2"], "is no evidence"),
    ],
)
def test_plan_contradictory_question_is_refused(
    query: str, evidence: list[str], optional: list[str], reason: str
) -> None:
    with pytest.raises(ValueError, match=reason):
        plan(_chain(3), query, evidence, optional)


def test_plan_dense_network_falls_back_with_its_cost() -> None:
    found = plan(_grid(13), "X0_0", ["X12_12"], effort=1)
    assert (found.verdict, found.steps) == ("fallback", ())
    assert found.cost > 2e7 or found.largest > 1 << 24


@pytest.mark.parametrize(
    ("cost", "largest", "verdict"),
    [
        (1_000_000, 1, "compile"),
        (1_000_001, 1, "small-batches"),
        (20_000_000, 1 << 24, "small-batches"),
        (20_000_001, 1, "fallback"),
        (1, (1 << 24) + 1, "fallback"),
    ],
)
def test_judge_limits_belong_to_the_cheaper_side(cost: int, largest: int, verdict: str) -> None:
    assert judge(cost, largest) == verdict


def _rows(rng: np.random.Generator, *shape: int) -> NDArray[np.float64]:
    table = rng.random(shape) + 0.1
    return table / table.sum(axis=-1, keepdims=True)


def _chain(length: int) -> Network:
    rng = np.random.default_rng(0)
    names = [f"X{i}" for i in range(length)]
    tables = {n: _rows(rng, 2, 2) if i else _rows(rng, 2) for i, n in enumerate(names)}
    parents = {n: (names[i - 1],) if i else () for i, n in enumerate(names)}
    return Network({n: ("a", "b") for n in names}, parents, tables)


def _star(leaves: int) -> Network:
    rng = np.random.default_rng(0)
    names = [f"E{i}" for i in range(leaves)]
    tables = {"H": _rows(rng, 2), **{n: _rows(rng, 2, 2) for n in names}}
    parents = {"H": (), **{n: ("H",) for n in names}}
    return Network({n: ("a", "b") for n in ("H", *names)}, parents, tables)


def _grid(side: int, card: int = 4) -> Network:
    """Return a square of variables, each with its left and its upper neighbour as parents."""
    rng = np.random.default_rng(0)
    parents: dict[str, tuple[str, ...]] = {}
    for i in range(side):
        for j in range(side):
            above = (f"X{i - 1}_{j}",) if i else ()
            parents[f"X{i}_{j}"] = above + ((f"X{i}_{j - 1}",) if j else ())
    tables = {n: _rows(rng, *[card] * (len(p) + 1)) for n, p in parents.items()}
    return Network({n: tuple("abcdefgh"[:card]) for n in parents}, parents, tables)


def test_plan_with_many_variables_of_one_state_leaves_them_out() -> None:
    idle = [f"S{i}" for i in range(90)]
    states = {**dict.fromkeys(idle, ("only",)), "A": ("y", "n")}
    parents: dict[str, tuple[str, ...]] = dict.fromkeys(states, ())
    tables = {**dict.fromkeys(idle, np.ones(1)), "A": np.array([0.25, 0.75])}
    for i in range(3):
        name, above = f"L{i}", ("A", *idle[30 * i : 30 * i + 30])
        states[name], parents[name] = ("y", "n"), above
        tables[name] = np.array([[0.75, 0.25], [0.25, 0.75]]).reshape(2, *[1] * 30, 2)
    network = Network(states, parents, tables)
    posteriors, _ = plan(network, "A", ["L0", "L1", "S7"], ["S7"]).run(np.array([[0, 0, -1]]))
    assert np.allclose(posteriors, [[0.75, 0.25]], atol=1e-6)
    assert plan(network, "S5", ["L0"]).run(np.array([[0]]))[0].tolist() == [[1.0]]


def test_plan_of_possible_evidence_elsewhere_reads_only_what_can_contradict() -> None:
    """A -> X stands apart from B -> H -> C <- D, where only C given D has a zero."""
    half = np.array([0.5, 0.5])
    tables = {
        "A": half,
        "X": np.array([[0.9, 0.1], [0.2, 0.8]]),
        "B": half,
        "D": half,
        "H": np.array([[0.3, 0.7], [0.6, 0.4]]),
        "C": np.array([[[1.0, 0.0], [1.0, 0.0]], [[0.5, 0.5], [0.2, 0.8]]]),
    }
    parents = {"A": (), "X": ("A",), "B": (), "D": (), "H": ("B",), "C": ("D", "H")}
    network = Network({name: ("s0", "s1") for name in tables}, parents, tables)
    found = plan(network, "A", ["X", "B", "D", "C"], bind_limit=0)
    assert found.read == ("X", "D", "C")
    rows = all_rows(network, found.evidence, [])
    posteriors, possible = found.run(rows)
    for row, shares, is_possible in zip(rows, posteriors, possible, strict=True):
        wanted = joint_posterior(network, "A", found.evidence, row.tolist())
        assert is_possible == (wanted.sum() > 0)
        np.testing.assert_allclose(shares, wanted, atol=1e-12)


def test_precision_of_evidence_elsewhere_does_not_matter() -> None:
    """Far evidence of tiny probability says yes or no only; it needs no larger numbers."""
    tiny = np.array([[1.0, 0.0], [1e-30, 1.0 - 1e-30]])
    names = [f"F{i}" for i in range(8)]
    tables = {"Q": np.array([0.5, 0.5]), "E": np.array([[0.9, 0.1], [0.2, 0.8]])}
    parents: dict[str, tuple[str, ...]] = {"Q": (), "E": ("Q",), "R": ()}
    tables["R"] = np.array([0.5, 0.5])
    for name in names:
        tables[name], parents[name] = tiny, ("R",)
    network = Network({name: ("s0", "s1") for name in tables}, parents, tables)
    found = plan(network, "Q", ["E", "R", *names])
    assert found.least_log10 > -3
    _, possible = found.run(np.array([[0, 1, *([0] * 8)], [0, 0, *([1] * 8)]]))
    assert possible.tolist() == [True, False]


def test_problem_of_evidence_elsewhere_counts_no_ways() -> None:
    """Two states mix, the third stays: the ways through a long chain are too many to count."""
    step = np.array([[0.4, 0.5, 0.1], [0.5, 0.4, 0.1], [0.0, 0.0, 1.0]])
    tables = {"Q": np.array([0.5, 0.5]), "X0": np.array([0.3, 0.3, 0.4])}
    tables |= dict.fromkeys(["X1", "X2", "X3"], step)
    parents = {"Q": (), "X0": (), "X1": ("X0",), "X2": ("X1",), "X3": ("X2",)}
    states = {n: tuple(f"s{i}" for i in range(t.shape[-1])) for n, t in tables.items()}
    problem = make_problem(Network(states, parents, tables), "Q", ["X0", "X3"])
    first, second, third = (f.table for f in problem.factors if "Q" not in f.hidden)
    ways = np.einsum("ba,bc,cd->ad", first, second, third)
    np.testing.assert_array_equal(ways > 0, np.linalg.matrix_power(step, 3) > 0)
    assert ways.max() <= 1.0
