"""`open_transport`: the store that a URL stands for."""

from collections.abc import Callable
from typing import Any

from kumeo_runtime.transport.api import Transport, TransportError

_SCHEMES = ("nats", "tls", "ws", "wss")
_SHARED: dict[str, Any] = {}


def open_transport(
    url: str, *, on_fatal: Callable[[TransportError], None] | None = None, **settings: Any
) -> Transport:
    """Return a transport that is not connected yet.

    `memory://NAME` is a store in this process: equal names share it, `memory://` is a fresh one.
    Everything else is the URL of one or more NATS servers; settings are those of `NatsSettings`.
    """
    scheme, _, rest = url.partition("://")
    if scheme == "memory":
        return _memory(rest, **settings)
    if not all(part.strip().partition("://")[0] in _SCHEMES for part in url.split(",")):
        raise TransportError(
            "invalid-url",
            f"{scheme or url} is no kind of store",
            "write nats://HOST:PORT, tls://HOST:PORT or memory://",
        )
    from kumeo_runtime.transport.nats import NatsTransport
    from kumeo_runtime.transport.nats_connect import NatsSettings

    return NatsTransport(NatsSettings(url=url, **settings), on_fatal)


def _memory(name: str, **settings: Any) -> Transport:
    from kumeo_runtime.transport.memory import MemoryServer, MemoryTransport

    timeout = {k: settings.pop(k) for k in ("publish_timeout_s",) if k in settings}
    if not name:
        return MemoryTransport(MemoryServer(**settings), **timeout)
    server = _SHARED.setdefault(name, None) or MemoryServer(**settings)
    _SHARED[name] = server
    return MemoryTransport(server, **timeout)
