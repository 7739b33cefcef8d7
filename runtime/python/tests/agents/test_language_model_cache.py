"""The cache of answers: which questions share one, how long, and how much it holds."""

import asyncio
from typing import Any, Literal

import pytest
from kumeo_runtime.llm.cache import PLACES, SIZE_MAX, Cache, key_of, ttl_of
from kumeo_runtime.testing.calls import MemoryCall, MemoryState
from kumeo_runtime.values import Int, Record


class Answer(Record):
    text: str


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def state() -> MemoryState:
    return MemoryCall().state


def key(**changes: Any) -> bytes:
    asked: dict[str, Any] = {"engine": "a/b", "messages": [{"role": "user"}], "schema": None}
    asked |= {"settings": {"temperature": 0.5}, **changes}
    return key_of(asked["engine"], asked["messages"], asked["schema"], asked["settings"])


def put(store: MemoryState, key: bytes, value: Any, clock: Any = None, **options: Any) -> None:
    asyncio.run(Cache("s", Answer, 60.0, clock or Clock()).put(store, key, value))


def got(store: MemoryState, key: bytes, result: Any = Answer, clock: Any = None) -> Any:
    return asyncio.run(Cache("s", result, 60.0, clock or Clock()).get(store, key))


def test_answer_is_found_by_another_worker() -> None:
    store = state()
    put(store, key(), Answer(text="x"))
    assert got(store, key()) == (Answer(text="x"),)


@pytest.mark.parametrize(
    "change",
    [
        {"engine": "a/c"},
        {"messages": [{"role": "system"}]},
        {"schema": {"type": "object"}},
        {"settings": {"temperature": 0.6}},
        {"settings": {"temperature": 0.5, "max_tokens": 5}},
    ],
)
def test_other_question_has_another_key(change: Any) -> None:
    assert key(**change) != key()


def test_settings_that_change_no_answer_are_not_in_the_key() -> None:
    assert key(settings={"temperature": 0.5, "cache": True, "reask": 3}) == key()


def test_old_answer_is_not_used() -> None:
    store, clock = state(), Clock()
    put(store, key(), Answer(text="x"), clock)
    clock.now += 60.0
    assert got(store, key(), clock=clock) is None


def test_answer_in_the_place_of_another_is_not_that_one() -> None:
    store = state()
    first, second = (1).to_bytes(4, "big") + b"a", (1 + PLACES).to_bytes(4, "big") + b"a"
    put(store, first, Answer(text="x"))
    assert got(store, second) is None
    put(store, second, Answer(text="y"))
    assert (got(store, first), len(store.entries)) == (None, 1)


def test_answer_of_another_type_is_not_used() -> None:
    store = state()
    put(store, key(), Answer(text="x"))
    assert got(store, key(), Literal["a", "b"]) is None
    assert got(store, key(), Int) is None


def test_large_answer_is_not_kept() -> None:
    store = state()
    put(store, key(), Answer(text="x" * SIZE_MAX))
    assert store.entries == {}


@pytest.mark.parametrize(
    ("setting", "seconds"),
    [(True, 86_400.0), (None, None), (False, None), ({"ttl_us": 2_000_000}, 2.0), ({}, 86_400.0)],
)
def test_time_to_live_is_read_from_the_setting(setting: Any, seconds: float | None) -> None:
    assert ttl_of(setting) == seconds
