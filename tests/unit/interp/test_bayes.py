"""Exact inference, against sums over the whole joint distribution, and `agent.bayes`."""

from itertools import combinations, product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kumeo.interp import World
from kumeo.interp.bayes import (
    ImpossibleEvidenceError,
    Network,
    TooLargeError,
    network_from_rows,
    posterior,
)
from kumeo.testing.small_workflows import play

STATES = {"R": ("yes", "no"), "S": ("yes", "no"), "W": ("yes", "no")}
PARENTS: dict[str, tuple[str, ...]] = {"R": (), "S": ("R",), "W": ("R", "S")}
ROWS = {
    "R": [[0.2, 0.8]],
    "S": [[0.01, 0.99], [0.4, 0.6]],
    "W": [[0.99, 0.01], [0.8, 0.2], [0.9, 0.1], [0.0, 1.0]],
}
RAIN = network_from_rows(STATES, PARENTS, ROWS)


def brute_force(network: Network, query: str, evidence: dict[str, str]) -> list[float]:
    """Sum the joint probability of every full assignment that agrees with the evidence."""
    names = list(network.states)
    weights = dict.fromkeys(network.states[query], 0.0)
    for states in product(*(network.states[name] for name in names)):
        world = dict(zip(names, states, strict=True))
        if all(world[name] == state for name, state in evidence.items()):
            weights[world[query]] += _joint(network, world)
    total = sum(weights.values())
    return [weight / total for weight in weights.values()]


def _joint(network: Network, world: dict[str, str]) -> float:
    result = 1.0
    for name, table in network.tables.items():
        axes = (*network.parents[name], name)
        result *= float(table[tuple(network.states[a].index(world[a]) for a in axes)])
    return result


def test_posterior_without_evidence_is_the_prior() -> None:
    assert posterior(RAIN, "R", {}) == pytest.approx((0.2, 0.8))


def test_posterior_of_rain_given_wet_grass() -> None:
    assert posterior(RAIN, "R", {"W": "yes"})[0] == pytest.approx(0.35768767563)


def test_posterior_of_observed_variable_is_certain() -> None:
    assert posterior(RAIN, "W", {"W": "no", "R": "yes"}) == (0.0, 1.0)


def test_posterior_of_impossible_evidence_is_refused() -> None:
    with pytest.raises(ImpossibleEvidenceError):
        posterior(RAIN, "R", {"W": "yes", "R": "no", "S": "no"})


@st.composite
def networks(draw: st.DrawFn) -> Network:
    count = draw(st.integers(1, 6))
    names = [f"v{i}" for i in range(count)]
    states = {n: tuple(f"s{j}" for j in range(draw(st.integers(1, 3)))) for n in names}
    parents: dict[str, tuple[str, ...]] = {}
    rows: dict[str, Any] = {}
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    for i, name in enumerate(names):
        chosen = draw(st.lists(st.sampled_from(names[:i]), max_size=3, unique=True)) if i else []
        parents[name] = tuple(chosen)
        height = int(np.prod([len(states[p]) for p in chosen], dtype=int))
        rows[name] = random.dirichlet(np.ones(len(states[name])), size=height)
    return network_from_rows(states, parents, rows)


@settings(max_examples=60, deadline=None)
@given(networks(), st.data())
def test_posterior_of_a_random_network_equals_brute_force(network: Network, data: Any) -> None:
    names = sorted(network.states)
    query = data.draw(st.sampled_from(names))
    observed = data.draw(st.lists(st.sampled_from(names), unique=True, max_size=3))
    evidence = {name: data.draw(st.sampled_from(network.states[name])) for name in observed}
    expected = brute_force(network, query, evidence)
    assert posterior(network, query, evidence) == pytest.approx(expected)


