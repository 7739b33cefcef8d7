"""A worker that dies at any step of a conversation: nothing that was answered is paid for twice.

The conversation has a tool, an answer that does not fit, and a budget in the store. A first run
dies at the n-th write, before or after it happens; a second one ends the work with what is stored.
"""

import asyncio
from collections import Counter
from collections.abc import Mapping
from typing import Any, Literal

import msgspec
import pytest
from kumeo_runtime.agents import AwaitedAgent, LanguageModel, Resources
from kumeo_runtime.llm.ledger import Account
from kumeo_runtime.llm.tools import Tool
from kumeo_runtime.testing.calls import MemoryCall, MemoryJournal, MemoryState
from kumeo_runtime.testing.fake_models import Call, Counts, FakeModels, Reply, Rule, Script
from kumeo_runtime.values import Int, Record

When = Literal["before", "after"]
WRITES = 11
"""Three questions: a reservation, an entry and a settlement each; a tool; the result."""
USED = Counts(100, 10)
SCRIPT = Script(
    rules=[
        Rule([Reply(json={"level": "high"}, usage=USED)], prompt="cannot be used"),
        Rule([Reply(json={"level": "huge"}, usage=USED)], prompt="42"),
        Rule([Reply(tool_calls=[Call("stock", {"sku": "a"})], usage=USED)]),
    ]
)


class Verdict(Record):
    level: Literal["low", "high"]


class DiedError(Exception):
    """The worker is gone."""


class Steps:
    """Counts writes and ends the worker at one of them."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.last: tuple[When, int] | None = None

    def reach(self, when: When, what: str) -> None:
        if when == "before":
            self.seen.append(what)
        if (when, len(self.seen)) == self.last:
            raise DiedError


class DyingJournal(MemoryJournal):
    def __init__(self, steps: Steps) -> None:
        super().__init__()
        self.steps = steps

    async def record(self, site: str, path: Any, value: Any, type: Any, attempt: int = 0) -> Any:
        self.steps.reach("before", site)
        found = await super().record(site, path, value, type, attempt)
        self.steps.reach("after", site)
        return found


class DyingState(MemoryState):
    def __init__(self, journal: MemoryJournal, steps: Steps) -> None:
        super().__init__(journal)
        self.steps = steps

    async def write(self, name: str, key: str, value: bytes, expected_seq: int) -> int | None:
        self.steps.reach("before", "state")
        found = await super().write(name, key, value, expected_seq)
        self.steps.reach("after", "state")
        return found


class DyingCall(MemoryCall):
    def __init__(self, steps: Steps) -> None:
        super().__init__()
        self.journal = DyingJournal(steps)
        self.state = DyingState(self.journal, steps)


class Stock(AwaitedAgent[Int]):
    runs = 0

    async def work(self, act: Any, path: Any, inputs: Mapping[str, Any]) -> Int:
        self.runs += 1
        return 42


class Played:
    """What a call did that died once and was delivered again."""

    def __init__(self, last: tuple[When, int] | None) -> None:
        self.steps = Steps()
        self.steps.last = last
        self.stock = Stock(site="judge.stock", result=Int)
        self.act = DyingCall(self.steps)
        with FakeModels(SCRIPT) as server:
            self.died = self._run(server.url)
            self.steps.last = None
            self.found = self._run(server.url)
            bodies = [msgspec.json.encode(each.body["messages"]) for each in server.requests]
        self.paid = Counter(bodies)

    def _run(self, url: str) -> Any:
        agent: LanguageModel[Any] = LanguageModel(
            site="judge",
            engine="ollama/llama3",
            result=Verdict,
            tools=(Tool("stock", self.stock, {"sku": str}),),
            settings={"budget": {"tokens": 100_000, "per": "day"}, "max_tokens": 50},
        )

        async def run() -> Any:
            await agent.start(Resources(environ={"KUMEO_OLLAMA_URL": url}))
            try:
                return await agent(self.act, prompt="How high?")
            except DiedError as error:
                return error
            finally:
                await agent.stop()

        return asyncio.run(run())

    @property
    def tokens(self) -> int:
        """What the store says was used."""
        entry = self.act.state.entries["judge", "budget/day"]
        return msgspec.msgpack.decode(entry.value, type=Account).total().tokens


EVERY = [(when, number) for number in range(1, WRITES + 1) for when in ("before", "after")]


def test_run_without_a_crash_writes_what_the_others_count() -> None:
    played = Played(None)
    ask = ["state", "judge/ask", "state"]
    assert played.steps.seen == [*ask, "judge.stock", *ask, *ask, "judge"]
    assert len(played.steps.seen) == WRITES
    assert (played.found, played.tokens) == (Verdict(level="high"), 330)


@pytest.mark.parametrize("last", EVERY)
def test_worker_that_dies_at_a_write_pays_once(last: tuple[When, int]) -> None:
    played = Played(last)
    assert isinstance(played.died, DiedError)
    assert played.found == Verdict(level="high")
    is_lost = last[0] == "before" and played.steps.seen[last[1] - 1] == "judge/ask"
    # An answer that came and was not recorded is the one thing that is paid for again.
    assert sum(played.paid.values()) == (4 if is_lost else 3)
    assert len(played.paid) == 3


@pytest.mark.parametrize("last", EVERY)
def test_worker_that_dies_at_a_write_runs_tools_as_their_journal_says(
    last: tuple[When, int],
) -> None:
    played = Played(last)
    is_lost = last[0] == "before" and played.steps.seen[last[1] - 1] == "judge.stock"
    assert played.stock.runs == (2 if is_lost else 1)


@pytest.mark.parametrize("last", EVERY)
def test_worker_that_dies_at_a_write_counts_no_less_than_was_used(last: tuple[When, int]) -> None:
    played = Played(last)
    what, asked = played.steps.seen[last[1] - 1], sum(played.paid.values())
    if what == "state" or asked == 4:
        assert played.tokens >= 110 * asked
    else:
        assert played.tokens == 330
