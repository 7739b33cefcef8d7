"""Mode `decision`: `/v1/decisions` where the model has it, the schema everywhere else."""

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from kumeo_runtime.agents import Resources
from kumeo_runtime.llm.api import Question
from kumeo_runtime.llm.decisions import decision_of
from kumeo_runtime.llm.exchange import exchange_of
from kumeo_runtime.llm.providers import Provider
from kumeo_runtime.testing.fake_models import Counts, FakeModels, Reply
from kumeo_runtime.testing.questions import QUESTION, ask, environ_of, failed

SCHEMA = {
    "type": "object",
    "properties": {
        "kind": {"type": "string", "enum": ["order", "bill"]},
        "is_urgent": {"type": "boolean"},
    },
    "required": ["kind", "is_urgent"],
    "additionalProperties": False,
}
DECIDE = replace(QUESTION, schema=SCHEMA, decision=decision_of(SCHEMA))
CAN = Provider("openai", capabilities={"m": {"decisions": True}})
SAID = Reply(json={"kind": "bill", "is_urgent": True}, confidence=0.75, usage=Counts(11, 0))


def decided(reply: Reply, question: Question = DECIDE, *providers: Provider) -> tuple[Any, Any]:
    with FakeModels(reply) as server:
        found = asyncio.run(ask(environ_of(server), "openai/m", providers, question))
        return found, server.requests[0]


@pytest.mark.parametrize("stream", [False, True])
def test_decision_of_a_model_that_has_them_comes_with_probabilities(stream: bool) -> None:
    reply, heard = decided(SAID, replace(DECIDE, stream=stream), CAN)
    assert heard.path == "/v1/decisions"
    assert json.loads(reply.text) == {"kind": "bill", "is_urgent": True}
    assert reply.probabilities == {
        "kind": {"order": 0.25, "bill": 0.75},
        "is_urgent": {"true": 0.75, "false": 0.25},
    }
    assert (reply.usage.tokens_in, reply.usage.is_known) == (11, True)


def test_decision_of_any_other_model_claims_no_probabilities() -> None:
    reply, heard = decided(SAID)
    assert (heard.path, reply.probabilities) == ("/v1/chat/completions", None)
    assert heard.body["response_format"]["json_schema"]["schema"] == SCHEMA
    assert json.loads(reply.text) == {"kind": "bill", "is_urgent": True}


def test_decision_that_is_refused_is_no_answer() -> None:
    with FakeModels(Reply(refusal="no", usage=Counts(11, 0))) as server:
        fault = failed(server, providers=(CAN,), question=DECIDE)
    assert fault.code == "refused"
    assert fault.usage is not None
    assert fault.usage.tokens_in == 11


def test_decision_price_is_one_of_its_own() -> None:
    async def prices(engine: str) -> tuple[Any, Any]:
        resources = Resources(environ={"KUMEO_OLLAMA_URL": "http://127.0.0.1:1"})
        exchange = exchange_of(engine, (), resources, "a")
        await exchange.close()
        return exchange.price, exchange.decision_price

    chat, decisions = asyncio.run(prices("openai/gpt-6-luna"))
    assert (chat, decisions.input, decisions.output) == (None, 0.1, 0.0)
    chat, decisions = asyncio.run(prices("openai/gpt-4o"))
    assert chat == decisions


def test_fixtures_of_decisions_are_what_the_official_client_sends() -> None:
    file = Path(__file__).parents[3] / "conformance" / "models" / "decisions.json"
    _, heard = decided(SAID, DECIDE, CAN)
    known = {
        each["type"]: each.keys()
        for case in json.loads(file.read_text())["cases"]
        for each in case["request"]["body"]["questions"]
    }
    assert {q["type"]: q.keys() for q in heard.body["questions"]}.items() <= known.items()
