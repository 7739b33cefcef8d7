"""Agent kinds: the op that each call becomes, and what is refused."""

from collections.abc import Callable

import pytest

Ir = Callable[..., str]
Codes = Callable[..., list[str]]

ANOMALY = 'models: { anomaly: "models/fraud_anomaly.onnx" }'
RISK = 'models: { risk: "models/fraud_risk.bif" }'


def test_processor_fields_captures_what_it_reads(ir_of: Ir) -> None:
    ir = ir_of(
        "p = DataProcessor(fields: { d: source.amount * config.factor }) emit p to target.good",
        "config: { factor: 2.0 }",
    )
    assert "%p = agent.process (%source, %factor)" in ir
    assert "-> !data.record<{d: f64}>" in ir


def test_processor_steps_change_the_record(ir_of: Ir) -> None:
    ir = ir_of(
        'p = DataProcessor(steps: [{ select: ["id", "note"] }, { rename: { id: "key" } },'
        ' { fill: { note: "none" } }, { set: { size: len(source.items) } }]) emit p to target.good'
    )
    assert "-> !data.record<{key: !data.str, note: !data.str, size: i64}>" in ir


@pytest.mark.parametrize(
    ("steps", "code"),
    [
        ('[{ drop: ["nothing"] }]', "unknown-field"),
        ('[{ rename: { nothing: "x" } }]', "unknown-field"),
        ('[{ select: ["nothing"] }]', "unknown-field"),
        ("[{ fill: { nothing: 1 } }]", "unknown-field"),
        ('["normalise"]', "invalid-setting"),
        ("[{ squash: 1 }]", "invalid-setting"),
        ("5", "invalid-setting"),
    ],
)
def test_processor_step_faults(codes_of: Codes, steps: str, code: str) -> None:
    assert codes_of(f"p = DataProcessor(steps: {steps}) emit p to target.good") == [code]


def test_model_takes_fields_in_order(ir_of: Ir) -> None:
    ir = ir_of(
        "m = MLModel(model: models.anomaly, input: { a: source.amount, b: len(source.items),"
        " c: source.amount > 5 }) emit m to target.good",
        ANOMALY,
    )
    assert "agent.model @anomaly (a = %" in ir
    assert "data.select" in ir, "a bool becomes 1.0 or 0.0"
    assert ": (f64, f64, f64) -> !data.record<{score: f64}>" in ir


def test_model_by_file_name_is_declared_once(ir_of: Ir) -> None:
    call = 'MLModel("models/fraud_anomaly.onnx", input: { a: 1.0, b: 2.0, c: 3.0 })'
    ir = ir_of(f"x = {call} y = {call} emit {{ x: x, y: y }} to target.good")
    assert ir.count("workflow.model @") == 1


def test_network_takes_a_bool_for_a_yes_no_variable(ir_of: Ir) -> None:
    ir = ir_of(
        'r = MLModel(model: models.risk, evidence: { Foreign: source.amount > 5 }, query: "Fraud")'
        " emit { p: r.Fraud.yes } to target.good",
        RISK,
    )
    assert 'query ["Fraud"]' in ir
    assert "Foreign = %" in ir


def test_network_query_is_required(codes_of: Codes) -> None:
    body = "r = MLModel(model: models.risk, evidence: {}) emit r to target.good"
    assert codes_of(body, RISK) == ["missing-argument"]


def test_llm_without_output_gives_text(ir_of: Ir) -> None:
    ir = ir_of('a = LLM("ollama/llama3", prompt: "Hi") emit a to target.good')
    assert 'agent.llm "ollama/llama3" (prompt = %' in ir
    assert "-> !data.record<{text: !data.str}>" in ir


def test_llm_policy_and_fallback_value(ir_of: Ir) -> None:
    ir = ir_of(
        'a = LLM("x/y", prompt: "Hi", output: Level, timeout: 20s, retry: { max: 3, delay: 2s },'
        " fallback: high) emit { a: a } to target.good"
    )
    assert "policy<timeout = 20000000, attempts = 3, backoff = exponential, delay = 2000000>" in ir
    assert 'data.constant "high" : !data.enum' in ir


