"""Making the connection: settings, credentials, TLS, and the first error that cannot be helped."""

import asyncio
import ssl
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias, cast

from nats.aio.client import Client

from kumeo_runtime.transport.api import TransportError
from kumeo_runtime.transport.nats_errors import connect_error, is_fatal

OnError: TypeAlias = Callable[[Exception], Coroutine[Any, Any, None]]


@dataclass(frozen=True, slots=True)
class NatsSettings:
    """How to reach NATS. Credentials in the URL count too."""

    url: str = "nats://127.0.0.1:4222"
    """One URL, or several with commas."""
    name: str = "kumeo"
    user: str | None = None
    password: str | None = None
    token: str | None = None
    creds: str | None = None
    """Path of a credentials file (JWT and seed)."""
    nkey_seed: str | None = None
    """Path of a file with an NKey seed."""
    tls_ca: str | None = None
    tls_cert: str | None = None
    tls_key: str | None = None
    inbox_prefix: str = "_INBOX"
    connect_timeout_s: float = 3.0
    publish_timeout_s: float = 5.0
    request_timeout_s: float = 5.0
    reconnect_wait_s: float = 0.25
    pull_expires_s: float = 30.0
    heartbeat_s: float = 5.0

    def options(self) -> dict[str, Any]:
        """Return what nats-py wants to know."""
        given = {
            "user": self.user,
            "password": self.password,
            "token": self.token,
            "user_credentials": self.creds,
            "nkeys_seed": self.nkey_seed,
            "tls": self.tls_context(),
        }
        return {
            "servers": [url.strip() for url in self.url.split(",")],
            "name": self.name,
            "inbox_prefix": self.inbox_prefix,
            "max_reconnect_attempts": -1,
            "reconnect_time_wait": self.reconnect_wait_s,
            "connect_timeout": self.connect_timeout_s,
            "ping_interval": 10,
            **{key: value for key, value in given.items() if value is not None},
        }

    def tls_context(self) -> ssl.SSLContext | None:
        """Return the TLS settings, or None for the defaults of the system."""
        if not (self.tls_ca or self.tls_cert):
            return None
        context = ssl.create_default_context(cafile=self.tls_ca)
        if self.tls_cert:
            context.load_cert_chain(self.tls_cert, self.tls_key)
        return context


async def connect(
    client: Client, settings: NatsSettings, on_error: OnError, events: dict[str, Any]
) -> None:
    """Connect within the time of the settings, or raise the reason.

    nats-py tries for ever; an error that trying again cannot mend ends it at once.
    """
    shown = hide_secret(settings.url)
    fatal: asyncio.Future[TransportError] = asyncio.get_running_loop().create_future()
    last: list[Exception] = []
    is_up = False

    async def first_errors(error: Exception) -> None:
        if is_up:
            await on_error(error)
            return
        last.append(error)
        reason = connect_error(error, shown)
        if is_fatal(reason) and not fatal.done():
            fatal.set_result(reason)

    try:
        options = settings.options()
    except (OSError, ssl.SSLError) as error:
        raise TransportError(
            "tls-mismatch", f"the TLS files cannot be used: {error}", "correct their paths"
        ) from error
    check_files(settings)
    task = asyncio.ensure_future(client.connect(**options, **events, error_cb=first_errors))
    waited = cast("set[asyncio.Future[Any]]", {task, fatal})
    await asyncio.wait(
        waited, timeout=settings.connect_timeout_s, return_when=asyncio.FIRST_COMPLETED
    )
    if task.done() and task.exception() is None and not fatal.done():
        is_up = True
        return
    error = task.exception() if task.done() else (last[-1] if last else TimeoutError())
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    raise fatal.result() if fatal.done() else connect_error(error, shown)


def check_files(settings: NatsSettings) -> None:
    """Refuse credentials files that cannot be read."""
    for path in filter(None, (settings.creds, settings.nkey_seed)):
        try:
            Path(path).read_bytes()
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise TransportError(
                "wrong-credentials",
                f"the credentials file `{path}` cannot be read: {reason}",
                "correct its path in KUMEO_NATS_CREDENTIALS or KUMEO_NATS_NKEY_SEED",
            ) from error


def is_secured(client: Client) -> bool:
    """Return whether the server asked for TLS, which nats-py then starts."""
    info = cast(dict[str, Any], cast(Any, client)._server_info)
    return bool(info.get("tls_required"))


def hide_secret(url: str) -> str:
    """Return a URL without what stands before `@`."""
    parts = [part.strip() for part in url.split(",")]
    return ",".join(
        f"{part.partition('://')[0]}://{part.rpartition('@')[2]}" if "@" in part else part
        for part in parts
    )
