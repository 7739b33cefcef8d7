"""Patterns and payloads."""

import pytest

from kumeo.tools.matching import difference, mismatches

MATCHES = [
    ({}, {"a": 1}),
    ({"a": 1}, {"a": 1, "b": 2}),
    ({"a": {"b": 1}}, {"a": {"b": 1, "c": 2}}),
    ([], []),
    ([{"a": 1}], [{"a": 1, "b": 2}]),
    (1, 1.0),
    (0.3, 0.1 + 0.2),
    (None, None),
    ("x", "x"),
    (True, True),
]

DIFFERS = [
    ({"a": 1}, {}, [".a"]),
    ({"a": 1, "b": 2}, {"a": 2, "b": 3}, [".a", ".b"]),
    ({"a": [1, 2]}, {"a": [1, 3]}, [".a[1]"]),
    ([1], [1, 2], [""]),
    ({"a": None}, {}, [".a"]),
    (1, True, [""]),
    (0, False, [""]),
    ("1", 1, [""]),
    (1.0, 1.0001, [""]),
    ({}, [], [""]),
]


@pytest.mark.parametrize(("pattern", "actual"), MATCHES)
def test_mismatches_of_a_fitting_payload_are_none(pattern: object, actual: object) -> None:
    assert list(mismatches(pattern, actual)) == []


@pytest.mark.parametrize(("pattern", "actual", "paths"), DIFFERS)
def test_mismatches_name_each_place(pattern: object, actual: object, paths: list[str]) -> None:
    assert [mismatch.path for mismatch in mismatches(pattern, actual)] == paths


def test_difference_leaves_out_fields_that_do_not_matter() -> None:
    lines = difference({"a": 1}, {"a": 2, "noise": 3})
    assert lines == ["  {", '-   "a": 1', '+   "a": 2', "  }"]


def test_difference_of_a_missing_field_shows_it_as_expected_only() -> None:
    assert difference({"a": 1, "b": 2}, {"a": 1}) == ["  {", '    "a": 1', '-   "b": 2', "  }"]


def test_difference_of_equal_numbers_shows_none() -> None:
    assert difference({"a": 0.3, "b": 1}, {"a": 0.1 + 0.2, "b": 2}).count('    "a": 0.3') == 1
