"""Statements: what they bind, how branches merge, what is refused."""

from collections.abc import Callable

import pytest

from kumeo.frontend.elaborate import Elaborated

Ir = Callable[..., str]
Codes = Callable[..., list[str]]


def test_if_name_in_both_branches_keeps_its_type(ir_of: Ir) -> None:
    ir = ir_of("if source.amount > 5 { x = 1 } else { x = 2 } emit { x: x } to target.good")
    assert "%x = workflow.if" in ir
    assert "-> (i64)" in ir


def test_if_int_and_float_branches_join_to_float(ir_of: Ir) -> None:
    ir = ir_of("if source.amount > 5 { x = 1 } else { x = 2.5 } emit { x: x } to target.good")
    assert "-> (f64)" in ir


def test_if_name_in_one_branch_becomes_optional(ir_of: Ir) -> None:
    ir = ir_of('if source.amount > 5 { x = "a" } emit { x: x } to target.good')
    assert "-> (!data.option<!data.str>)" in ir
    assert "data.none : !data.option<!data.str>" in ir


def test_if_name_that_nothing_reads_is_no_result(ir_of: Ir) -> None:
    ir = ir_of("if source.amount > 5 { x = 1 emit { x: x } to target.good }")
    assert "workflow.if %" in ir
    assert "-> (" not in ir.split("workflow.if", 1)[1].split("\n", 1)[0]


def test_if_unread_name_stays_taken(codes_of: Codes) -> None:
    body = "if source.amount > 5 { x = 1 emit { x: x } to target.good } x = 2 emit x to target.good"
    assert codes_of(body) == ["duplicate-id"]


def test_else_if_nests(ir_of: Ir) -> None:
    ir = ir_of(
        "if source.amount > 5 { emit source to target.good }"
        " else if source.amount > 3 { emit source to target.bad }"
        " else { emit { id: source.id } to target.bad }"
    )
    assert ir.count("workflow.if ") == 2
    assert ir.count("workflow.emit") == 3


def test_emits_to_one_target_have_distinct_sites(ir_of: Ir) -> None:
    ir = ir_of("emit source to target.good emit source to target.good")
    assert 'site "emit:good"' in ir
    assert 'site "emit:good#2"' in ir


def test_condition_narrows_inside_its_branch(ir_of: Ir) -> None:
    ir = ir_of("if source.note != null { emit { n: upper(source.note) } to target.good }")
    assert "data.unwrap" in ir


def test_for_names_become_lists(ir_of: Ir) -> None:
    ir = ir_of("for i in source.items { n = i.count * 2 } emit { all: n } to target.good")
    assert "workflow.foreach" in ir
    assert "(!data.list<i64>)" in ir


def test_for_named_is_the_list_of_the_last_name(ir_of: Ir) -> None:
    ir = ir_of(
        "xs = for i in source.items { a = i.sku b = i.count } emit { xs: xs } to target.good"
    )
    assert "(!data.list<i64>)" in ir
    assert "(!data.list<!data.str>" not in ir


def test_for_named_without_a_value_is_a_mismatch(codes_of: Codes) -> None:
    body = "xs = for i in source.items { emit i to target.good } emit { xs: xs } to target.bad"
    assert codes_of(body) == ["type-mismatch"]


def test_for_over_a_string_is_a_mismatch(codes_of: Codes) -> None:
    assert codes_of("for c in source.id { emit c to target.good }") == ["type-mismatch"]


def test_loop_variable_is_not_visible_after_the_loop(codes_of: Codes) -> None:
    body = "for i in source.items { n = i.count } emit { n: n, i: i } to target.good"
    assert codes_of(body) == ["unknown-name"]


def test_nested_for_gives_lists_of_lists(ir_of: Ir) -> None:
    ir = ir_of(
        "for a in source.items { for b in source.items { n = a.count + b.count } }"
        " emit { n: n } to target.good"
    )
    assert "!data.list<!data.list<i64>>" in ir


def test_match_total_enum_has_no_default(ir_of: Ir) -> None:
    ir = ir_of(
        "match source.level { low => { x = 1 } medium | high => { x = 2 } }"
        " emit { x: x } to target.good"
    )
    assert 'case "low"' in ir
    assert 'case "medium", "high"' in ir
    assert "-> (i64)" in ir


def test_match_with_else_on_strings(ir_of: Ir) -> None:
    ir = ir_of('match source.id { "a" => { x = 1 } else => { x = 2 } } emit {x: x} to target.good')
    assert 'case "a"' in ir
    assert "-> (i64)" in ir


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("match source.amount { else => { emit source to target.good } }", "type-mismatch"),
        (
            "match source.level { lowish => { emit source to target.good } else => {} }",
            "unknown-value",
        ),
        ("match source.level { 5 => { emit source to target.good } else => {} }", "type-mismatch"),
        ("match source.level { high => { emit source to target.good } }", "incomplete-match"),
    ],
)
def test_match_faults(codes_of: Codes, body: str, code: str) -> None:
    assert codes_of(body) == [code]