def test_fallback_may_be_an_agent(ir_of: Ir) -> None:
    ir = ir_of(
        'a = LLM("x/y", prompt: "Hi", fallback: LLM("x/z", prompt: "Hi")) emit a to target.good'
    )
    assert 'id "a_fallback"' in ir


def test_fallback_may_emit(ir_of: Ir) -> None:
    ir = ir_of(
        'a = LLM("x/y", prompt: "Hi", fallback: emit source to target.bad) emit a to target.good'
    )
    assert "to @bad" in ir
    assert "agent.yield\n" in ir


def test_fallback_of_another_type_is_a_mismatch(codes_of: Codes) -> None:
    body = 'a = LLM("x/y", prompt: "Hi", fallback: { text: 5 }) emit a to target.good'
    assert codes_of(body) == ["type-mismatch"]


def test_when_gives_an_option(ir_of: Ir) -> None:
    ir = ir_of('a = LLM("x/y", prompt: "Hi", when: source.amount > 5) emit { a: a } to target.good')
    assert "%a = workflow.if" in ir
    assert "-> (!data.option<!data.record<{text: !data.str}>>)" in ir


def test_when_narrows_inside_the_agent(ir_of: Ir) -> None:
    ir = ir_of(
        'a = LLM("x/y", prompt: "{{ source.note }}", when: source.note != null)'
        " emit { a: a } to target.good"
    )
    assert "data.unwrap" in ir


def test_decision_first_match_result(ir_of: Ir) -> None:
    ir = ir_of(
        'd = DecisionMatrix(rules: [{ name: "big", when: source.amount > 9, then: "review" },'
        ' { when: "source.level == high", then: review }], default: "pass") emit d to target.good'
    )
    assert "agent.decide first_match (big = %" in ir
    assert 'outcomes ["review", "review"] default "pass"' in ir
    assert 'decision: !data.enum<"review", "pass">' in ir


def test_decision_weighted(ir_of: Ir) -> None:
    ir = ir_of(
        "d = DecisionMatrix(criteria: { size: { value: source.amount, weight: 0.7 }, n: 1.0 },"
        ' thresholds: { approve: 0.8, review: 0.2 }, default: "reject") emit d to target.good'
    )
    assert "agent.decide weighted_sum (size = %" in ir
    assert 'decision: !data.enum<"review", "approve", "reject">' in ir


def test_decision_table_file(ir_of: Ir) -> None:
    table = "amount,level,decision\n> 100,high,review\n,,pass\n"
    ir = ir_of(
        'd = DecisionMatrix(input: source, rules: "rules.csv") emit d to target.good',
        rules_dot_csv=table,
    )
    assert 'outcomes ["review", "pass"]' in ir


def test_decision_table_fault_points_into_the_table(compile_body: Callable[..., object]) -> None:
    table = "amount,decision\n> 100,review\n> banana,pass\n"
    result = compile_body(
        'd = DecisionMatrix(input: source, rules: "rules.csv") emit d to target.good',
        rules_dot_csv=table,
    )
    places = {(d.place.path, d.place.line) for d in result.diagnostics}  # type: ignore[attr-defined]
    assert places == {("rules.csv", 3)}


def test_router_first_rule_wins(ir_of: Ir) -> None:
    ir = ir_of('Router(rules: { "source.amount > 9": "target.bad", "default": "target.good" })')
    assert ir.index("to @bad") < ir.index("to @good")
    assert ir.count("workflow.if") == 1


def test_review_result_has_form_fields(ir_of: Ir) -> None:
    ir = ir_of(
        "h = HumanReview(input: source, form: { reason: string? }, decisions: [ok, no],"
        ' timeout: 2h, on_timeout: "no") emit h to target.good'
    )
    assert (
        '!data.record<{decision: !data.enum<"ok", "no">, by: !data.str, at: !data.time, reason'
        in ir
    )
    assert "timeout_us = 7200000000" in ir


