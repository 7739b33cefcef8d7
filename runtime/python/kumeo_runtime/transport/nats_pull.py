"""`NatsPull`: takes messages from one durable, with credit in messages and bytes.

The credit of the engine is turned into pull requests. A request ends by itself after a while, at a
lost connection, or when its bytes are used up; the store says how much of it was left, and that
much is asked for again. A new request is sent when at least half of the credit is not asked for,
so granting one by one costs no request each.

A pinned consumer serves one pull: that one learns an id from what it gets and shows it with each
request. Requests end early there, so that the store hears of a pull that has nothing to do. When
the id counts no more, another process has taken over: this pull asks without one and waits.
"""

import asyncio
import random

from kumeo_runtime.transport.api import Delivery, OnDelivery
from kumeo_runtime.transport.nats_admin import GROUP
from kumeo_runtime.transport.nats_budget import Budget
from kumeo_runtime.transport.nats_link import Link
from kumeo_runtime.transport.nats_wire import (
    Status,
    headers_of,
    parse_ack_token,
    parse_status,
    pin_of,
)

_HEARTBEAT = 100
_WRONG_PIN = 423
_ENDED = frozenset({404, 408})
_TOO_BIG = "Message Size Exceeds MaxBytes"


class NatsPull:
    """A running subscription to one consumer."""

    def __init__(
        self,
        link: Link,
        stream: str,
        durable: str,
        on_delivery: OnDelivery,
        *,
        expires_s: float,
        heartbeat_s: float,
        pin_s: float = 0.0,
        budget: Budget | None = None,
    ) -> None:
        self._link = link
        self._budget = budget or Budget(asyncio.get_running_loop().time, 1 << 20)
        self._budget.pulls += 1
        self._loop = asyncio.get_running_loop()
        self._next = f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{durable}".encode()
        self._unpin_subject = f"$JS.API.CONSUMER.UNPIN.{stream}.{durable}".encode()
        self._on_delivery = on_delivery
        self._is_pinned = pin_s > 0
        self._pin = b""
        if self._is_pinned:
            expires_s = min(expires_s, pin_s / 3)
            heartbeat_s = min(heartbeat_s, expires_s / 3)
        self._expires_ns = int(expires_s * 1e9)
        self._heartbeat_s = heartbeat_s
        self._messages = 0
        self._bytes = 0
        self._bytes_full = 0
        self._asked = 0
        self._asked_bytes = 0
        self._seen_at = 0.0
        self._failures = 0
        self._is_starved = False
        self._has_come = False
        """Whether something came since the last request."""
        self.is_stopped = False
        self._retry: asyncio.TimerHandle | None = None
        self._watch: asyncio.TimerHandle | None = None
        self._inbox = link.inbox + b".p%d" % id(self)
        self._sid = link.subscribe(self._inbox, self._on_message)

    def grant(self, messages: int, max_bytes: int) -> None:
        """Ask for up to so many more messages."""
        self._messages += messages
        self._bytes += max_bytes
        self._bytes_full = max(self._bytes_full, self._bytes)
        self._is_starved = self._is_starved and not max_bytes
        self._ask()

    async def stop(self) -> None:
        """Take no more; what the store had already sent is still delivered before this returns."""
        if not self.is_stopped:
            self._budget.pulls -= 1
        self.is_stopped = True
        self._cancel_timers()
        self._unpin()
        await self._link.unsubscribe(self._sid)

    def _unpin(self) -> None:
        """Let another process take over at once."""
        if self._pin and self._link.is_connected:
            body = b'{"group":"%b"}' % GROUP.encode()
            self._link.publish(self._unpin_subject, body, self._inbox)

    def restart(self) -> None:
        """Ask anew for everything that has not arrived: the store has forgotten the requests."""
        self._asked = self._asked_bytes = 0
        self._is_starved = False
        self._ask()

    # -- asking
    def _ask(self) -> None:
        left = self._messages - self._asked
        if left < 1 or left < self._asked or self._retry is not None or self.is_stopped:
            return
        if not self._link.is_connected:
            return
        share = self._budget.share()
        budget = min(self._bytes, share) - self._asked_bytes
        if self._is_starved or budget < 1:
            if self._asked or (self._bytes < self._bytes_full and self._bytes < share):
                return  # what is in use comes back first
            self._request(1, 0)
            return
        self._request(left, budget)

    def _request(self, batch: int, budget: int) -> None:
        """Send one request; no budget stands for one message of any size.

        The store counts subjects and headers too, so less may arrive than the budget, never more.
        """
        self._has_come = False
        self._asked += batch
        self._asked_bytes += budget
        limit = b',"max_bytes":%d' % budget if budget else b""
        if self._is_pinned:
            limit += b',"group":"%b"' % GROUP.encode()
            limit += b',"id":"%b"' % self._pin if self._pin else b""
        body = b'{"batch":%d%b,"expires":%d,"idle_heartbeat":%d}'
        heartbeat_ns = int(self._heartbeat_s * 1e9)
        body %= (batch, limit, self._expires_ns, heartbeat_ns)
        self._link.publish(self._next, body, self._inbox)
        if self._watch is None:
            self._seen_at = self._loop.time()
            self._watch = self._loop.call_later(self._heartbeat_s, self._check_heartbeat)

    def _check_heartbeat(self) -> None:
        """Ask again when the store has been silent for longer than it promised."""
        self._watch = None
        if self.is_stopped or not self._asked:
            return
        if self._loop.time() - self._seen_at > 2.5 * self._heartbeat_s:
            self._asked = self._asked_bytes = 0
            self._ask()
        if self._asked and self._watch is None:
            self._watch = self._loop.call_later(self._heartbeat_s, self._check_heartbeat)

    def _retry_later(self) -> None:
        """Wait with jitter: without a leader every request is refused at once."""
        if self._retry is not None or self.is_stopped:
            return
        self._failures += 1
        delay_s = min(2.0, 0.05 * 2 ** min(self._failures, 6)) * random.uniform(0.5, 1.0)
        self._retry = self._loop.call_later(delay_s, self._retry_now)

    def _retry_now(self) -> None:
        self._retry = None
        self._ask()

    def _cancel_timers(self) -> None:
        for timer in (self._retry, self._watch):
            if timer is not None:
                timer.cancel()
        self._retry = self._watch = None

    # -- receiving
    def _on_message(self, subject: bytes, reply: bytes, block: bytes, payload: bytes) -> None:
        now = self._seen_at = self._loop.time()
        if not reply.startswith(b"$JS.ACK."):
            self._on_status(parse_status(block))
            return
        attempt, seq, stored_us = parse_ack_token(reply)
        size = len(payload)
        if self._is_pinned:
            self._pin = pin_of(block) or self._pin
        self._failures = 0
        self._is_starved = False
        self._has_come = True
        self._messages -= 1
        self._bytes -= size
        self._asked = max(0, self._asked - 1)
        self._asked_bytes = max(0, self._asked_bytes - size) if self._asked else 0
        delivery = Delivery(
            subject.decode(),
            payload,
            headers_of(block),
            reply.decode(),
            seq,
            attempt,
            stored_us,
            now,
        )
        self._on_delivery(delivery)
        if self._messages > self._asked:
            self._ask()

    def _on_status(self, status: Status) -> None:
        if status.code == _HEARTBEAT:
            return
        if status.code == _WRONG_PIN:
            self._taken_over()
            return
        self._asked = max(0, self._asked - status.messages) if status.messages is not None else 0
        self._asked_bytes = max(0, self._asked_bytes - status.bytes) if self._asked else 0
        if status.text.startswith(_TOO_BIG):
            # A request may end because its share is used up: only one that brought nothing starves.
            self._is_starved = not self._has_come
        elif status.code not in _ENDED and not status.text.startswith("Batch Completed"):
            self._retry_later()
            return
        self._ask()

    def _taken_over(self) -> None:
        """Stand by: another pull is served. Every request with the old id is answered like this."""
        if not self._pin:
            return
        self._pin = b""
        self._asked = self._asked_bytes = 0
        self._ask()
