"""Budgets of language models: estimates, limits, and the account in the store."""

import asyncio
from typing import Any

import pytest
from kumeo_runtime.llm.budget import Limit, answer_max, charge, limits_of
from kumeo_runtime.llm.ledger import OPEN_MAX, REFUSALS_MAX, Account, Ledger, Reserved
from kumeo_runtime.llm.usage import Amount, Price, price_of, prompt_tokens
from kumeo_runtime.testing.calls import MemoryCall, MemoryState
from kumeo_runtime.values import Fault
from msgspec import msgpack

HOUR = Limit(tokens=100, per="hour")
PRICE = Price(input=1.0, output=10.0)


def state() -> MemoryState:
    return MemoryCall().state


class Hours:
    """A clock that tests move."""

    def __init__(self) -> None:
        self.hour = 5.5

    def __call__(self) -> float:
        return self.hour * 3600


def account(store: MemoryState) -> Account:
    return msgpack.decode(store.entries["s", "budget/hour"].value, type=Account)


def refused(ledger: Ledger, store: Any, id: str, tokens: int) -> str | None:
    try:
        asyncio.run(ledger.reserve(store, id, Amount(tokens)))
    except Fault as fault:
        return fault.code
    return None


# -- amounts


@pytest.mark.parametrize(
    ("tokens", "cost"), [((1_000_000, 0, 0), 1_000_000_000), ((0, 1, 0), 10_000), ((3, 0, 3), 3000)]
)
def test_price_of_tokens_is_exact(tokens: tuple[int, int, int], cost: int) -> None:
    assert PRICE.of(*tokens) == cost


def test_price_of_cached_tokens_is_their_own() -> None:
    assert Price(1.0, 10.0, 0.25).of(1000, 0, 600) == 400_000 + 150_000


def test_price_without_output_is_unknown() -> None:
    assert price_of({"input": 1}) is None


@pytest.mark.parametrize("text", ["hello there world", "12345", "汉字", "?!;:"])
def test_estimate_of_a_prompt_is_not_too_low(text: str) -> None:
    least = len(text.split()) if text.isascii() and text[0].isalpha() else len(text)
    assert prompt_tokens([{"role": "user", "content": text}]) >= least


def test_estimate_counts_schemas() -> None:
    messages = [{"role": "user", "content": "a"}]
    assert prompt_tokens(messages, {"type": "object"}) > prompt_tokens(messages, None)


# -- limits


def test_limits_are_read_from_the_settings() -> None:
    found = limits_of({"budget": {"tokens": 5, "usd": 0.5, "per": "day"}, "max_price": 0.25})
    assert found == (Limit(5, 500_000_000, "day"), Limit(None, 250_000_000))


def test_longest_answer_is_what_the_budget_of_an_event_leaves() -> None:
    limits = (Limit(tokens=1000),)
    assert answer_max(limits, None, 300, Amount(100), None) == 600


def test_longest_answer_is_what_the_money_leaves() -> None:
    limits = (Limit(nano_usd=1_100_000),)
    assert answer_max(limits, PRICE, 100, Amount(), None) == 100


def test_longest_answer_stays_as_given() -> None:
    assert answer_max((Limit(tokens=1000),), None, 300, Amount(), 50) == 50


def test_longest_answer_without_a_budget_is_open() -> None:
    assert answer_max((), None, 300, Amount(), None) is None


def test_budget_that_leaves_no_answer_fails() -> None:
    with pytest.raises(Fault, match="1000 tokens per event"):
        answer_max((Limit(tokens=1000),), None, 990, Amount(), None)


@pytest.mark.parametrize("given", [None, 10])
def test_money_without_a_price_fails(given: int | None) -> None:
    with pytest.raises(Fault, match="price of the model is not known"):
        answer_max((Limit(nano_usd=1),), None, 1, Amount(), given)


def test_charge_without_a_price_counts_tokens() -> None:
    assert charge(None, 3, 4) == Amount(7, 0)


# -- the account


def test_reservation_above_the_limit_is_refused() -> None:
    ledger, store = Ledger("s", HOUR), state()
    assert [refused(ledger, store, id, 60) for id in "ab"] == [None, "budget-exceeded"]


def test_money_above_the_limit_is_refused() -> None:
    ledger = Ledger("s", Limit(nano_usd=10, per="hour"))
    with pytest.raises(Fault, match="USD per hour"):
        asyncio.run(ledger.reserve(state(), "a", Amount(0, 11)))


def test_settled_question_leaves_what_it_did_not_use() -> None:
    ledger, store = Ledger("s", HOUR), state()
    refused(ledger, store, "a", 90)
    asyncio.run(ledger.settle(store, "a", Amount(20)))
    assert [refused(ledger, store, id, 80) for id in "bc"] == [None, "budget-exceeded"]


