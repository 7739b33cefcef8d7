"""Failures as values: strict operations, and the five that are not."""

import pytest

from kumeo.testing.small_workflows import play

OK = "workflow.emit %r : i1 to @t site 't'".replace("'", '"')
OK_INT = "workflow.emit %r : i64 to @t site 't'".replace("'", '"')


@pytest.mark.parametrize(
    ("op", "expected"),
    [
        ("%r = data.and %no, %badflag", [False]),
        ("%r = data.and %yes, %badflag", []),
        ("%r = data.and %badflag, %no", []),
        ("%r = data.or %yes, %badflag", [True]),
        ("%r = data.or %no, %badflag", []),
        ("%r = data.or %badflag, %yes", []),
        ("%r = data.and %yes, %no", [False]),
        ("%r = data.or %no, %yes", [True]),
        ("%r = data.not %badflag", []),
    ],
)
def test_logic_with_a_failing_operand_needs_only_what_decides(
    op: str, expected: list[bool]
) -> None:
    run = play(f"{op}\n{OK}")
    assert run.payloads("t") == expected
    assert len(run.reports) == 1 - len(expected)


@pytest.mark.parametrize(
    ("op", "expected"),
    [
        ("%r = data.select %yes, %one, %bad : i64", [1]),
        ("%r = data.select %no, %one, %bad : i64", []),
        ("%r = data.select %no, %bad, %two : i64", [2]),
        ("%r = data.select %badflag, %one, %two : i64", []),
    ],
)
def test_select_with_a_failing_operand_needs_only_the_chosen_one(
    op: str, expected: list[int]
) -> None:
    assert play(f"{op}\n{OK_INT}").payloads("t") == expected


@pytest.mark.parametrize(
    ("first", "expected"),
    [("%o = data.some %two : !data.option<i64>", [2]), ("%o = data.none : !data.option<i64>", [])],
)
def test_coalesce_with_a_failing_default_needs_it_only_for_null(
    first: str, expected: list[int]
) -> None:
    assert play(f"{first}\n%r = data.coalesce %o, %bad : i64\n{OK_INT}").payloads("t") == expected


def test_coalesce_of_a_failure_fails_although_there_is_a_default() -> None:
    body = f"%o = data.some %bad : !data.option<i64>\n%r = data.coalesce %o, %one : i64\n{OK_INT}"
    assert play(body).reports[0].failure.code == "division-by-zero"


@pytest.mark.parametrize(
    ("operands", "code"),
    [("%bad, %worse", "division-by-zero"), ("%worse, %bad", "null-value")],
)
def test_add_two_failures_gives_the_first_operand(operands: str, code: str) -> None:
    run = play(f"%r = data.add {operands} : i64\n{OK_INT}")
    assert [r.failure.code for r in run.reports] == [code]


def test_record_with_a_failing_field_fails_as_a_whole() -> None:
    body = """%r = data.record {a = %one, b = %bad}
    %a = data.get %r["a"] : i64
    workflow.emit %a : i64 to @t site "t" """
    run = play(body)
    assert run.payloads("t") == []


LIST = "%list = data.list [%two, %zero, %one] : !data.list<i64>\n"
ITEM = "%d = data.rem %two, %x : i64\n"


def test_map_with_a_failing_item_fails() -> None:
    body = f"""{LIST}%m = data.map %x : i64 in %list -> i64 {{ {ITEM} data.yield %d : i64 }}
    %r = data.len %m
    {OK_INT}"""
    assert play(body).reports[0].failure.code == "division-by-zero"


def test_map_reads_values_from_above() -> None:
    body = """%list = data.list [%two, %one] : !data.list<i64>
    %m = data.map %x : i64 in %list -> i64 {
      %d = data.add %x, %e : i64
      data.yield %d : i64
    }
    workflow.emit %m : !data.list<i64> to @t site "t" """
    assert play(body, [40]).payloads("t") == [[42, 41]]


def test_map_inside_map_keeps_both_items_apart() -> None:
    body = """%list = data.list [%one, %two] : !data.list<i64>
    %m = data.map %x : i64 in %list -> !data.list<i64> {
      %n = data.map %y : i64 in %list -> i64 {
        %d = data.mul %x, %y : i64
        data.yield %d : i64
      }
      data.yield %n : !data.list<i64>
    }
    workflow.emit %m : !data.list<!data.list<i64>> to @t site "t" """
    assert play(body).payloads("t") == [[[1, 2], [2, 4]]]


def test_filter_keeps_the_items_that_hold() -> None:
    body = f"""{LIST}%m = data.filter %x : i64 in %list {{
      %c = data.compare gt, %x, %zero : i64
      data.yield %c : i1
    }}
    workflow.emit %m : !data.list<i64> to @t site "t" """
    assert play(body).payloads("t") == [[2, 1]]


def test_filter_with_a_failing_test_fails() -> None:
    body = f"""{LIST}%m = data.filter %x : i64 in %list {{
      {ITEM} %c = data.compare eq, %d, %zero : i64
      data.yield %c : i1
    }}
    workflow.emit %m : !data.list<i64> to @t site "t" """
    assert play(body).payloads("t") == []


@pytest.mark.parametrize(
    ("kind", "predicate", "expected"),
    [
        ("any", "eq", [True]),  # item 0 decides, so the failing item 1 does not matter
        ("all", "ne", [False]),
        ("any", "ne", []),
        ("all", "eq", []),
    ],
)
def test_all_and_any_stop_at_the_first_item_that_decides(
    kind: str, predicate: str, expected: list[bool]
) -> None:
    body = f"""{LIST}%r = data.{kind} %x : i64 in %list {{
      {ITEM} %c = data.compare {predicate}, %d, %zero : i64
      data.yield %c : i1
    }}
    {OK}"""
    assert play(body).payloads("t") == expected


@pytest.mark.parametrize(("kind", "expected"), [("all", True), ("any", False)])
def test_all_and_any_of_nothing(kind: str, expected: bool) -> None:
    body = f"""%list = data.constant [] : !data.list<i64>
    %r = data.{kind} %x : i64 in %list {{ data.yield %badflag : i1 }}
    {OK}"""
    assert play(body).payloads("t") == [expected]


def test_list_operation_on_a_failing_list_fails() -> None:
    body = f"""%list = data.list [%bad] : !data.list<i64>
    %r = data.all %x : i64 in %list {{ data.yield %yes : i1 }}
    {OK}"""
    assert play(body).payloads("t") == []


def test_failure_that_nobody_reads_is_no_failure() -> None:
    run = play("%r = data.add %bad, %one : i64")
    assert run.reports == []
