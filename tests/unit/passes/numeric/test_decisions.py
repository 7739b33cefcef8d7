"""Compiled decisions are those of an independent computation in float64, ties included."""

import pytest

from benchmarks.inference import decision_tables
from benchmarks.inference.alternatives import count_mismatches
from benchmarks.inference.decisions import Case, cases, mismatches

ROWS = 8_000


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_decision_of_graph_and_interpreter_is_that_of_the_reference(case: Case) -> None:
    graph, rule, agent, without = mismatches(case, ROWS, ROWS // 4)
    assert (graph, rule, agent) == (0, 0, 0)
    assert without < ROWS // 2


def test_topsis_over_alternatives_is_that_of_the_reference() -> None:
    assert count_mismatches(3_000) == (3_000, 0, 0, 0)


def test_random_tables_decide_as_their_cells_say() -> None:
    assert decision_tables.mismatches(range(1_000, 1_012), 40) == (480, 0, 0)
