"""What language models use: usage, budgets and caches, against the fake server."""

import asyncio
from typing import Any

import pytest
from kumeo_runtime.agents import LanguageModel, Policy, Resources, UserCode
from kumeo_runtime.llm.ledger import Account
from kumeo_runtime.llm.tape import ASKED, Said
from kumeo_runtime.llm.tools import Tool
from kumeo_runtime.testing.asked import (
    CHAIN,
    GONE,
    PRICES,
    USED,
    Asked,
    Verdict,
    high,
    per_model,
    said,
    sharing,
)
from kumeo_runtime.testing.calls import LeaseError, MemoryCall, MemoryJournal
from kumeo_runtime.testing.fake_models import FakeModels, Fault, Reply
from kumeo_runtime.values import Failure, Int, msgpack_encoder
from msgspec import msgpack
from opentelemetry.sdk.trace import TracerProvider

# -- usage


def test_usage_of_every_question_is_counted() -> None:
    asked = Asked(said(Reply(text="nonsense", usage=USED), high()), prices=PRICES)
    counters = asked.agent.counters
    assert (counters.tokens_in, counters.tokens_out) == (200, 20)
    assert (counters.questions, counters.reasks) == (2, 1)
    assert counters.usd == pytest.approx(0.0004)


def test_usage_of_an_answer_that_was_cut_off_is_counted() -> None:
    cut = Reply(text='{"lev', finish="length", usage=USED)
    asked = Asked(said(cut))
    assert asked.code == "cut-off"
    assert (asked.agent.counters.tokens_in, asked.agent.counters.tokens_out) == (100, 10)


def test_usage_that_nobody_reports_is_counted_as_unknown() -> None:
    asked = Asked(said(Reply(json={"level": "high"}, usage=None)))
    assert asked.found == Verdict(level="high")
    assert asked.agent.counters.unknown_usage == 1


def test_span_has_the_sum_of_all_questions() -> None:
    tracer = TracerProvider().get_tracer("test")
    with tracer.start_as_current_span("chat") as span:
        Asked(per_model(Reply(text="nonsense", usage=USED), high()), CHAIN)
        found = dict(getattr(span, "attributes", {}))
    assert found["gen_ai.usage.input_tokens"] == 300
    assert found["gen_ai.usage.output_tokens"] == 30
    assert found["kumeo.llm.questions"] == 3
    assert found["gen_ai.request.model"] == "b"


# -- budgets


def budget(per: str = "event", **limits: Any) -> dict[str, Any]:
    return {"budget": {**limits, "per": per}}


def test_budget_of_an_event_is_held_over_corrections() -> None:
    settings = {**budget(tokens=400), "reask": 5, "max_tokens": 50}
    asked = Asked(said(Reply(text="nonsense", usage=USED)), settings)
    assert asked.code == "budget-exceeded"
    assert "400 tokens per event" in asked.found.message
    assert 0 < len(asked.requests) * 110 <= 400


def test_budget_of_an_event_is_held_over_attempts() -> None:
    settings = {**budget(tokens=400), "reask": 0, "max_tokens": 50}
    asked = Asked(said(Reply(text="no", usage=USED)), settings, policy=Policy(attempts=9))
    assert (asked.code, len(asked.requests)) == ("budget-exceeded", 3)


def test_budget_tells_the_model_how_long_it_may_answer() -> None:
    asked = Asked(said(high()), budget(tokens=400))
    assert 16 <= asked.requests[0].body["max_tokens"] < 400


def test_money_is_counted_by_the_price_of_the_model() -> None:
    settings = {**budget(usd=0.001), "max_tokens": 50, "reask": 0}
    script, policy = said(Reply(text="no", usage=USED)), Policy(attempts=9)
    asked = Asked(script, settings, prices=PRICES, policy=policy)
    # 200 millionths each; the next one may take 624, as 124 tokens and the longest answer.
    assert (asked.code, len(asked.requests)) == ("budget-exceeded", 2)


def test_max_price_limits_an_event() -> None:
    settings = {"max_price": 0.0001, "max_tokens": 50}
    asked = Asked(said(high()), settings, prices=PRICES)
    assert (asked.code, asked.requests) == ("budget-exceeded", [])


def test_unknown_price_under_a_limit_of_money_asks_nothing() -> None:
    asked = Asked(said(high()), budget(usd=5.0), engine="ollama/nobody-knows-this-model")
    assert (asked.code, asked.requests) == ("budget-exceeded", [])
    assert "price of the model is not known" in asked.found.message


