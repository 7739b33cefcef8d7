"""Compiled decisions are those of an independent computation in float64, ties included."""

import pytest

from benchmarks.inference.decisions import Case, cases, mismatches

ROWS = 8_000


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_decision_of_graph_and_interpreter_is_that_of_the_reference(case: Case) -> None:
    graph, rule, without = mismatches(case, ROWS, ROWS // 4)
    assert (graph, rule) == (0, 0)
    assert without < ROWS // 2
