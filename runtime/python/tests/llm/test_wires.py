"""The wires against the exchanges in `runtime/conformance/models`."""

import json
from pathlib import Path
from typing import Any

import pytest
from kumeo_runtime.llm.api import DecisionPart, DecisionSpec, ModelFault, Question, Reply, ToolSpec
from kumeo_runtime.llm.capabilities import Capabilities
from kumeo_runtime.llm.decisions import decision_body, decision_of, decision_reply
from kumeo_runtime.llm.exchange import WIRES
from kumeo_runtime.llm.wire import Wire

FIXTURES = Path(__file__).parents[3] / "conformance" / "models"
PROTOCOLS: tuple[Any, ...] = ("openai", "ollama")


def cases(*names: str) -> list[Any]:
    return [
        pytest.param(name, case, id=f"{name}-{case['name']}")
        for name in names
        for case in json.loads((FIXTURES / f"{name}.json").read_text())["cases"]
    ]


def question_of(given: dict[str, Any]) -> Question:
    tools = tuple(ToolSpec(**each) for each in given["tools"])
    return Question(**{**given, "messages": tuple(given["messages"]), "tools": tools})


def reply_of(wire: Wire, response: dict[str, Any]) -> Reply:
    if "lines" not in response:
        return wire.reply(response["body"])
    stream = wire.stream()
    for line in response["lines"]:
        stream.line(line.encode())
    return stream.reply()


@pytest.mark.parametrize(("protocol", "case"), cases(*PROTOCOLS))
def test_wire_sends_the_request_of_a_question(protocol: Any, case: dict[str, Any]) -> None:
    wire = WIRES[protocol]
    body = wire.body(question_of(case["question"]), Capabilities())
    assert {"path": wire.path, "body": body} == case["request"]


@pytest.mark.parametrize(("protocol", "case"), cases(*PROTOCOLS))
def test_wire_reads_what_a_response_gives(protocol: Any, case: dict[str, Any]) -> None:
    wanted = case["gives"]
    if "fault" in wanted:
        with pytest.raises(ModelFault) as found:
            reply_of(WIRES[protocol], case["response"])
        assert found.value.code == wanted["fault"]
        return
    reply = reply_of(WIRES[protocol], case["response"])
    used = reply.usage
    assert {
        "text": reply.text,
        "tool_calls": [
            {"id": c.id, "name": c.name, "arguments": c.arguments} for c in reply.tool_calls
        ],
        "finish": reply.finish,
        "usage": {
            "tokens_in": used.tokens_in,
            "tokens_out": used.tokens_out,
            "cached_in": used.cached_in,
            "is_known": used.is_known,
        },
    } == wanted


SCHEMA = {
    "type": "object",
    "properties": {"kind": {"enum": ["order", "bill"]}, "is_urgent": {"type": "boolean"}},
}
SPEC = DecisionSpec((DecisionPart("kind", ("order", "bill")), DecisionPart("is_urgent")))


def test_decision_of_a_record_of_names_and_truths_asks_one_question_each() -> None:
    assert decision_of(SCHEMA) == SPEC
    question = Question("m", ({"role": "user", "content": "A mail."},), SCHEMA)
    body = decision_body(question, SPEC)
    assert [each["type"] for each in body["questions"]] == ["choice", "predicate"]
    assert body["input"] == "A mail."


@pytest.mark.parametrize(
    "schema",
    [
        None,
        {"type": "object", "properties": {}},
        {"type": "object", "properties": {"a": {"type": "string"}}},
        {"type": "object", "properties": {"a": {"enum": ["only"]}}},
    ],
)
def test_decision_of_what_is_no_decision_is_none(schema: Any) -> None:
    assert decision_of(schema) is None


def test_decision_reply_gives_json_and_the_probabilities_of_the_server() -> None:
    answers = [
        {"choice": "bill", "probabilities": [{"value": "bill", "probability": 0.8}]},
        {"probability": 0.3},
    ]
    reply = decision_reply(
        {"answers": answers, "usage": {"input_tokens": 1, "output_tokens": 2}}, SPEC
    )
    assert json.loads(reply.text) == {"kind": "bill", "is_urgent": False}
    assert reply.probabilities == {
        "kind": {"bill": 0.8},
        "is_urgent": {"true": 0.3, "false": 0.7},
    }


@pytest.mark.parametrize("given", [1.01, -0.01, True, "0.5", None])
def test_decision_reply_without_a_probability_is_no_answer(given: Any) -> None:
    spec = DecisionSpec((DecisionPart("is_urgent"),))
    with pytest.raises(ModelFault, match="is no probability"):
        decision_reply({"answers": [{"probability": given}]}, spec)


def test_stream_that_has_begun_stays_one() -> None:
    stream = WIRES["openai"].stream()
    delta = {"choices": [{"delta": {"content": "Hi."}, "finish_reason": "stop"}]}
    stream.line(b"data: " + json.dumps(delta).encode())
    stream.line(b'{"choices": []}')
    assert stream.reply().text == "Hi."


def test_whole_answer_in_place_of_a_stream_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kumeo_runtime.llm.wire.TEXT_MAX", 100)
    stream = WIRES["openai"].stream()
    stream.line(b"{")
    with pytest.raises(ModelFault, match="more than 100 characters"):
        stream.line(b" " * 100)


def test_decision_reply_in_another_order_is_read_by_name() -> None:
    answers: list[Any] = [
        {"name": "is_urgent", "probability": 0.3},
        {"name": "kind", "choice": "bill", "probabilities": []},
    ]
    reply = decision_reply({"answers": answers}, SPEC)
    assert json.loads(reply.text) == {"kind": "bill", "is_urgent": False}


def test_decision_reply_of_another_question_is_no_answer() -> None:
    answers: list[Any] = [
        {"choice": "bill", "probabilities": []},
        {"name": "odd", "probability": 0.3},
    ]
    with pytest.raises(ModelFault, match="does not decide `is_urgent`"):
        decision_reply({"answers": answers}, SPEC)


@pytest.mark.parametrize("schema", ["json", "none"])
def test_wire_of_a_model_without_schemas_says_it_in_words(schema: Any) -> None:
    question = Question("m", ({"role": "user", "content": "Hi"},), {"type": "object"})
    for wire in WIRES.values():
        body = wire.body(question, Capabilities(schema=schema))
        assert '{"type":"object"}' in body["messages"][0]["content"]
        assert body["messages"][0]["role"] == "system"
        wanted = {"json": ({"type": "json_object"}, "json"), "none": (None, None)}[schema]
        assert (body.get("response_format"), body.get("format")) in [
            (wanted[0], None),
            (None, wanted[1]),
        ]


def test_wire_leaves_out_what_a_model_refuses() -> None:
    question = Question("m", ({"role": "user", "content": "Hi"},), None, True, {"temperature": 1.0})
    can = Capabilities(without=("temperature",), max_tokens="max_completion_tokens")
    assert "temperature" not in WIRES["openai"].body(question, can)
    assert "options" not in WIRES["ollama"].body(question, can)