def test_unknown_usage_under_a_limit_is_no_answer() -> None:
    asked = Asked(said(Reply(json={"level": "high"}, usage=None)), budget(tokens=10_000))
    assert (asked.code, len(asked.requests)) == ("budget-exceeded", 1)


def test_budget_of_a_day_is_held_over_events_and_workers() -> None:
    settings, acts = {**budget("day", tokens=400), "max_tokens": 50}, sharing(4)
    first = Asked(said(high()), settings, acts=acts[:2])
    second = Asked(said(high()), settings, acts=acts[2:])
    found = [*first.found, *second.found]
    assert [type(each) for each in found] == [Verdict, Verdict, Verdict, Failure]


def test_budget_of_a_day_is_free_of_what_was_refused() -> None:
    settings, acts = {**budget("day", tokens=400), "max_tokens": 50}, sharing(9)
    refused = Asked(said(GONE), settings, acts=acts[:8])
    assert {each.code for each in refused.found} == {"unknown-model"}
    assert Asked(said(high()), settings, acts=acts[8:]).found == Verdict(level="high")


def test_budget_of_a_day_counts_the_worst_case_of_what_was_lost() -> None:
    settings, acts = {**budget("day", tokens=400), "max_tokens": 100}, sharing(3)
    lost = Reply(fault=Fault(cut_after=1))
    found = Asked(said(lost), settings, acts=acts).found
    assert [each.code for each in found].count("budget-exceeded") >= 1


def test_budget_of_a_day_counts_requests_that_got_lost() -> None:
    settings, acts = {**budget("day", tokens=1000), "max_tokens": 100}, sharing(1)
    lost = Reply(fault=Fault(reset_after=0))
    asked = Asked(said(lost, high()), settings, acts=acts)
    assert (asked.found, len(asked.requests)) == (Verdict(level="high"), 2)
    entry = acts[0].state.entries["judge", "budget/day"]
    assert msgpack.decode(entry.value, type=Account).tokens > 110 + 100


class Dying(MemoryJournal):
    """Ends the worker between an answer and its entry, so many times."""

    deaths = 1

    async def record(self, site: str, path: Any, value: Any, type: Any, attempt: int = 0) -> Any:
        is_answer = isinstance(value, Said) and value.code != ASKED
        if is_answer and self.deaths:
            self.deaths -= 1
            raise LeaseError
        return await super().record(site, path, value, type, attempt)


@pytest.mark.parametrize(("deaths", "requests"), [(0, 1), (1, 2), (2, 2)])
def test_budget_of_an_event_counts_questions_that_a_crash_lost(deaths: int, requests: int) -> None:
    act = MemoryCall()
    act.journal = journal = Dying()
    journal.deaths = deaths
    settings, count = {**budget(tokens=400), "max_tokens": 50}, 0
    for _ in range(deaths):
        with pytest.raises(LeaseError):
            Asked(said(high()), settings, acts=[act])
        count += 1
    last = Asked(said(high()), settings, acts=[act])
    # Two worst cases fit into the budget, three do not.
    assert count + len(last.requests) == requests
    assert last.found == Verdict(level="high") if deaths < 2 else last.code == "budget-exceeded"


def test_budget_of_an_event_does_not_count_announcements_that_were_answered() -> None:
    act = MemoryCall()
    settings = {**budget(tokens=1500), "max_tokens": 50, "reask": 5}
    reply = Reply(text="no", usage=USED)
    asked = Asked(said(reply, reply, reply, reply, high()), settings, acts=[act])
    assert (asked.found, len(asked.requests)) == (Verdict(level="high"), 5)


class Blind(MemoryJournal):
    """Does not see the entries of another worker until it writes one of its own."""

    is_blind = True

    async def read(self, site: str, path: Any, type: Any, attempt: int = 0) -> Any:
        return None if self.is_blind else await super().read(site, path, type, attempt)

    async def record(self, site: str, path: Any, value: Any, type: Any, attempt: int = 0) -> Any:
        self.is_blind = False
        return await super().record(site, path, value, type, attempt)


def test_question_whose_answer_another_worker_has_is_not_asked() -> None:
    act = MemoryCall()
    act.journal = Blind()
    answer = msgpack_encoder().encode(Said(1, 0, text='{"level": "low"}'))
    act.journal.entries["judge/ask", (), 1] = answer
    asked = Asked(said(high()), {**budget(tokens=1000), "max_tokens": 50}, acts=[act])
    assert (asked.found, asked.requests) == (Verdict(level="low"), [])