def test_review_on_timeout_is_a_decision_or_word(codes_of: Codes) -> None:
    body = 'h = HumanReview(input: source, timeout: 2h, on_timeout: "later") emit h to target.good'
    assert codes_of(body) == ["invalid-setting"]


def test_aggregate_result(ir_of: Ir) -> None:
    ir = ir_of(
        "g = Aggregate(key: source.id, window: 10m, count: true, sum: { total: source.amount },"
        " last: source.level) emit g to target.good"
    )
    assert 'reducers ["count", "sum", "last"]' in ir
    assert "-> !data.record<{count: i64, total: f64, last: !data.enum" in ir


@pytest.mark.parametrize(
    ("call", "code"),
    [
        ("Aggregate(key: source.id)", "invalid-setting"),
        ("Aggregate(count: true)", "missing-argument"),
        ("Aggregate(key: source.id, sum: source.id)", "type-mismatch"),
    ],
)
def test_aggregate_faults(codes_of: Codes, call: str, code: str) -> None:
    assert codes_of(f"g = {call} emit g to target.good") == [code]


def test_query_binds_parameters(ir_of: Ir) -> None:
    ir = ir_of(
        'q = Query(context.db, sql: "select sku from t where id = :id",'
        " parameters: { id: source.id },"
        " output: Item) emit { q: q } to target.good",
        'context: { db: Database("sqlite:///shop.db") }',
    )
    assert "agent.query @db (id = %" in ir


def test_retrieve_with_a_query_gives_passages(ir_of: Ir) -> None:
    ir = ir_of(
        "r = Retrieve(context.docs, query: source.id, top: 3) emit { r: r } to target.good",
        'context: { docs: KnowledgeBase("docs/*.md") }',
    )
    assert "agent.retrieve @docs (query = %" in ir
    assert "!data.list<!data.record<{text: !data.str" in ir


@pytest.mark.parametrize(
    "call", ['Retrieve(context.db, query: "x")', 'Query(context.docs, sql: "s")']
)
def test_context_of_the_wrong_kind_is_unknown(codes_of: Codes, call: str) -> None:
    sections = 'context: { docs: KnowledgeBase("d/*"), db: Database("sqlite:///x") }'
    assert codes_of(f"r = {call} emit {{ r: r }} to target.good", sections) == ["unknown-model"]


def test_cost_and_language_are_kept(ir_of: Ir) -> None:
    ir = ir_of(
        'a = LLM("x/y", prompt: "Hi", cost: { latency: 2s, price_usd: 0.01, tokens: 500 },'
        ' language: "python") emit a to target.good'
    )
    assert "cost<latency = 2000000" in ir
    assert 'language "python"' in ir


def test_declared_agent_is_checked_and_called(compile_text: Callable[..., object]) -> None:
    text = """
      agent Score(x: float) -> float { python: "app.score:score", effects: "pure" }
      workflow W {
        source: NATS("a")  target: NATS("b")
        agents: [ s = Score(x: 5) emit { s: s } to target ]
      }"""
    result = compile_text(text)
    assert result.diagnostics == ()  # type: ignore[attr-defined]
    bad = compile_text(text.replace("x: 5", 'x: "five"'))
    assert [d.code for d in bad.diagnostics] == ["type-mismatch"]  # type: ignore[attr-defined]


def test_processor_fallback_reads_what_stands_above(ir_of: Ir) -> None:
    ir = ir_of(
        "p = DataProcessor(fields: { d: 1.0 / source.amount }, fallback: { d: source.amount })"
        " emit p to target.good"
    )
    assert 'data.get %source["amount"]' in ir.split("fallback", 1)[1]


def test_review_decision_on_timeout_needs_an_optional_form(codes_of: Codes) -> None:
    call = 'HumanReview(input: source, form: {{ reason: {} }}, timeout: 2h, on_timeout: "reject")'
    assert codes_of(f"h = {call.format('string?')} emit h to target.good") == []
    assert codes_of(f"h = {call.format('string')} emit h to target.good") == ["invalid-setting"]
