"""Conditions, loops, calls of subworkflows, and how they make ids and paths."""

import pytest
from kumeo_runtime import ids

from kumeo.interp import World, emit_id, run
from kumeo.testing.small_workflows import events_of, module_of, play

EMIT = 'workflow.emit %x : i64 to @t site "x"'


@pytest.mark.parametrize(("value", "expected"), [(1, "t"), (5, "u")])
def test_if_runs_one_region(value: int, expected: str) -> None:
    body = """%c = data.compare lt, %e, %two : i64
    workflow.if %c { workflow.emit %e : i64 to @t site "a" workflow.yield }
    else { workflow.emit %e : i64 to @u site "b" workflow.yield }"""
    assert [e.target for e in play(body, [value]).emitted] == [expected]


@pytest.mark.parametrize(("value", "expected"), [(1, 10), (2, 10), (3, 20), (4, 30)])
def test_match_runs_the_case_that_holds_the_subject(value: int, expected: int) -> None:
    body = """%a = data.constant 10 : i64  %b = data.constant 20 : i64  %c = data.constant 30 : i64
    %x = workflow.match %e : i64 -> (i64) case 1 : i64, 2 : i64 { workflow.yield %a : i64 }
      case 3 : i64 { workflow.yield %b : i64 } default { workflow.yield %c : i64 }
    """
    assert play(body + EMIT, [value]).payloads("t") == [expected]


@pytest.mark.parametrize(("value", "expected"), [("low", [1]), ("high", [2])])
def test_match_on_an_enum_without_default(value: str, expected: list[int]) -> None:
    kind = '!data.enum<"low", "high">'
    body = f"""%x = workflow.match %e : {kind} -> (i64) case "low" {{ workflow.yield %one : i64 }}
      case "high" {{ workflow.yield %two : i64 }}
    """
    assert play(body + EMIT, [value], source=kind).payloads("t") == expected


@pytest.mark.parametrize("value", [True, False])
def test_match_on_a_boolean(value: bool) -> None:
    body = """%x = workflow.match %e : i1 -> (i64) case true { workflow.yield %one : i64 }
      case false { workflow.yield %zero : i64 }
    """
    assert play(body + EMIT, [value], source="i1").payloads("t") == [int(value)]


LOOP = "%l = data.list [%two, %zero, %one] : !data.list<i64>\n"
DIVIDE = "%d = data.rem %two, %x : i64"


def test_foreach_gives_the_list_of_yielded_values() -> None:
    body = f"""{LOOP}%r = workflow.foreach (%x: i64) in %l -> (!data.list<i64>) {{
      %y = data.add %x, %e : i64
      workflow.yield %y : i64
    }}
    workflow.emit %r : !data.list<i64> to @t site "r" """
    assert play(body, [10]).payloads("t") == [[12, 10, 11]]


def test_foreach_over_nothing_gives_an_empty_list() -> None:
    body = """%r = workflow.foreach (%x: i64) in %e -> (!data.list<i64>) { workflow.yield %x : i64 }
    workflow.emit %r : !data.list<i64> to @t site "r" """
    assert play(body, [[]], source="!data.list<i64>").payloads("t") == [[]]


def test_foreach_with_a_failing_index_settles_the_others() -> None:
    body = f"""{LOOP}workflow.foreach (%x: i64) in %l {{
      {DIVIDE}
      workflow.emit %d : i64 to @t site "x"
      workflow.yield
    }}"""
    run = play(body)
    assert [(e.path, e.payload) for e in run.emitted] == [((0,), 0), ((2,), 0)]
    assert len(run.reports) == 1


def test_foreach_result_is_the_failure_with_the_lowest_index() -> None:
    body = """%l = data.list [%zero, %one] : !data.list<i64>
    %r = workflow.foreach (%x: i64) in %l -> (!data.list<i64>) {
      %c = data.compare eq, %x, %zero : i64
      %y = data.select %c, %bad, %worse : i64
      workflow.yield %y : i64
    }
    workflow.emit %r : !data.list<i64> to @t site "r" """
    assert [r.failure.code for r in play(body).reports] == ["division-by-zero"]


def test_foreach_fails_only_the_result_that_failed() -> None:
    body = f"""{LOOP}%r, %q = workflow.foreach (%x: i64) in %l
      -> (!data.list<i64>, !data.list<i64>) {{ {DIVIDE} workflow.yield %d, %x : i64, i64 }}
    workflow.emit %q : !data.list<i64> to @t site "q" """
    run = play(body)
    assert (run.payloads("t"), run.reports) == ([[2, 0, 1]], [])