def test_answer_is_kept_behind_announcements_of_another_worker() -> None:
    act = MemoryCall()
    act.journal = Blind()
    announced = msgpack_encoder().encode(Said(1, 0, tokens=50, code=ASKED))
    act.journal.entries = {("judge/ask", (), number): announced for number in (1, 2)}
    asked = Asked(said(high()), {**budget(tokens=1000), "max_tokens": 50}, acts=[act])
    assert (asked.found, len(asked.requests)) == (Verdict(level="high"), 1)
    assert ("judge/ask", (), 3) in act.journal.entries


def again(status: int) -> Reply:
    return Reply(fault=Fault(status=status, headers={"retry-after-ms": "1"}))


@pytest.mark.parametrize(
    ("answers", "lost", "used"),
    [
        ([again(502)], 3, 0),
        ([again(502), again(502), GONE], 2, 0),
        ([again(503), again(502), GONE], 1, 0),
        ([again(503)], 0, 0),
        ([again(502), again(502), Reply(text="{", finish="length", usage=USED)], 2, 110),
    ],
)
def test_budget_counts_each_lost_request_of_a_question_that_fails(
    answers: list[Reply], lost: int, used: int
) -> None:
    once = day_tokens(Reply(fault=Fault(cut_after=1)))
    assert day_tokens(*answers) == lost * once + used


def day_tokens(*answers: Reply) -> int:
    """Return what a day's budget counts for one question."""
    settings, acts = {**budget("day", tokens=9000), "max_tokens": 100}, sharing(1)
    Asked(said(*answers), settings, acts=acts)
    entry = acts[0].state.entries["judge", "budget/day"]
    return msgpack.decode(entry.value, type=Account).tokens


def test_engine_without_a_price_is_passed_over_for_a_cheap_one() -> None:
    settings = {**budget(usd=5.0), "engines": ["ollama/nobody-knows-this-model", "openai/a"]}
    asked = Asked(said(high()), {**settings, "max_tokens": 50}, prices=PRICES)
    assert (asked.found, asked.models) == (Verdict(level="high"), ["a"])


# -- caches


def test_equal_prompts_share_an_answer() -> None:
    asked = Asked(said(high()), {"cache": True}, acts=sharing(3))
    assert (asked.found, len(asked.requests)) == ([Verdict(level="high")] * 3, 1)
    assert asked.agent.counters.cache_hits == 2


def test_answers_of_another_server_are_not_shared() -> None:
    acts = sharing(2)
    low = Asked(said(Reply(json={"level": "low"})), {"cache": True}, acts=acts[:1])
    assert low.found == Verdict(level="low")
    assert Asked(said(high()), {"cache": True}, acts=acts[1:]).found == Verdict(level="high")


def tool(description: str) -> Tool:
    agent: UserCode[Int] = UserCode(site="t", target="operator:index", result=Int, effects="pure")
    return Tool("stock", agent, {"n": Int}, description)


def test_answers_with_other_tools_are_not_shared() -> None:
    state, asked = sharing(2), []
    with FakeModels(said(high())) as server:
        for act, description in zip(state, ("How many.", "How few."), strict=True):
            urls = {"KUMEO_OPENAI_URL": server.openai_url}
            agent: LanguageModel[Any] = LanguageModel(
                site="judge",
                engine="openai/a",
                result=Verdict,
                settings={"cache": True},
                tools=(tool(description),),
            )
            asked.append(asyncio.run(answered(agent, act, urls)))
        assert (len(server.requests), len(asked)) == (2, 2)


async def answered(agent: LanguageModel[Any], act: Any, environ: dict[str, str]) -> Any:
    await agent.start(Resources(environ=environ))
    try:
        return await agent(act, prompt="How high?")
    finally:
        await agent.stop()


def test_failure_is_not_shared() -> None:
    asked = Asked(said("no", "no", high()), {"cache": True}, acts=sharing(2))
    assert [type(each) for each in asked.found] == [Failure, Verdict]


def test_cached_answer_costs_no_budget() -> None:
    settings = {**budget("day", tokens=200), "max_tokens": 50, "cache": True}
    asked = Asked(said(high()), settings, acts=sharing(5))
    assert asked.found == [Verdict(level="high")] * 5
