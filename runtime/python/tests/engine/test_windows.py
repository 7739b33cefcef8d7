"""The window of ids on targets: ten minutes, or what fits into memory, never too short."""

import asyncio
from typing import Any

from kumeo_runtime.activation import Activation
from kumeo_runtime.config import Settings
from kumeo_runtime.engine.windows import Windows
from kumeo_runtime.spec import Consumer
from kumeo_runtime.testing.rig import OUT, Rig, flow, rigged
from kumeo_runtime.transport import open_transport
from kumeo_runtime.transport.api import Outgoing, StreamConfig

QUIET = Settings(janitor=False)


def emitting(ack_wait_s: float = 30.0) -> Any:
    def first(act: Activation, event: dict[str, Any]) -> None:
        act.emit(OUT, event["n"], site="emit")

    return flow(first, consumer=Consumer(ack_wait_s=ack_wait_s))


async def window_after(rig: Rig, windows: Windows, each_s: int, seconds: int = 30) -> float:
    """Emit so many values a second for a while and return the window then."""
    for n in range(seconds // 10):
        for i in range(each_s * 10):
            rig.server.publish(Outgoing(OUT.address, b"1", {"Nats-Msg-Id": f"{each_s}-{n}-{i}"}))
        await asyncio.sleep(10)
        await windows.fit()
    info = await rig.transport.stream_info(rig.engine.shared.names.outputs)
    assert info is not None
    return info.duplicate_window_s


def test_window_few_values_is_ten_minutes() -> None:
    async def script(rig: Rig) -> None:
        assert await window_after(rig, Windows(rig.engine.shared, 6000), 5) == 600

    rigged(emitting(), script, QUIET)


def test_window_many_values_remembers_no_more_than_fits() -> None:
    async def script(rig: Rig) -> None:
        window_s = await window_after(rig, Windows(rig.engine.shared, 6000), 40)
        assert 140 <= window_s <= 160

    rigged(emitting(), script, QUIET)


def test_window_far_too_many_values_is_longer_than_two_deliveries() -> None:
    async def script(rig: Rig) -> None:
        assert await window_after(rig, Windows(rig.engine.shared, 600), 100) == 80

    rigged(emitting(40.0), script, QUIET)


def test_window_after_a_rush_grows_back() -> None:
    async def script(rig: Rig) -> None:
        windows = Windows(rig.engine.shared, 6000)
        assert await window_after(rig, windows, 40) < 160
        assert await window_after(rig, windows, 1, 120) == 600

    rigged(emitting(), script, QUIET)


async def remembered(url: str) -> tuple[float, list[bool]]:
    """Return the window after it was set, and whether an id was known before and after it ended."""
    transport = open_transport(url)
    await transport.connect()
    await transport.ensure_stream(StreamConfig("WINDOW", ("window",), duplicate_window_s=600.0))
    await transport.set_duplicate_window("WINDOW", 1.0)
    info = await transport.stream_info("WINDOW")
    outcomes: list[Any] = []
    for pause_s in (0.0, 0.1, 2.5):
        await asyncio.sleep(pause_s)
        transport.publish(Outgoing("window", b"", {"Nats-Msg-Id": "a"}), outcomes.append)
    while len(outcomes) < 3:
        await asyncio.sleep(0.01)
    await transport.delete_stream("WINDOW")
    await transport.close()
    assert info is not None
    return info.duplicate_window_s, [outcome.duplicate for outcome in outcomes]


def test_window_on_a_real_server_is_what_was_set(nats_url: str) -> None:
    assert asyncio.run(remembered(nats_url)) == (1.0, [False, True, False])