def many_causes(count: int) -> Network:
    """A finding with many causes: its table has an axis for each."""
    causes = tuple(f"v{i}" for i in range(count))
    groups = [causes[i : i + 4] for i in range(0, count, 4)]
    found = {f"w{i}": (*one, *two) for i, (one, two) in enumerate(combinations(groups, 2))}
    parents = {**dict.fromkeys(causes, ()), **found}
    states = dict.fromkeys(parents, ("a", "b"))
    rows = {n: [[0.5, 0.5]] * 2 ** len(parents[n]) for n in parents}
    return network_from_rows(states, parents, rows)


def test_posterior_that_needs_too_much_memory_is_refused() -> None:
    network = many_causes(32)
    evidence = {name: "a" for name in network.states if name.startswith("w")}
    with pytest.raises(TooLargeError, match="numbers"):
        posterior(network, "v0", evidence)


def test_posterior_of_many_causes_that_fit_is_given() -> None:
    network = many_causes(12)
    evidence = {name: "a" for name in network.states if name.startswith("w")}
    assert posterior(network, "v0", evidence) == pytest.approx((0.5, 0.5))


def test_posterior_of_a_long_chain_does_not_underflow() -> None:
    names = [f"v{i}" for i in range(2000)]
    states = dict.fromkeys(names, ("a", "b"))
    parents = {n: (names[i - 1],) if i else () for i, n in enumerate(names)}
    rows = {n: [[1e-3, 0.999], [1e-3, 0.999]] if i else [[0.5, 0.5]] for i, n in enumerate(names)}
    network = network_from_rows(states, parents, rows)
    evidence = dict.fromkeys(names[1:], "a")
    assert posterior(network, "v0", evidence) == pytest.approx((0.5, 0.5))


BIF = b"""network rain {}
variable R { type discrete [ 2 ] { yes, no }; }
variable W { type discrete [ 2 ] { true, false }; }
probability ( R ) { table 0.2, 0.8; }
probability ( W | R ) { (yes) 0.9, 0.1; (no) 0.0, 1.0; }
"""
RESULT = "!data.record<{R: !data.record<{yes: f64, no: f64}>}>"


def ask(kind: str, payload: Any, file: bytes | None = BIF) -> Any:
    body = f"""%a = agent.bayes @m (W = %e) query ["R"] id "a" site "a" : ({kind}) -> {RESULT}
    workflow.emit %a : {RESULT} to @t site "t" """
    world = World(read_file=lambda path: file if path == "rain.bif" else None)
    declared = 'workflow.model @m bayesian("rain.bif")'
    return play(body, [payload], world, source=kind, declarations=declared)


@pytest.mark.parametrize(
    ("kind", "payload", "expected"),
    [
        ('!data.enum<"true", "false">', "true", 1.0),
        ("i1", True, 1.0),
        ("!data.str", "true", 1.0),
        ("!data.option<!data.str>", None, 0.2),
        ("i1", False, 0.02 / 0.82),
    ],
)
def test_bayes_reads_evidence_by_the_name_of_a_state(
    kind: str, payload: Any, expected: float
) -> None:
    (answer,) = ask(kind, payload).payloads("t")
    assert answer["R"]["yes"] == pytest.approx(expected)


def test_bayes_with_an_unknown_state_fails() -> None:
    assert ask("!data.str", "wet").reports[0].failure.code == "unknown-state"


def test_bayes_with_impossible_evidence_fails() -> None:
    network = BIF.replace(b"0.9, 0.1", b"0.0, 1.0")
    failure = ask("i1", True, network).reports[0].failure
    assert failure.code == "impossible-evidence"
    assert failure.message == "the network gives the evidence probability zero"


def test_bayes_with_a_file_that_is_no_network_fails() -> None:
    assert ask("i1", True, b"nonsense").reports[0].failure.code == "model-failed"


def test_bayes_without_its_file_answers_from_its_inputs() -> None:
    assert ask("i1", True, None).emitted[0].payload == ask("i1", True, None).emitted[0].payload
