"""`LLM`: the settings that a call keeps, its tools, and what is refused."""

from collections.abc import Callable

import pytest

from kumeo.frontend.compile import Elaborated

Ir = Callable[..., str]
Codes = Callable[..., list[str]]
Compile = Callable[..., Elaborated]

TOOLS = """
agent Stock(sku: string) -> int { python: "shop:stock", effects: "read", description: "how many" }
agent Pay(sku: string, n: int) -> bool { python: "shop:pay", isolate: true }
"""


def llm(*arguments: str, output: str = "Level", engine: str = '"ollama/a"') -> str:
    parts = ", ".join((engine, 'prompt: "{{ source.id }}"', f"output: {output}", *arguments))
    return f"x = LLM({parts}) emit x to target.good"


def test_list_of_engines_is_a_chain_after_the_first(ir_of: Ir) -> None:
    ir = ir_of(llm('strategy: "round_robin"', engine='["cloud/big", "ollama/a"]'))
    assert 'agent.llm "cloud/big" (prompt' in ir
    assert 'engines = ["cloud/big", "ollama/a"]' in ir


def test_list_of_one_engine_is_no_chain(ir_of: Ir) -> None:
    assert "engines" not in ir_of(llm(engine='["ollama/a"]'))


def test_price_is_a_budget_of_one_event(ir_of: Ir) -> None:
    ir = ir_of(llm("max_price: 1"))
    assert 'budget = {usd = 1.000000e+00 : f64, per = "event"}' in ir


def test_budget_is_of_one_event_by_itself(ir_of: Ir) -> None:
    assert 'budget = {tokens = 9 : i64, per = "event"}' in ir_of(llm("budget: { tokens: 9 }"))


def test_cache_for_a_time_is_in_microseconds(ir_of: Ir) -> None:
    assert "cache = {ttl_us = 3600000000 : i64}" in ir_of(llm("cache: { ttl: 1h }"))


def test_no_cache_is_no_setting(ir_of: Ir) -> None:
    assert "cache" not in ir_of(llm("cache: false"))


@pytest.mark.parametrize("output", ["Level", "bool", "Answer"])
def test_decision_is_a_boolean_an_enum_or_a_record_of_them(ir_of: Ir, output: str) -> None:
    answer = "schema Answer { level: Level, sure: bool }"
    assert 'mode = "decision"' in ir_of(llm('mode: "decision"', output=output), after=answer)


@pytest.mark.parametrize(
    "argument",
    [
        'strategy: "any"',
        'mode: "sure"',
        "temperature: -0.5",
        "top_p: 0",
        "top_p: 1.5",
        "max_tokens: 0",
        "max_steps: 3",
        "reask: -1",
        "max_price: 0",
        "budget: 5",
        "budget: {}",
        'budget: { per: "day" }',
        "budget: { tokens: 0 }",
        "budget: { usd: -1.0 }",
        'budget: { tokens: 5, per: "week" }',
        "budget: { tokens: 5, calls: 1 }",
        "cache: 5",
        "cache: { ttl: 0s }",
        "cache: { size: 5 }",
        "tools: 5",
        'stream: "yes"',
    ],
)
def test_setting_out_of_range_is_refused_once(codes_of: Codes, argument: str) -> None:
    assert codes_of(llm(argument)) == ["invalid-setting"]


@pytest.mark.parametrize(
    "engine",
    [
        "5",
        '"llama3"',
        '"ollama/"',
        '["a/b", "c"]',
        "[]",
        '["a/b", 5]',
        '["a/b", "a/b"]',
        '["a/b", ""]',
    ],
)
def test_engines_that_are_no_list_of_names_are_refused(codes_of: Codes, engine: str) -> None:
    assert codes_of(llm(engine=engine)) == ["invalid-setting"]


def test_price_beside_a_budget_is_refused(codes_of: Codes) -> None:
    assert codes_of(llm("max_price: 1", "budget: { tokens: 5 }")) == ["invalid-setting"]


@pytest.mark.parametrize("output", ["string", "float", "Item", "Level?"])
def test_decision_of_something_else_is_refused(codes_of: Codes, output: str) -> None:
    assert codes_of(llm('mode: "decision"', output=output)) == ["invalid-setting"]


def test_unknown_output_of_a_decision_is_reported_once(codes_of: Codes) -> None:
    assert codes_of(llm('mode: "decision"', output="Levl")) == ["unknown-type"]


def test_tools_that_read_leave_the_model_reading(ir_of: Ir) -> None:
    ir = ir_of(llm("tools: [Stock]", "max_steps: 3"), after=TOOLS)
    assert 'tools [@Stock] id "x"' in ir
    assert '{parameters = ["sku"], description = "how many"}' in ir