def test_nested_foreach_appends_to_the_path() -> None:
    body = """%l = data.list [%one, %two] : !data.list<i64>
    workflow.foreach (%x: i64) in %l {
      workflow.foreach (%y: i64) in %l { workflow.emit %y : i64 to @t site "x" workflow.yield }
      workflow.yield
    }"""
    assert [e.path for e in play(body).emitted] == [(0, 0), (0, 1), (1, 0), (1, 1)]


SUB = """workflow.subworkflow @twice (%v: i64) -> (i64) {
  %r = data.add %v, %v : i64
  workflow.emit %v : i64 to @t site "log"
  workflow.return %r : i64
}
workflow.subworkflow @four (%v: i64) -> (i64) {
  %a = workflow.call @twice(%v) site "in" : (i64) -> (i64)
  %b = workflow.call @twice(%a) site "out" : (i64) -> (i64)
  workflow.return %b : i64
}"""


def test_call_returns_values_and_prefixes_sites() -> None:
    body = """%x = workflow.call @four(%e) site "four" : (i64) -> (i64)
    workflow.emit %x : i64 to @u site "x" """
    run = play(body, [3], outside=SUB)
    assert run.payloads("u") == [12]
    assert [e.site for e in run.emitted] == ["four/in/log", "four/out/log", "x"]


def test_call_in_a_foreach_keeps_the_path_of_the_caller() -> None:
    body = """%l = data.list [%one, %two] : !data.list<i64>
    workflow.foreach (%x: i64) in %l {
      %r = workflow.call @twice(%x) site "c" : (i64) -> (i64)
      workflow.yield
    }"""
    emitted = play(body, outside=SUB).emitted
    assert [(e.site, e.path) for e in emitted] == [("c/log", (0,)), ("c/log", (1,))]
    assert emitted[0].id != emitted[1].id


def test_call_and_its_inlined_text_send_the_same_messages() -> None:
    called = play(
        "%r = workflow.call @twice(%e) site 'c' : (i64) -> (i64)".replace("'", '"'),
        [3],
        outside=SUB,
    )
    inlined = play('workflow.emit %e : i64 to @t site "c/log"', [3])
    assert called.emitted == inlined.emitted


def test_call_with_a_failing_argument_still_runs() -> None:
    outside = """workflow.subworkflow @first (%a: i64, %b: i64) -> (i64) {
      workflow.return %a : i64
    }"""
    body = """%x = workflow.call @first(%e, %bad) site "c" : (i64, i64) -> (i64)
    """
    run = play(body + EMIT, [3], outside=outside)
    assert (run.payloads("t"), run.reports) == ([3], [])


def test_failure_inside_a_call_is_reported_by_the_activation() -> None:
    body = '%x = workflow.call @twice(%bad) site "c" : (i64) -> (i64)'
    assert len(play(body, outside=SUB, on_error="@errors").payloads("errors")) == 1


def test_emit_id_is_that_of_the_runtime() -> None:
    run = play("%x = data.add %e, %e : i64\n" + EMIT)
    activation = ids.activation_id("w", "s", "e0")
    assert run.emitted[0].id == ids.child_id(activation, "x")


def test_emit_id_of_odd_texts_and_indexes_is_that_of_the_runtime() -> None:
    activation = ids.activation_id("wide_name", "é", '"\ud800')
    expected = ids.child_id(activation, "s\n", (0, 2))
    assert emit_id("WideName", "é", '"\ud800', "s\n", (0, 2)) == expected


def test_emits_of_one_event_have_different_ids() -> None:
    run = play('workflow.emit %e : i64 to @t site "a"\nworkflow.emit %e : i64 to @t site "b"')
    assert len({e.id for e in run.emitted}) == 2


def test_deep_nesting_needs_no_stack() -> None:
    depth = 110
    body = 'workflow.emit %e : i64 to @t site "x"\n'
    for _ in range(depth):
        body = f"workflow.if %yes {{ {body} workflow.yield }}\n"
    assert len(run(module_of(body), "W", events_of([1]), World()).emitted) == 1


def test_long_chain_of_calls_needs_no_stack() -> None:
    count = 3000
    subs = [
        f"""workflow.subworkflow @s{i} (%v: i64) -> (i64) {{
          %r = workflow.call @s{i + 1}(%v) site "c" : (i64) -> (i64)
          workflow.return %r : i64 }}"""
        for i in range(count)
    ]
    subs.append(f"workflow.subworkflow @s{count} (%v: i64) -> (i64) {{ workflow.return %v : i64 }}")
    body = '%x = workflow.call @s0(%e) site "c" : (i64) -> (i64)\n' + EMIT
    module = module_of(body, outside="\n".join(subs))
    assert run(module, "W", events_of([7]), World()).payloads("t") == [7]
