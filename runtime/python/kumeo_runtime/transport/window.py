"""Requests under way: a token for each, its callback, and one timer for the oldest.

No task and no future per request. Every request of a window has the same timeout, so the oldest
one always expires first.
"""

import asyncio
from typing import TypeAlias

from kumeo_runtime.transport.api import OnOutcome, Outcome, Outgoing, Refused

Request: TypeAlias = tuple[float, OnOutcome, Outgoing | None]
"""Deadline, callback, message: a plain tuple, made once for every publish."""


class Window:
    """Publishes by token; each callback is called exactly once."""

    def __init__(self, loop: asyncio.AbstractEventLoop, timeout_s: float) -> None:
        self._loop = loop
        self._timeout_s = timeout_s
        self._open: dict[int, Request] = {}
        self._last = 0
        self._timer: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        return len(self._open)

    def open(self, on_outcome: OnOutcome, message: Outgoing | None = None) -> int:
        """Return the token of a new request."""
        token = self._last = self._last + 1
        self._open[token] = (self._loop.time() + self._timeout_s, on_outcome, message)
        if self._timer is None:
            self._timer = self._loop.call_later(self._timeout_s, self._expire)
        return token

    def take(self, token: int) -> Request | None:
        """Return a request and forget it; None when the answer comes too late or twice."""
        return self._open.pop(token, None)

    def close(self, token: int, outcome: Outcome) -> None:
        """Hand an answer to its request; an answer that comes too late or twice is dropped."""
        request = self._open.pop(token, None)
        if request is not None:
            request[1](outcome)
        if not self._open:
            self._stop_timer()

    def fail_all(self, outcome: Refused) -> None:
        """Answer everything that is under way."""
        requests, self._open = self._open, {}
        self._stop_timer()
        for _, on_outcome, _ in requests.values():
            on_outcome(outcome)

    def fail_subject(self, subject: str, outcome: Refused) -> None:
        """Answer what is under way to one subject, however its letters are cased."""
        for token, (_, _, message) in list(self._open.items()):
            if message is not None and message.subject.lower() == subject:
                self.close(token, outcome)

    def forget_all(self) -> None:
        """Drop everything that is under way without an answer."""
        self._open.clear()
        self._stop_timer()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _expire(self) -> None:
        self._timer = None
        now = self._loop.time()
        late = Refused("unavailable", f"no answer within {self._timeout_s:g} s")
        while self._open:
            token, (deadline, on_outcome, _) = next(iter(self._open.items()))
            if deadline > now:
                break
            del self._open[token]
            on_outcome(late)
        if self._open and self._timer is None:
            deadline = next(iter(self._open.values()))[0]
            self._timer = self._loop.call_at(deadline, self._expire)
