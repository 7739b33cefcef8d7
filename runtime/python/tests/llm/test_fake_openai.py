"""The official `openai` client accepts the fake server, and understands each of its faults."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

import openai
import pydantic
import pytest
from kumeo_runtime.testing.fake_models import Call, Counts, FakeModels, Fault, Reply, Rule, Script

ASK: Any = [{"role": "user", "content": "How high?"}]
TOOL: Any = {
    "type": "function",
    "function": {
        "name": "stock",
        "parameters": {"type": "object", "properties": {"sku": {"type": "string"}}},
    },
}


class Level(pydantic.BaseModel):
    level: Literal["low", "high"]
    why: str | None


def client_of(server: FakeModels, **more: Any) -> openai.OpenAI:
    return openai.OpenAI(
        base_url=server.openai_url, api_key="k", **{"max_retries": 0, "timeout": 5.0, **more}
    )


@contextmanager
def talking(script: Any, **more: Any) -> Iterator[openai.OpenAI]:
    with FakeModels(script) as server, client_of(server, **more) as client:
        yield client


def replied(reply: str | Reply, **given: Any) -> Any:
    with FakeModels(reply) as server, client_of(server) as client:
        return client.chat.completions.create(model="m", **{"messages": ASK, **given})


def streamed(reply: str | Reply, **given: Any) -> list[Any]:
    options: Any = {"stream": True, "stream_options": {"include_usage": True}, **given}
    with FakeModels(reply) as server, client_of(server) as client:
        return list(
            client.chat.completions.create(model="m", **{"messages": ASK, **options}),
        )


def test_chat_plain_gives_text_and_usage() -> None:
    found = replied(Reply(text="Hi.", usage=Counts(11, 5, 2)))
    choice = found.choices[0]
    assert (choice.message.content, choice.finish_reason) == ("Hi.", "stop")
    assert (found.usage.prompt_tokens, found.usage.completion_tokens) == (11, 5)
    assert found.usage.prompt_tokens_details.cached_tokens == 2


def test_chat_stream_gives_the_text_in_pieces_and_the_usage_last() -> None:
    chunks = streamed(Reply(text="one two three", usage=Counts(11, 5)))
    pieces = [chunk.choices[0].delta.content for chunk in chunks if chunk.choices]
    assert "".join(piece or "" for piece in pieces) == "one two three"
    assert len(pieces) > 3
    assert [chunk.usage is None for chunk in chunks] == [True] * (len(chunks) - 1) + [False]
    assert chunks[-2].choices[0].finish_reason == "stop"


def test_chat_stream_without_the_option_reports_no_usage() -> None:
    assert all(chunk.usage is None for chunk in streamed("Hi.", stream_options=openai.omit))


def test_chat_parse_gives_the_value_of_a_strict_schema() -> None:
    reply = Reply(json={"level": "high", "why": None})
    with FakeModels(reply) as server, client_of(server) as client:
        found = client.chat.completions.parse(model="m", messages=ASK, response_format=Level)
    assert found.choices[0].message.parsed == Level(level="high", why=None)


def test_chat_parse_of_an_answer_that_ignores_the_schema_fails_in_the_client() -> None:
    with talking("high") as client, pytest.raises(pydantic.ValidationError):
        client.chat.completions.parse(model="m", messages=ASK, response_format=Level)


def test_chat_stream_helper_parses_the_value() -> None:
    reply = Reply(json={"level": "low", "why": "x"})
    with talking(reply) as client:
        asked = client.chat.completions.stream(model="m", messages=ASK, response_format=Level)
        with asked as stream:
            final = stream.get_final_completion()
    assert final.choices[0].message.parsed == Level(level="low", why="x")


def test_chat_tool_call_has_its_arguments_as_text() -> None:
    choice = replied(Reply(tool_calls=[Call("stock", {"sku": "a"})]), tools=[TOOL]).choices[0]
    (call,) = choice.message.tool_calls
    assert (call.function.name, call.function.arguments) == ("stock", '{"sku":"a"}')
    assert (choice.finish_reason, choice.message.content) == ("tool_calls", None)


def test_chat_tool_calls_are_put_together_from_a_stream() -> None:
    reply = Reply(tool_calls=[Call("stock", {"sku": "a"}), Call("stock", {"sku": "b"}, "own")])
    with talking(reply) as client:
        asked = client.chat.completions.stream(model="m", messages=ASK, tools=[TOOL])
        with asked as stream:
            message = stream.get_final_completion().choices[0].message
    calls = message.tool_calls or []
    assert [(call.id, call.function.arguments) for call in calls] == [
        ("call_0", '{"sku":"a"}'),
        ("own", '{"sku":"b"}'),
    ]


def test_chat_result_of_a_tool_is_taken() -> None:
    call = {"id": "c1", "type": "function", "function": {"name": "stock", "arguments": "{}"}}
    told = {"role": "tool", "tool_call_id": "c1", "content": "5"}
    messages = [*ASK, {"role": "assistant", "tool_calls": [call]}, told]
    assert replied("Five.", messages=messages, tools=[TOOL]).choices[0].message.content == "Five."


def test_chat_refusal_is_no_content() -> None:
    message = replied(Reply(refusal="I will not.")).choices[0].message
    assert (message.refusal, message.content) == ("I will not.", None)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, openai.BadRequestError),
        (401, openai.AuthenticationError),
        (403, openai.PermissionDeniedError),
        (404, openai.NotFoundError),
        (409, openai.ConflictError),
        (422, openai.UnprocessableEntityError),
        (429, openai.RateLimitError),
        (500, openai.InternalServerError),
        (529, openai.InternalServerError),
    ],
)
def test_error_status_is_the_exception_of_the_client(status: int, kind: Any) -> None:
    with pytest.raises(kind, match="told to fail") as caught:
        replied(Reply(fault=Fault(status=status, code="why")))
    assert caught.value.code == "why"


@pytest.mark.parametrize("retry", [{"retry_after_s": 0.01}, {"retry_date_s": 1.0}])
def test_client_sends_again_when_the_server_is_busy(retry: Any) -> None:
    busy = Reply(fault=Fault(status=429, **retry))
    with FakeModels(busy, "Hi.") as server, client_of(server, max_retries=1) as client:
        found = client.chat.completions.create(model="m", messages=ASK)
    assert (found.choices[0].message.content, len(server.requests)) == ("Hi.", 2)


@pytest.mark.parametrize("after", [0, 1])
@pytest.mark.parametrize("is_stream", [False, True])
def test_reset_is_a_lost_connection(after: int, is_stream: bool) -> None:
    reply = Reply(text="one two three four", fault=Fault(reset_after=after))
    with pytest.raises((openai.APIConnectionError, ConnectionError)):
        streamed(reply) if is_stream else replied(reply)


def test_slow_server_is_a_timeout() -> None:
    slow = talking(Reply(wait_s=5.0), timeout=0.1)
    with slow as client, pytest.raises(openai.APITimeoutError):
        client.chat.completions.create(model="m", messages=ASK)


def test_stream_that_is_cut_ends_without_a_reason_and_the_client_says_nothing() -> None:
    chunks = streamed(Reply(text="one two three", fault=Fault(cut_after=2)))
    assert [chunk.choices[0].finish_reason for chunk in chunks] == [None, None]


def test_error_within_a_stream_is_told() -> None:
    with pytest.raises(openai.APIError, match="told to fail"):
        streamed(Reply(text="one two three", fault=Fault(error_after=2)))


@pytest.mark.parametrize("reason", ["length", "content_filter"])
def test_finish_reason_is_what_the_script_says(reason: str) -> None:
    assert replied(Reply(text="o", finish=reason)).choices[0].finish_reason == reason


@pytest.fixture
def all_kinds() -> Iterator[openai.OpenAI]:
    rules = [
        Rule([Reply(json={"urgent": True, "kind": "bill"}, confidence=0.8)], agent="urgent"),
        Rule([Reply(json=[True, "refused", "high"], confidence=0.8)]),
    ]
    with talking(Script(rules, models=["m", "gpt-6-luna"])) as client:
        yield client


def test_models_are_those_of_the_script(all_kinds: openai.OpenAI) -> None:
    assert [model.id for model in all_kinds.models.list()] == ["m", "gpt-6-luna"]


def test_unknown_model_is_not_found(all_kinds: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError, match="'x' not found"):
        all_kinds.chat.completions.create(model="x", messages=ASK)


@pytest.mark.parametrize("coding", ["float", openai.omit])
def test_embeddings_of_alike_texts_are_near(all_kinds: openai.OpenAI, coding: Any) -> None:
    texts = ["a red car", "a red bike", "some thing else"]
    found = all_kinds.embeddings.create(model="m", input=texts, encoding_format=coding)
    first, second, third = (each.embedding for each in found.data)
    near, far = (sum(a * b for a, b in zip(first, o, strict=True)) for o in (second, third))
    assert near > 0.5 > far


QUESTIONS: Any = [
    {"type": "predicate", "name": "urgent", "instructions": "Is it urgent?"},
    {
        "type": "choice",
        "name": "kind",
        "instructions": "Which?",
        "choices": [{"value": "order"}, {"value": "bill"}],
    },
    {
        "type": "score",
        "name": "risk",
        "instructions": "How risky?",
        "levels": [{"label": "low"}, {"label": "high"}],
    },
]


def decided(client: openai.OpenAI, questions: Any) -> Any:
    return client.decisions.create(model="gpt-6-luna", input="A mail.", questions=questions)


def test_decisions_are_answered_by_name(all_kinds: openai.OpenAI) -> None:
    urgent, kind, risk = decided(all_kinds, QUESTIONS).answers
    assert urgent.probability == 0.8
    assert (kind.choice, [p.probability for p in kind.probabilities]) == ("bill", [0.2, 0.8])
    assert (risk.type, risk.name) == ("refusal", "risk")


def test_decisions_are_answered_in_order(all_kinds: openai.OpenAI) -> None:
    unnamed = [{k: v for k, v in question.items() if k != "name"} for question in QUESTIONS]
    found = decided(all_kinds, unnamed)
    assert [answer.type for answer in found.answers] == ["predicate", "refusal", "score"]
    assert (found.answers[2].score, found.usage.total_tokens > 0) == (0.8, True)


def test_decisions_without_questions_are_refused(all_kinds: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError, match="1 to 400"):
        decided(all_kinds, [])
