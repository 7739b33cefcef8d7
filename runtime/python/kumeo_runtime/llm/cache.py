"""Answers that equal questions share, in the store, so that other workers profit.

The key of an answer is a hash of all that makes it: engine, server, messages, schema, settings,
tools. An agent has a fixed number of places, so the cache cannot grow: a new answer takes the place
of an older one. Only answers that were read and checked are kept.
"""

import time
from collections.abc import Callable, Mapping
from hashlib import blake2b
from typing import Any, cast

import msgspec
from msgspec import Struct

from kumeo_runtime.llm.ledger import Store
from kumeo_runtime.values import msgpack_decoder, msgpack_encoder

PLACES = 1024
"""Answers that an agent keeps."""
SIZE_MAX = 32 * 1024
"""The largest answer that is kept, in bytes."""
TTL_S = 24 * 3600.0
"""How long an answer is used when the workflow does not say."""
IRRELEVANT = frozenset({"cache", "budget", "max_price", "reask", "strategy", "engines", "stream"})
"""Settings that do not change what a model says."""
_encode = msgpack_encoder().encode


class Kept(Struct, array_like=True):
    """One answer."""

    key: bytes
    until: float
    """When it is too old, in seconds since 1970."""
    value: bytes


_decode_kept = msgspec.msgpack.Decoder(Kept).decode


def ttl_of(setting: Any) -> float | None:
    """Return the seconds that answers are used, or None when nothing is cached."""
    if isinstance(setting, Mapping):
        given = cast(Mapping[str, Any], setting)
        micros = given.get("ttl_us")
        return float(given.get("ttl_s", TTL_S)) if micros is None else micros / 1e6
    return TTL_S if setting else None


def key_of(
    engine: str, messages: Any, schema: Any, settings: Mapping[str, Any], *more: Any
) -> bytes:
    """Return the hash of all that makes an answer; `more` are the server and the tools."""
    chosen = {name: settings[name] for name in sorted(settings) if name not in IRRELEVANT}
    text = msgspec.json.encode([engine, messages, schema, chosen, *more], order="deterministic")
    return blake2b(text, digest_size=16).digest()


class Cache:
    """The answers of one agent."""

    def __init__(
        self, site: str, result: Any, ttl_s: float, clock: Callable[[], float] = time.time
    ) -> None:
        self._site = site
        self._ttl_s = ttl_s
        self._clock = clock
        self._decode = msgpack_decoder(result).decode

    async def get(self, store: Store, key: bytes) -> tuple[Any] | None:
        """Return the answer to a question, or None."""
        entry = await store.read(self._site, _place(key))
        if not entry.seq:
            return None
        kept = _decode_kept(entry.value)
        if kept.key != key or self._clock() >= kept.until:
            return None
        try:
            return (self._decode(kept.value),)
        except (msgspec.DecodeError, ValueError):
            return None  # written by an older build, for another type

    async def put(self, store: Store, key: bytes, value: Any) -> None:
        """Keep an answer. If another worker writes at the same time, its answer stays."""
        body = _encode(Kept(key, self._clock() + self._ttl_s, _encode(value)))
        if len(body) > SIZE_MAX:
            return
        entry = await store.read(self._site, _place(key))
        await store.write(self._site, _place(key), body, entry.seq)


def _place(key: bytes) -> str:
    return f"cache/{int.from_bytes(key[:4], 'big') % PLACES}"
