"""What every request passes: host, origin, token or session with its CSRF header."""

import hmac
from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import urlsplit

from aiohttp import web

from kumeo_runtime.tasks.people import Person
from kumeo_runtime.tasks.rest.logins import Logins, Opened
from kumeo_runtime.tasks.rest.problems import Refused
from kumeo_runtime.tasks.rest.routes import CSRF, Route

SAFE = ("GET", "HEAD")
POLICY = (
    "default-src 'self'; base-uri 'none'; object-src 'none'; form-action 'self';"
    " frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}
SECURE = "__Host-"
"""Prefix of cookies that browsers send over TLS alone, to this host alone."""
LOOPBACK = ("127.0.0.1", "localhost", "::1")


class Caller(NamedTuple):
    """Who asks, and the secret of the session, if it is one."""

    person: Person
    secret: str | None = None
    session: Opened | None = None


class Guard:
    """The checks of one service."""

    def __init__(self, logins: Logins, origins: Iterable[str], cookie: str) -> None:
        self.logins = logins
        self.cookie = cookie
        self.origins = frozenset(origins)
        self._hosts = frozenset(urlsplit(origin).netloc for origin in self.origins)

    def check_place(self, request: web.Request) -> None:
        """Refuse a host that is not ours, and pages of other origins. Raises: Refused."""
        if request.headers.get("Host", "").lower() not in self._hosts:
            raise Refused(421, "wrong-host", "this service does not answer for this host")
        if not request.path.startswith("/api/"):
            return
        origin = request.headers.get("Origin")
        is_foreign = origin is not None and origin.lower() not in self.origins
        if is_foreign or request.headers.get("Sec-Fetch-Site", "none") in (
            "cross-site",
            "same-site",
        ):
            raise Refused(403, "foreign-origin", "pages of other origins may not ask")

    def caller(self, request: web.Request, route: Route) -> Caller:
        """Return who asks. Raises: Refused 401, 403 or 429."""
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        if kind.lower() == "bearer":
            return Caller(self.logins.person(token.strip(), request.remote or ""))
        secret = request.cookies.get(self.cookie)
        if secret is None:
            raise Refused(401, "unauthorized", "send a token, or log in")
        person, session = self.logins.session(secret)
        given = request.headers.get(CSRF, "")
        is_safe = route.method in SAFE
        if not is_safe and not _is_equal(given, session.csrf):
            raise Refused(403, "csrf", f"send the header {CSRF} of the session")
        return Caller(person, secret, session)

    def set_cookie(self, answer: web.Response, secret: str) -> None:
        """Give a session to a browser; no script reads it, no other site sends it."""
        answer.set_cookie(
            self.cookie,
            secret,
            path="/",
            httponly=True,
            samesite="Strict",
            secure=self._is_secure,
        )

    def delete_cookie(self, answer: web.Response) -> None:
        """Take it back."""
        secure = self._is_secure
        answer.del_cookie(self.cookie, path="/", httponly=True, samesite="Strict", secure=secure)

    @property
    def _is_secure(self) -> bool:
        return self.cookie.startswith(SECURE)


def _is_equal(given: str, wanted: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "surrogateescape"), wanted.encode())


def origins_of(host: str, port: int, url: str | None) -> list[str]:
    """Return the origins that the service answers for.

    >>> origins_of("127.0.0.1", 80, "https://tasks.example.com/")
    ['https://tasks.example.com', 'http://127.0.0.1', 'http://localhost', 'http://[::1]']
    """
    names = LOOPBACK if host in LOOPBACK else (host,)
    end = "" if port == 80 else f":{port}"
    own = [f"http://{f'[{name}]' if ':' in name else name}{end}" for name in names]
    parts = urlsplit(url.lower()) if url else None
    return [f"{parts.scheme}://{parts.netloc}", *own] if parts else own
