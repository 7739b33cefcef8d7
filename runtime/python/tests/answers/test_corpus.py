"""Every answer of the corpus: what can be read is read right, what cannot is refused."""

from pathlib import Path

import pytest
from kumeo_runtime.answers import read_answer
from kumeo_runtime.decoding import from_json
from kumeo_runtime.testing.answers import Case, cases
from kumeo_runtime.values import Failure
from kumeo_runtime.writing import to_json

FOLDER = Path(__file__).parents[3] / "conformance" / "answers"
READ = list(cases(FOLDER, "read"))
REFUSED = list(cases(FOLDER, "refused"))
NOT_READ = {"numbers: space"}
"""Refused although a person could read it: `[1 234]` may be one number or two."""


def _named(case: Case) -> str:
    return case.name


def test_corpus_is_large_enough() -> None:
    types = {case.name.split(":")[0] for case in READ}
    assert len(READ) >= 240
    assert len(REFUSED) >= 60
    assert len(types) >= 12


@pytest.mark.parametrize("case", [each for each in READ if each.name not in NOT_READ], ids=_named)
def test_read_answer_recoverable_gives_the_value(case: Case) -> None:
    found = read_answer(case.text, case.type)
    assert not isinstance(found, Failure), found.message
    assert to_json(found.value, case.type) == case.value


@pytest.mark.parametrize("case", [each for each in READ if each.name in NOT_READ], ids=_named)
def test_read_answer_unclear_is_no_wrong_value(case: Case) -> None:
    assert isinstance(read_answer(case.text, case.type), Failure)


def test_read_answer_accepts_nearly_all() -> None:
    found = [read_answer(case.text, case.type) for case in READ]
    accepted = sum(not isinstance(each, Failure) for each in found)
    assert accepted / len(READ) >= 0.95


@pytest.mark.parametrize("case", REFUSED, ids=_named)
def test_read_answer_without_answer_is_refused(case: Case) -> None:
    found = read_answer(case.text, case.type)
    assert isinstance(found, Failure), found


@pytest.mark.parametrize("case", READ, ids=_named)
def test_read_answer_value_passes_strict_check(case: Case) -> None:
    found = read_answer(case.text, case.type)
    if isinstance(found, Failure):
        assert case.name in NOT_READ
        return
    assert from_json(to_json(found.value, case.type), case.type) == found.value
