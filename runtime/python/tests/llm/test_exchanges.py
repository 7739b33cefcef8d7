"""Exchanges of `runtime/conformance/models` through the real client: what goes out and comes in."""

import asyncio
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from kumeo_runtime.agents import Resources
from kumeo_runtime.llm.api import ModelFault, Question, Reply, ToolSpec
from kumeo_runtime.llm.decisions import decision_of
from kumeo_runtime.llm.exchange import exchange_of
from kumeo_runtime.testing import fake_models
from kumeo_runtime.testing.fake_models import FakeModels

FOLDER = Path(__file__).parents[3] / "conformance" / "models"


def all_cases() -> list[Any]:
    return [
        pytest.param(protocol, case, id=f"{protocol}-{case['name']}")
        for protocol in ("openai", "ollama", "decisions")
        for case in json.loads((FOLDER / f"{protocol}.json").read_text())["cases"]
        if "question" in case
    ]


def question_of(protocol: str, case: Any) -> Question:
    given = case["question"]
    tools = tuple(ToolSpec(**tool) for tool in given["tools"])
    decision = decision_of(given["schema"]) if protocol == "decisions" else None
    messages = tuple(given["messages"])
    return Question(**{**given, "messages": messages, "tools": tools, "decision": decision})


async def asked(protocol: str, case: Any, server: FakeModels) -> Reply | ModelFault:
    urls = {"KUMEO_OPENAI_URL": server.openai_url, "KUMEO_OLLAMA_URL": server.url}
    question = question_of(protocol, case)
    provider = "ollama" if protocol == "ollama" else "openai"
    engine = f"{provider}/{question.model}"
    exchange = exchange_of(engine, (), Resources(environ=urls), "judge")
    deadline = asyncio.get_running_loop().time() + 20
    try:
        return await exchange.ask(question, key="k-1", deadline=deadline)
    except ModelFault as fault:
        return fault
    finally:
        await exchange.close()


def exchanged(protocol: str, case: Any) -> tuple[Any, Any]:
    """The request that was sent, and what came of it in the form of the files."""
    with FakeModels(msgspec.convert(case["answer"], fake_models.Reply)) as server:
        found = asyncio.run(asked(protocol, case, server))
        (heard,) = server.requests
    if isinstance(found, ModelFault):
        return heard, {"fault": found.code}
    made = {name: msgspec.to_builtins(getattr(found, name)) for name in case["gives"]}
    return heard, json.loads(json.dumps(made))


@pytest.mark.parametrize(("protocol", "case"), all_cases())
def test_question_becomes_the_request_of_the_file(protocol: str, case: Any) -> None:
    heard, _ = exchanged(protocol, case)
    assert heard.body == case["request"]["body"]
    assert heard.path.removeprefix("/v1") == case["request"]["path"]


@pytest.mark.parametrize(("protocol", "case"), all_cases())
def test_response_gives_what_the_file_says(protocol: str, case: Any) -> None:
    _, gives = exchanged(protocol, case)
    assert gives == case["gives"]


def test_request_tells_its_agent_and_its_key() -> None:
    case = json.loads((FOLDER / "openai.json").read_text())["cases"][0]
    heard, _ = exchanged("openai", case)
    assert heard.asked is not None
    assert (heard.asked.agent, heard.headers["Idempotency-Key"]) == ("judge", "k-1")
