"""Requests under way: what cancels them, what ends them."""

import asyncio
from typing import Any, cast

import pytest
from kumeo_runtime.transport.nats_link import Link
from kumeo_runtime.transport.nats_requests import Requests


class SilentLink:
    """A link that only remembers who listens."""

    inbox = b"_INBOX.x"
    is_connected = True
    on_message: Any = None

    def subscribe(self, subject: bytes, on_message: Any) -> bytes:
        self.on_message = on_message
        return b"k1"

    def publish(self, *args: Any) -> None:
        pass


def test_cancellation_together_with_the_answer_is_not_swallowed() -> None:
    link = SilentLink()
    requests = Requests(cast(Link, link), 5.0)

    async def main() -> None:
        requests.start()
        task = asyncio.ensure_future(requests.send("subject", b""))
        await asyncio.sleep(0)
        link.on_message(b"_INBOX.x.r.1", b"", b"", b"answer")
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