def test_tool_that_acts_makes_the_model_act(ir_of: Ir) -> None:
    ir = ir_of(llm("tools: [Stock, Pay]"), after=TOOLS)
    assert 'tools [@Stock, @Pay] effects "acts"' in ir
    assert '{parameters = ["sku", "n"], isolate = true}' in ir


def test_model_that_acts_needs_no_reader(ir_of: Ir) -> None:
    unread = 'x = LLM("ollama/a", prompt: "{{ source.id }}", tools: [Pay]) emit 1 to target.good'
    assert 'effects "acts"' in ir_of(unread, after=TOOLS)


def test_tool_may_be_named_by_a_string(ir_of: Ir) -> None:
    assert "tools [@Stock]" in ir_of(llm('tools: ["Stock"]'), after=TOOLS)


def test_name_of_a_target_does_not_hide_a_tool(compile_text: Compile) -> None:
    text = f"""{TOOLS}
    workflow W {{
      source: NATS("a")
      target: {{ Stock: NATS("b") }}
      agents: [ x = LLM("a/b", prompt: "Hi", tools: [Stock]) emit x to target.Stock ]
    }}"""
    assert compile_text(text).diagnostics == ()


@pytest.mark.parametrize("tools", ["[Stok]", '["stock"]', "[5]", "[HumanReview]"])
def test_tool_that_is_not_declared_is_unknown(codes_of: Codes, tools: str) -> None:
    assert codes_of(llm(f"tools: {tools}"), after=TOOLS) == ["unknown-agent"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("tools: [Stock, Stock]",),
        ("tools: [Pay]", "cache: true"),
        ("tools: [Stock]", 'mode: "decision"'),
        ("tools: []", "max_steps: 2"),
    ],
)
def test_tools_that_do_not_go_with_a_setting_are_refused(
    codes_of: Codes, arguments: tuple[str, ...]
) -> None:
    assert codes_of(llm(*arguments), after=TOOLS) == ["invalid-setting"]


def test_cache_goes_with_tools_that_read(ir_of: Ir) -> None:
    assert "cache = true" in ir_of(llm("tools: [Stock]", "cache: true"), after=TOOLS)


@pytest.mark.parametrize("setting", ["isolate: 1", "description: 5", "threads: true"])
def test_setting_of_a_declared_agent_is_checked(codes_of: Codes, setting: str) -> None:
    declared = f'agent F(x: int) -> int {{ python: "m:f", {setting} }}'
    assert codes_of("emit source to target.good", after=declared) == ["invalid-setting"]


PROVIDER = "emit source to target.good"


def test_provider_keeps_limits_prices_and_the_name_of_its_key(ir_of: Ir) -> None:
    block = """provider cloud {
      kind: "openai", endpoint: "https://m.example.com/v1", api_key: secret("KEY"),
      max_concurrent: 4, requests_per_minute: 60,
      capabilities: { "gpt-x": { schema: true } },
      prices: { "gpt-x": { input: 2.5, output: 10, cached: 1.25 } }
    }"""
    ir = ir_of(PROVIDER, after=block)
    assert 'url = "https://m.example.com/v1", key = {secret = "KEY"}' in ir
    assert "output = 10 : i64" in ir


@pytest.mark.parametrize(
    "setting",
    [
        'kind: "soap"',
        "url: 5",
        'key: "hunter2"',
        "max_concurrent: 0",
        "requests_per_minute: true",
        "capabilities: { a: 5 }",
        "prices: { a: 5 }",
        "prices: { a: { input: 1 } }",
        'prices: { a: { input: 1, output: "2" } }',
        "prices: { a: { input: 1, output: -2 } }",
        "prices: { a: { input: 1, output: 2, extra: 3 } }",
        "inside: 1",
    ],
)
def test_setting_of_a_provider_is_checked(codes_of: Codes, setting: str) -> None:
    assert codes_of(PROVIDER, after=f"provider cloud {{ {setting} }}") == ["invalid-setting"]


def test_unknown_setting_of_a_provider_is_reported(codes_of: Codes) -> None:
    assert codes_of(PROVIDER, after="provider cloud { max_concurent: 4 }") == ["unknown-setting"]


@pytest.mark.parametrize("key", ['secret("K")', '"${env.K}"'])
def test_key_of_a_provider_is_a_reference(ir_of: Ir, key: str) -> None:
    assert "workflow.provider" in ir_of(PROVIDER, after=f"provider cloud {{ key: {key} }}")
