"""The message of `trail-broken`. Somebody has removed an entry from the store."""

from collections.abc import Callable
from pathlib import Path
from typing import Any


def test_message_is_the_expected_one(scene: Any, golden: Callable[[Path | str, str], None]) -> None:
    import asyncio
    import json

    from kumeo_runtime.config import Settings
    from kumeo_runtime.service import transport_of

    from kumeo.tools.running.state import StateFolder
    from kumeo.tools.running.store import begin_opening

    (scene.folder / "events.jsonl").write_text('{"id": "1", "amount": 500}\n')
    assert scene.run("--input", "events.jsonl") == ""
    assert scene.kumeo("tasks", "list", "Orders", "--json") == ""
    task = json.loads(scene.output)["id"]
    assert scene.kumeo("tasks", "comment", "Orders", task, "fine", "--by", "ana") == ""

    async def remove_first(settings: Settings) -> None:
        transport = transport_of(settings)
        await transport.connect()
        stream = await transport.stream_of(f"kumeo.dev.orders.t.a.{task}")
        assert stream is not None
        (first, *_) = await transport.read(stream, f"kumeo.dev.orders.t.a.{task}")
        assert await transport.purge(stream, f"kumeo.dev.orders.t.a.{task}", first.seq) == 1
        await transport.close()

    opening = begin_opening(StateFolder(scene.folder / ".kumeo"), None)
    try:
        asyncio.run(remove_first(Settings(**opening.wait().settings)))
    finally:
        opening.give_up()
    golden("message.txt", scene.kumeo("tasks", "audit", "Orders", task))
