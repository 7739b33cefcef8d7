"""`agent.aggregate`: keys, reducers, windows, time that goes back, and repeated events."""

from typing import Any

import pytest

from kumeo.interp import Event, Run, World
from kumeo.testing.small_workflows import play

RESULT = "!data.record<{n: i64, total: i64, least: i64, most: i64, avg: f64, old: i64, new: i64}>"
REDUCERS = '["count", "sum", "min", "max", "mean", "first", "last"]'
NAMES = ("n", "total", "least", "most", "avg", "old", "new")
SECOND = 1_000_000


def aggregate(window: str = "") -> str:
    values = ", ".join(f"{name} = %v" for name in NAMES)
    return f"""%k = data.get %e["k"] : !data.str
    %v = data.get %e["v"] : i64
    %a = agent.aggregate (key = %k, {values}) reducers {REDUCERS} {window} id "a" site "a"
      : (!data.str, i64, i64, i64, i64, i64, i64, i64) -> {RESULT}
    workflow.emit %a : {RESULT} to @t site "t" """


def start(events: list[tuple[str, str, int, int]], window_s: int | None = None) -> Run:
    """Run events of (id, key, value, time in seconds)."""
    window = "" if window_s is None else f"window_us {window_s * SECOND} : i64"
    list_ = [Event(id, "s", {"k": key, "v": value}) for id, key, value, _ in events]
    times = {id: time * SECOND for id, _, _, time in events}
    source = "!data.record<{k: !data.str, v: i64}>"
    return play(aggregate(window), list_, World(times=times), source=source)


def column(run: Run, name: str) -> list[Any]:
    return [payload[name] for payload in run.payloads("t")]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("n", [1, 2, 3]),
        ("total", [5, 7, 10]),
        ("least", [5, 2, 2]),
        ("most", [5, 5, 5]),
        ("avg", [5.0, 3.5, 10 / 3]),
        ("old", [5, 5, 5]),
        ("new", [5, 2, 3]),
    ],
)
def test_reducer_over_all_time(name: str, expected: list[Any]) -> None:
    assert column(start([("1", "k", 5, 0), ("2", "k", 2, 9), ("3", "k", 3, 99)]), name) == expected


def test_keys_are_kept_apart() -> None:
    assert column(start([("1", "x", 5, 0), ("2", "y", 2, 0), ("3", "x", 3, 0)]), "total") == [
        5,
        2,
        8,
    ]


@pytest.mark.parametrize(
    ("name", "expected"),
    [("n", [1, 2, 2, 1]), ("total", [5, 7, 5, 4]), ("old", [5, 5, 2, 4]), ("new", [5, 2, 3, 4])],
)
def test_window_forgets_events_that_are_as_old_as_it_is_long(name: str, expected: Any) -> None:
    events = [("1", "k", 5, 0), ("2", "k", 2, 9), ("3", "k", 3, 10), ("4", "k", 4, 50)]
    assert column(start(events, window_s=10), name) == expected


def test_late_event_counts_at_the_time_of_the_clock() -> None:
    events = [("1", "k", 5, 100), ("2", "k", 2, 0), ("3", "k", 3, 105), ("4", "k", 4, 110)]
    assert column(start(events, window_s=10), "n") == [1, 2, 3, 2]


def test_event_that_comes_again_is_applied_once_and_answered_equally() -> None:
    run = start([("1", "k", 5, 0), ("2", "k", 2, 0), ("1", "k", 5, 0), ("3", "k", 1, 0)])
    assert column(run, "total") == [5, 7, 5, 8]
    assert len(run.calls) == 3
    assert run.emitted[0] == run.emitted[2]


def test_overflow_fails_and_leaves_the_state_as_it_was() -> None:
    top = 2**63 - 1
    run = start([("1", "k", top, 0), ("2", "k", 1, 0), ("3", "k", -1, 0)])
    assert column(run, "n") == [1, 2]
    assert column(run, "total") == [top, top - 1]
    assert [r.failure.code for r in run.reports] == ["overflow"]


def test_event_that_fails_before_the_aggregate_is_not_applied() -> None:
    body = """%d = data.rem %one, %e : i64
    %a = agent.aggregate (key = %one, n = %d) reducers ["count"] id "a" site "a"
      : (i64, i64) -> !data.record<{n: i64}>
    workflow.emit %a : !data.record<{n: i64}> to @t site "t" """
    run = play(body, [1, 0, 1])
    assert run.payloads("t") == [{"n": 1}, {"n": 2}]
    assert [r.event.id for r in run.reports] == ["e1"]


def test_aggregates_at_two_sites_have_their_own_state() -> None:
    outside = """workflow.subworkflow @count (%k: i64) -> (!data.record<{n: i64}>) {
      %a = agent.aggregate (key = %k, n = %k) reducers ["count"] id "a" site "a"
        : (i64, i64) -> !data.record<{n: i64}>
      workflow.return %a : !data.record<{n: i64}>
    }"""
    body = """%x = workflow.call @count(%e) site "x" : (i64) -> (!data.record<{n: i64}>)
    %y = workflow.call @count(%e) site "y" : (i64) -> (!data.record<{n: i64}>)
    workflow.emit %y : !data.record<{n: i64}> to @t site "t" """
    assert play(body, [1, 1], outside=outside).payloads("t") == [{"n": 1}, {"n": 2}]


def test_aggregate_in_a_foreach_applies_each_iteration() -> None:
    body = """%l = data.list [%one, %two] : !data.list<i64>
    workflow.foreach (%x: i64) in %l {
      %a = agent.aggregate (key = %one, s = %x) reducers ["sum"] id "a" site "a"
        : (i64, i64) -> !data.record<{s: i64}>
      workflow.emit %a : !data.record<{s: i64}> to @t site "t"
      workflow.yield
    }"""
    assert play(body, [0, 0]).payloads("t") == [{"s": 1}, {"s": 3}, {"s": 4}, {"s": 6}]
