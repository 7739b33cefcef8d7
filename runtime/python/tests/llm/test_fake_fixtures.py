"""The fixtures of `runtime/conformance/models`: the fake gives their responses, byte for byte.

A runtime in another language tests its own side with the same files. The official types judge the
responses; `make golden` rewrites them.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import msgspec
import ollama
import openai.types
import pytest
from kumeo_runtime.testing.fake_models import FakeModels, Reply, Script, saying
from openai.types.chat import ChatCompletion, ChatCompletionChunk

FOLDER = Path(__file__).parents[3] / "conformance" / "models"
NOW = 1_800_000_000.0
EXCHANGES = ("openai", "ollama", "decisions")
CHANGING = ("total_duration", "eval_duration")
"""What depends on the clock; it is 0 in the files."""


def cases_of(name: str) -> list[Any]:
    return json.loads((FOLDER / f"{name}.json").read_text())["cases"]


def all_cases(name: str) -> list[Any]:
    return [pytest.param(case, id=f"{name}-{case['name']}") for case in cases_of(name)]


def calm(body: Any) -> Any:
    return {**body, **{name: 0 for name in CHANGING if name in body}}


def response_of(script: Script, request: Any) -> Any:
    """What the fake answers, as it stands in the files."""
    with FakeModels(script, clock=lambda: NOW) as server:
        found = httpx.post(f"{server.openai_url}{request['path']}", json=request["body"])
    kind = found.headers["content-type"]
    if kind == "application/json":
        return {"status": found.status_code, "type": kind, "body": calm(found.json())}
    lines = [line for line in found.text.split("\n") if line]
    if kind == "application/x-ndjson":
        lines = [json.dumps(calm(json.loads(line)), separators=(",", ":")) for line in lines]
    return {"status": found.status_code, "type": kind, "lines": lines}


def written(data: Any) -> str:
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


@pytest.mark.parametrize("name", EXCHANGES)
def test_fake_gives_the_responses_of_the_file(
    name: str, golden: Callable[[Path, str], None]
) -> None:
    made = [
        {**case, "response": response_of(saying(reply_of(case)), case["request"])}
        for case in cases_of(name)
    ]
    golden(FOLDER / f"{name}.json", written({"cases": made}))


def test_fake_refuses_what_the_file_says(golden: Callable[[Path, str], None]) -> None:
    given = json.loads((FOLDER / "refused.json").read_text())
    known = {name: given[name] for name in ("models", "refuses")}
    script = saying("Hi.", **known)
    made = [{**case, "response": response_of(script, case["request"])} for case in given["cases"]]
    golden(FOLDER / "refused.json", written({**known, "cases": made}))


def reply_of(case: Any) -> Reply:
    return msgspec.convert(case["answer"], Reply)


@pytest.mark.parametrize("case", all_cases("refused"))
def test_refused_request_has_an_error_with_a_text(case: Any) -> None:
    error = case["response"]["body"]["error"]
    assert case["response"]["status"] in (400, 404)
    assert len(error if isinstance(error, str) else error["message"]) > 10


@pytest.mark.parametrize("case", all_cases("openai"))
def test_official_types_of_openai_fit_the_response(case: Any) -> None:
    response = case["response"]
    if "body" in response:
        strict(ChatCompletion, response["body"])
        return
    events = [line.removeprefix("data: ") for line in response["lines"]]
    for event in events:
        if event != "[DONE]":
            strict(ChatCompletionChunk, json.loads(event))


@pytest.mark.parametrize("case", all_cases("decisions"))
def test_official_type_of_decisions_fits_the_response(case: Any) -> None:
    strict(openai.types.Decision, case["response"]["body"])


@pytest.mark.parametrize("case", all_cases("ollama"))
def test_official_type_of_ollama_fits_the_response(case: Any) -> None:
    response = case["response"]
    bodies = [json.loads(line) for line in response.get("lines", ())] or [response["body"]]
    for body in bodies:
        ollama.ChatResponse.model_validate(body)


@pytest.mark.parametrize("case", all_cases("ollama"))
def test_official_type_of_ollama_fits_the_request(case: Any) -> None:
    body = case["request"]["body"]
    again = ollama._types.ChatRequest.model_validate(body).model_dump(exclude_none=True)
    assert again.keys() == body.keys()


def strict(type: Any, data: Any) -> None:
    """Fail for a field that is missing or has another type; the client itself would let it pass."""
    type.model_validate(data, strict=True)
