"""Who asks: tokens of programs, sessions of browsers, and a limit for guesses."""

import hmac
import secrets
from collections import deque
from collections.abc import Callable

from msgspec import Struct

from kumeo_runtime.tasks.people import People, Person, hash_of
from kumeo_runtime.tasks.rest.problems import Refused

FAILED_MAX = 10
WINDOW_S = 60.0
"""So many failed logins of one address in so many seconds; then it has to wait."""
ADDRESSES_MAX = 10_000
SESSIONS_MAX = 5_000
IDLE_S = 8 * 3600.0
LIFE_S = 24 * 3600.0


class Opened(Struct):
    """A session of a browser. It ends when the person's token changes."""

    name: str
    token_sha256: str
    csrf: str
    began: float
    used: float


class Limiter:
    """Counts failed logins by address."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._failed: dict[str, deque[float]] = {}

    def check(self, address: str) -> None:
        """Raise `Refused` 429 while an address has guessed too often."""
        times = self._failed.get(address)
        if times is None:
            return
        now = self._clock()
        while times and times[0] <= now - WINDOW_S:
            times.popleft()
        if not times:
            del self._failed[address]
        elif len(times) >= FAILED_MAX:
            wait_s = int(times[0] + WINDOW_S - now) + 1
            detail = f"too many failed logins; wait {wait_s} s"
            raise Refused(429, "too-many-logins", detail, retry_s=wait_s)

    def failed(self, address: str) -> None:
        """Count a failed login."""
        if address not in self._failed and len(self._failed) >= ADDRESSES_MAX:
            del self._failed[next(iter(self._failed))]
        self._failed.setdefault(address, deque(maxlen=FAILED_MAX)).append(self._clock())


class Logins:
    """The tokens and sessions of one service."""

    def __init__(self, people: People, clock: Callable[[], float]) -> None:
        self.people = people
        self._clock = clock
        self._limiter = Limiter(clock)
        self._sessions: dict[str, Opened] = {}

    def person(self, token: str, address: str) -> Person:
        """Return whose token it is. Raises: Refused 401 or 429.

        Who has a token is let in whatever others behind the same address have tried.
        """
        found = self.people.by_token(token)
        if found is None:
            self._limiter.check(address)
            self._limiter.failed(address)
            raise Refused(401, "unauthorized", "the token is not valid")
        return found

    def open(self, person: Person) -> tuple[str, Opened]:
        """Begin a session; return its secret and what is known about it."""
        now = self._clock()
        for key in [k for k, each in self._sessions.items() if _is_over(each, now)]:
            del self._sessions[key]
        if len(self._sessions) >= SESSIONS_MAX:
            del self._sessions[next(iter(self._sessions))]
        secret = secrets.token_urlsafe(32)
        opened = Opened(person.name, person.token_sha256, secrets.token_urlsafe(32), now, now)
        self._sessions[hash_of(secret)] = opened
        return secret, opened

    def session(self, secret: str) -> tuple[Person, Opened]:
        """Return the person of a session. Raises: Refused 401."""
        opened, now = self._sessions.get(hash_of(secret)), self._clock()
        person = None if opened is None else self.people.all.get(opened.name)
        is_same = (
            opened is not None
            and person is not None
            and not _is_over(opened, now)
            and hmac.compare_digest(opened.token_sha256, person.token_sha256)
        )
        if opened is None or person is None or not is_same:
            self._sessions.pop(hash_of(secret), None)
            raise Refused(401, "unauthorized", "the session is over; log in again")
        opened.used = now
        return person, opened

    def is_open(self, secret: str) -> bool:
        """Say whether a session goes on. To ask is no use of it: it ends when nobody uses it."""
        opened = self._sessions.get(hash_of(secret))
        return opened is not None and not _is_over(opened, self._clock())

    def close(self, secret: str) -> None:
        """End a session."""
        self._sessions.pop(hash_of(secret), None)


def _is_over(opened: Opened, now: float) -> bool:
    return now - opened.used > IDLE_S or now - opened.began > LIFE_S