def test_match_on_a_negative_number(ir_of: Ir) -> None:
    count = "len(source.items)"
    ir = ir_of(f"match {count} {{ -1 => {{ emit source to target.good }} else => {{}} }}")
    assert "-1" in ir


def test_match_number_too_large_is_a_diagnostic(codes_of: Codes) -> None:
    body = "match len(source.items) { 9223372036854775808 => { emit source to target.good } }"
    assert codes_of(body) == ["integer-range"]


def test_match_on_bool_with_both_cases_is_total(ir_of: Ir) -> None:
    ir = ir_of(
        "match source.amount > 5 { true => { x = 1 } false => { x = 2 } }"
        " emit {x: x} to target.good"
    )
    assert "-> (i64)" in ir


def test_parallel_independent_statements_run_in_order(ir_of: Ir) -> None:
    ir = ir_of(
        "parallel { a = upper(source.id) b = lower(source.id) } emit {a: a, b: b} to target.good"
    )
    assert ir.index('"upper"') < ir.index('"lower"')


def test_try_result_in_both_regions(ir_of: Ir) -> None:
    ir = ir_of(
        "try { x = to_int(source.id) } catch err { x = len(err.message) }"
        " emit { x: x } to target.good"
    )
    assert "workflow.try -> (i64)" in ir
    assert "catch (%" in ir


def test_catch_name_is_only_visible_in_the_handler(codes_of: Codes) -> None:
    body = (
        "try { emit source to target.good } catch err { emit err to target.bad }"
        " emit err to target.bad"
    )
    assert codes_of(body) == ["unknown-name"]


def test_bind_expression_names_a_value(ir_of: Ir) -> None:
    assert "%double = data.mul" in ir_of(
        "double = source.amount * 2.0 emit {d: double} to target.good"
    )


@pytest.mark.parametrize("name", ["source", "target", "config", "now"])
def test_bind_reserved_name_is_shadowing(codes_of: Codes, name: str) -> None:
    assert codes_of(f"{name} = 5 emit source.id to target.good") == ["shadowed-name"]


def test_bind_in_a_branch_of_an_outer_name_is_shadowing(codes_of: Codes) -> None:
    body = (
        "x = 1 if source.amount > 5 { x = 2 emit { x: x } to target.good }"
        " emit { x: x } to target.bad"
    )
    assert codes_of(body) == ["shadowed-name"]


@pytest.mark.parametrize(
    "target",
    [
        "target.good",
        'target["orders.good"]',
        '"target.good"',
        '"orders.good"',
        "target.orders.good",
    ],
)
def test_emit_spellings_of_one_target(ir_of: Ir, target: str) -> None:
    assert "to @good" in ir_of(f"emit source to {target}")


def test_later_agent_names_the_definition(compile_body: Callable[[str], Elaborated]) -> None:
    result = compile_body("emit { x: later } to target.good later = 5")
    (diagnostic,) = result.diagnostics
    assert diagnostic.code == "later-agent"
    assert diagnostic.related[0].text == "`later` is defined here"


def test_five_independent_faults_give_five_diagnostics(codes_of: Codes) -> None:
    body = """
      a = source.amout + 1
      b = uper(source.id)
      emit { a: a, b: b } to target.goood
      c = LLM(engine: "x/y", prompt: "{{ sourc.id }}", temprature: 1)
      emit c to target.good
    """
    expected = [
        "prompt-name",
        "unknown-field",
        "unknown-function",
        "unknown-parameter",
        "unknown-target",
    ]
    assert sorted(codes_of(body)) == expected


def test_try_body_and_handler_may_use_one_id(ir_of: Ir) -> None:
    ir = ir_of("""
      try { LLM(id: "a", engine: "ollama/x", prompt: "p") }
      catch e { LLM(id: "a", engine: "ollama/y", prompt: "{{ e.message }}") }
      emit a to target.good
    """)
    assert ir.count("agent.llm") == 2


def _ring(size: int) -> str:
    reads = [f"a{i} = a{(i + 1) % size}" for i in range(size)]
    return "\n".join([*reads, "emit {x: a0} to target.good"])


def test_circle_of_agents_is_reported_once(codes_of: Codes) -> None:
    assert codes_of(_ring(4)) == ["agent-cycle", "later-agent", "later-agent"]


def test_circle_of_many_agents_is_shortened(compile_body: Callable[[str], Elaborated]) -> None:
    first = compile_body(_ring(2000)).diagnostics[0]
    assert "`a3` → … → `a" in first.headline