def test_settling_twice_counts_once() -> None:
    ledger, store = Ledger("s", HOUR), state()
    refused(ledger, store, "a", 90)
    for _ in range(2):
        asyncio.run(ledger.settle(store, "a", Amount(20)))
    assert account(store).total() == Amount(20)


def test_other_worker_sees_what_is_used() -> None:
    store = state()
    assert refused(Ledger("s", HOUR), store, "a", 60) is None
    assert refused(Ledger("s", HOUR), store, "b", 60) == "budget-exceeded"


def test_question_that_is_asked_again_counts_the_lost_one() -> None:
    store = state()
    refused(Ledger("s", HOUR), store, "a", 40)
    refused(Ledger("s", HOUR), store, "a", 40)
    assert account(store).total() == Amount(80)


def test_next_period_begins_with_nothing() -> None:
    hours, store = Hours(), state()
    ledger = Ledger("s", HOUR, hours)
    refused(ledger, store, "a", 90)
    hours.hour += 1
    assert refused(ledger, store, "b", 90) is None


def test_worker_with_a_slow_clock_stays_in_the_later_period() -> None:
    late, store = Hours(), state()
    late.hour += 1
    refused(Ledger("s", HOUR, late), store, "a", 90)
    assert refused(Ledger("s", HOUR, Hours()), store, "b", 90) == "budget-exceeded"


def test_rival_write_is_read_again() -> None:
    store, body = state(), msgpack.encode(Account(int(Hours()() // 3600), 95))

    def write(rival: MemoryState) -> None:
        rival.put("s", "budget/hour", body)

    store.rivals.append(write)
    assert refused(Ledger("s", HOUR, Hours()), store, "a", 60) == "budget-exceeded"


class Deaf:
    """A store whose writes happen, or not, and whose answers are lost."""

    def __init__(self, inner: MemoryState, keeps: bool, times: int) -> None:
        self.inner = inner
        self.keeps = keeps
        self.times = times

    async def read(self, name: str, key: str) -> Any:
        return await self.inner.read(name, key)

    async def write(self, name: str, key: str, value: bytes, expected_seq: int) -> int | None:
        if self.times == 0:
            return await self.inner.write(name, key, value, expected_seq)
        self.times -= 1
        if self.keeps:
            await self.inner.write(name, key, value, expected_seq)
        return None


class Slow(Deaf):
    """A store that takes a turn of the loop."""

    async def read(self, name: str, key: str) -> Any:
        await asyncio.sleep(0)
        return await super().read(name, key)


def test_write_whose_answer_is_lost_counts_once() -> None:
    inner = state()
    assert refused(Ledger("s", HOUR), Deaf(inner, True, 1), "a", 60) is None
    assert account(inner).total() == Amount(60)


def test_store_that_takes_nothing_fails_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kumeo_runtime.llm.ledger.PAUSE_S", 0.0)
    store = Deaf(state(), False, REFUSALS_MAX + 5)
    assert refused(Ledger("s", HOUR), store, "a", 1) == "attempt-failed"


def test_many_calls_share_a_write() -> None:
    ledger, store = Ledger("s", Limit(tokens=1000, per="hour")), state()
    slow = Slow(store, False, 0)

    async def run() -> None:
        await asyncio.gather(*(ledger.reserve(slow, f"{n}", Amount(1)) for n in range(100)))

    asyncio.run(run())
    assert account(store).total() == Amount(100)
    assert store.writes < 10


def test_call_that_cannot_write_does_not_fail_the_others() -> None:
    ledger, store = Ledger("s", HOUR), state()

    class Broken(Deaf):
        async def read(self, name: str, key: str) -> Any:
            await asyncio.sleep(0)
            raise LookupError

    async def run() -> list[Any]:
        calls = [ledger.reserve(Broken(store, False, 0), "a", Amount(1))]
        calls.append(ledger.reserve(store, "b", Amount(1)))
        return await asyncio.gather(*calls, return_exceptions=True)

    first, second = asyncio.run(run())
    assert isinstance(first, LookupError)
    assert second is None
    assert list(account(store).open) == ["b"]


def test_open_reservations_are_bounded() -> None:
    store, hours = state(), Hours()
    many = {f"{n}": Reserved(1, 0, "x") for n in range(OPEN_MAX)}
    store.put("s", "budget/hour", msgpack.encode(Account(5, 0, 0, many)))
    asyncio.run(Ledger("s", Limit(tokens=9999, per="hour"), hours).reserve(store, "a", Amount(1)))
    found = account(store)
    assert (len(found.open), found.tokens, "0" in found.open) == (OPEN_MAX, 1, False)
