"""Scripts of the fake server: which rule answers, in which order, and what is told afterwards."""

import socket
from typing import Any

import httpx
import pytest
from kumeo_runtime.testing.fake_models import (
    AGENT,
    REQUESTS,
    FakeModels,
    Fault,
    Reply,
    Rule,
    Script,
    ScriptError,
    read_script,
    saying,
)


def said(server: FakeModels, text: str = "Hi.", model: str = "m", **headers: str) -> str:
    """The answer to a question, or the error."""
    body = {"model": model, "messages": [{"role": "user", "content": text}]}
    found = httpx.post(f"{server.openai_url}/chat/completions", json=body, headers=headers).json()
    if "error" in found:
        return f"error: {found['error']['message']}"
    return found["choices"][0]["message"]["content"]


@pytest.mark.parametrize(
    ("then", "expected"),
    [
        ("last", ["1", "2", "2", "2"]),
        ("again", ["1", "2", "1", "2"]),
        ("stop", ["1", "2", "next", "next"]),
    ],
)
def test_rule_goes_on_after_its_last_answer_as_it_says(then: Any, expected: list[str]) -> None:
    with FakeModels(Script([Rule(["1", "2"], then=then), Rule(["next"])])) as server:
        assert [said(server) for _ in range(4)] == expected


@pytest.mark.parametrize(
    ("rule", "fits"),
    [
        (Rule(["x"], model="llama*"), [False, True]),
        (Rule(["x"], agent="tri*"), [True, False]),
        (Rule(["x"], prompt="^big.*bill$"), [True, False]),
        (Rule(["x"], model="gpt", agent="triage", prompt="bill"), [True, False]),
        (Rule(["x"], model="llama3", agent="triage"), [False, False]),
    ],
)
def test_rule_fits_by_all_of_its_patterns(rule: Rule, fits: list[bool]) -> None:
    with FakeModels(Script([rule, Rule(["-"])])) as server:
        first = said(server, "big\nbill", "gpt", **{AGENT: "triage"})
        second = said(server, "bill", "llama3", **{AGENT: "other"})
    assert [first == "x", second == "x"] == fits


def test_first_rule_that_fits_answers() -> None:
    with FakeModels(Script([Rule(["a"]), Rule(["b"])])) as server:
        assert (said(server), list(server.unused)) == ("a", [1])


@pytest.mark.parametrize(
    ("otherwise", "expected"),
    [
        ("refuse", "error: no rule of the script fits this question"),
        ("guess", '"guessed"'),
        (Reply(text="else"), "else"),
    ],
)
def test_question_without_a_rule_gets_what_holds_otherwise(otherwise: Any, expected: str) -> None:
    with FakeModels(Script(otherwise=otherwise)) as server:
        assert said(server) == expected


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "object", "properties": {"a": {"type": "integer"}}}, {"a": 0}),
        ({"type": "array", "items": {"type": "boolean"}, "minItems": 2}, [True, True]),
        ({"$ref": "#/$defs/d", "$defs": {"d": {"enum": ["x", "y"]}}}, "x"),
        ({"anyOf": [{"type": "string", "minLength": 6}, {"type": "null"}]}, "text.."),
        ({"$ref": "#/$defs/d", "$defs": {"d": {"$ref": "#/$defs/d"}}}, None),
        ({"type": ["number", "null"], "minimum": 2}, 2),
        ({"type": "string", "format": "date"}, "2026-01-01"),
        ({"const": 5}, 5),
    ],
)
def test_guess_fits_the_schema(schema: Any, value: Any) -> None:
    body = {"model": "m", "messages": [{"role": "user", "content": "?"}], "format": schema}
    with FakeModels(Script(otherwise="guess")) as server:
        found = httpx.post(f"{server.url}/api/chat", json={**body, "stream": False}).json()
    assert read_json(found["message"]["content"]) == value


def read_json(text: str) -> Any:
    return httpx.Response(200, text=text).json()


def test_known_prefix_counts_as_cached() -> None:
    prompt = "a word and " * 500
    body = {"model": "m", "messages": [{"role": "user", "content": prompt}]}

    def cached(text: str) -> int:
        asked = {**body, "messages": [{"role": "user", "content": text}]}
        url = f"{server.openai_url}/chat/completions"
        usage = httpx.post(url, json=asked).json()["usage"]
        return usage["prompt_tokens_details"]["cached_tokens"]

    with FakeModels("Hi.") as server:
        counts = [cached(prompt), cached(prompt + "else"), cached("else" + prompt), cached("a")]
    assert counts == [0, 1408, 0, 0]


@pytest.mark.parametrize(("key", "status"), [("good", 200), ("bad", 401), (None, 401)])
def test_only_keys_of_the_script_are_let_in(key: str | None, status: int) -> None:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    with FakeModels(saying("Hi.", keys=["good"])) as server:
        said(server, **headers)
        assert server.requests[0].status == status


def test_requests_are_told_without_their_keys() -> None:
    with FakeModels("Hi.") as server:
        said(server, Authorization="Bearer secret-1", **{AGENT: "triage"})
        told = httpx.get(f"{server.url}{REQUESTS}")
    (heard,) = told.json()
    assert (heard["rule"], heard["status"], heard["headers"][AGENT.lower()]) == (0, 200, "triage")
    assert heard["body"]["model"] == "m"
    assert "secret-1" not in told.text


def test_time_of_the_server_is_told() -> None:
    with FakeModels(Reply(text="Hi.", wait_s=0.05)) as server:
        said(server)
        assert server.requests[0].seconds >= 0.05


def test_reset_is_told_with_no_status() -> None:
    with FakeModels(Reply(fault=Fault(reset_after=0))) as server:
        with pytest.raises(httpx.TransportError):
            said(server)
        assert server.requests[0].status == 0


def test_body_in_chunks_is_read() -> None:
    content = (
        part
        for part in (b'{"model": "m", "messages": [', b'{"role": "user", ', b'"content": "x"}]}')
    )
    with FakeModels("Hi.") as server:
        found = httpx.post(f"{server.openai_url}/chat/completions", content=content)
    assert found.status_code == 200


@pytest.mark.parametrize(
    "data", [b"nonsense\r\n\r\n", b"POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n"]
)
def test_client_that_speaks_no_http_is_hung_up_on(data: bytes) -> None:
    with FakeModels("Hi.") as server:
        with socket.create_connection(("127.0.0.1", server.port), timeout=5) as client:
            client.sendall(data)
            assert client.recv(100) == b""
        assert said(server) == "Hi."


def test_body_that_is_no_json_is_refused() -> None:
    with FakeModels("Hi.") as server:
        found = httpx.post(f"{server.url}/api/chat", content=b"{")
    assert (found.status_code, "JSON" in found.json()["error"]) == (400, True)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "truncated"),
        ('{"rules": [{"answers": []}]}', "a rule needs answers - at `$.rules"),
        ('{"rules": [{"answers": ["x"], "then": "never"}]}', "Invalid enum value 'never'"),
        ('{"rules": [{"answers": [{"txt": "x"}]}]}', "unknown field `txt`"),
        ('{"rules": [{"answers": ["x"], "prompt": "("}]}', "no regular expression"),
    ],
)
def test_script_that_cannot_be_used_says_why(text: str, message: str) -> None:
    with pytest.raises(ScriptError, match=message.replace("$", r"\$")):
        read_script(text.encode())
