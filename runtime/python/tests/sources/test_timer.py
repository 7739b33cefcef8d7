"""Timers: when they tick, and each tick once."""

import asyncio
from typing import Any

import pytest
from kumeo_runtime.engine.shared import EngineError
from kumeo_runtime.sources.schedule import DAY_US, Cron, Every, schedule_of
from kumeo_runtime.spec import Source
from kumeo_runtime.testing.connected import passing, running, settings_on, values_of
from kumeo_runtime.transport.subjects import moment_text, moment_us
from kumeo_runtime.values import Record, Time


class Tick(Record):
    at: Time


@pytest.mark.parametrize(
    ("text", "start", "ticks"),
    [
        ("*/15 * * * *", "2026-03-01T10:07:30Z", ["2026-03-01T10:15", "2026-03-01T10:30"]),
        ("0 9-10 * * 1-5", "2026-03-06T09:30:00Z", ["2026-03-06T10:00", "2026-03-09T09:00"]),
        ("30 4 29 2 *", "2026-03-01T00:00:00Z", ["2028-02-29T04:30", "2032-02-29T04:30"]),
        ("0 0 1 * 0", "2026-03-01T00:00:00Z", ["2026-03-08T00:00", "2026-03-15T00:00"]),
        ("5,10 0 * * *", "2026-12-31T00:06:00Z", ["2026-12-31T00:10", "2027-01-01T00:05"]),
        ("0 0 * * 7", "2026-03-02T00:00:00Z", ["2026-03-08T00:00", "2026-03-15T00:00"]),
    ],
)
def test_cron_ticks_when_cron_would(text: str, start: str, ticks: list[str]) -> None:
    cron, at = Cron(text), moment_us(start)
    assert at is not None
    first = cron.after(at)
    found = [moment_text(us)[:16] for us in (first, cron.after(first))]
    assert found == ticks


@pytest.mark.parametrize(
    "text", ["* * * *", "61 * * * *", "a * * * *", "0 0 30 2 *", "*/0 * * * *"]
)
def test_cron_that_is_wrong_is_an_error(text: str) -> None:
    with pytest.raises(EngineError) as caught:
        schedule_of("t", {"cron": text})
    assert caught.value.code == "invalid-setting"


def test_cron_latest_is_the_last_tick_of_a_day_at_most() -> None:
    cron, noon = Cron("0 12 * * *"), 10 * DAY_US + DAY_US // 2
    assert cron.latest(noon) == noon
    assert cron.latest(noon - 1) == noon - DAY_US
    assert Cron("0 12 1 1 *").latest(noon) == 0


def test_every_ticks_at_multiples_since_1970() -> None:
    every = Every(5_000_000)
    assert (every.after(5_000_000), every.latest(9_999_999)) == (10_000_000, 5_000_000)


def test_timer_in_two_processes_ticks_once_each_time(nats_url: str) -> None:
    source = Source("tick", "timer", "", Tick, settings={"every": 200_000})
    workflow, settings = passing(source), settings_on(nats_url)

    async def main() -> list[Any]:
        async with running(workflow, settings), running(workflow, settings):
            await asyncio.sleep(1.5)
        return await values_of(workflow, settings)

    found = [value["at"] for value in asyncio.run(main())]
    moments = [moment_us(text) for text in found]
    assert len(found) >= 5
    assert moments == sorted(set(moments))
    assert all(us is not None and us % 200_000 == 0 for us in moments)
