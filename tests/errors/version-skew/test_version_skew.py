"""The message of `version-skew`. A message on an edge that the new version does not have."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nats
from nats.js.api import AckPolicy, ConsumerConfig


def test_message_is_the_expected_one(
    scene: Any, server: Callable[[dict[str, Any]], str], golden: Callable[[Path | str, str], None]
) -> None:
    url = server({"jetstream": {"store_dir": str(scene.folder / "js")}})
    scene.with_stream(
        url,
        name="dev_orders_E",
        subjects=["kumeo.dev.orders.e.>"],
        discard="new",
        metadata={"kumeo-edge-run_old": "1"},
    )
    asyncio.run(old_message(url))
    golden("message.txt", scene.run("--nats", url))


async def old_message(url: str) -> None:
    """Leave a message that nobody has read."""
    link = await nats.connect(url)
    js = link.jetstream()
    await js.publish("kumeo.dev.orders.e.run_old.0.id", b"x")
    config = ConsumerConfig(durable_name="e_run_old", ack_policy=AckPolicy.EXPLICIT)
    await js.add_consumer("dev_orders_E", config)
    await link.close()
