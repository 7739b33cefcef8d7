"""Requests to model servers: addresses, keys, and when a request is sent again."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import msgspec

from kumeo_runtime.agents.resources import AgentError
from kumeo_runtime.values import Fault

RESENDS = 2
"""How often a request is sent again after a fault of the network or a busy server."""
PAUSE_S, PAUSE_MAX_S = 0.5, 30.0
TIMEOUT_S = 300.0
"""How long one request may take when the agent has no limit of its own."""
_DEFAULTS = {"openai": "https://api.openai.com/v1", "ollama": "http://127.0.0.1:11434"}
_BUSY = frozenset({408, 409, 425, 429, 500, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A model server."""

    url: str
    key: str | None = None


def endpoint_of(provider: str, environ: Mapping[str, str]) -> Endpoint:
    """Return the server of a provider: `KUMEO_NAME_URL` and `KUMEO_NAME_KEY`, or what is usual.

    Raises: AgentError when nothing says where it is.
    """
    name = "".join(c if c.isalnum() else "_" for c in provider.upper())
    url = environ.get(f"KUMEO_{name}_URL") or _DEFAULTS.get(provider)
    if url is None:
        message = f"nothing says where the models of `{provider}` are"
        raise AgentError("engine-unknown", message, f"set KUMEO_{name}_URL to their address")
    key = environ.get(f"KUMEO_{name}_KEY") or environ.get(f"{name}_API_KEY")
    return Endpoint(url.rstrip("/"), key)


class ModelClient:
    """Sends JSON to one server and gives JSON back."""

    def __init__(self, endpoint: Endpoint) -> None:
        headers = {"Authorization": f"Bearer {endpoint.key}"} if endpoint.key else {}
        self._client = httpx.AsyncClient(
            base_url=endpoint.url, headers=headers, timeout=httpx.Timeout(TIMEOUT_S, connect=10.0)
        )
        self._url = endpoint.url

    async def close(self) -> None:
        """Close its connections."""
        await self._client.aclose()

    async def post(self, path: str, body: Any, idempotency_key: str) -> Any:
        """Return the JSON of a response. Raises: Fault with code `attempt-failed` or `timeout`."""
        content = msgspec.json.encode(body)
        headers = {"Content-Type": "application/json", "Idempotency-Key": idempotency_key}
        for sent in range(RESENDS + 1):
            response = await self._sent(path, content, headers, is_last=sent == RESENDS)
            if response is not None and response.status_code not in _BUSY:
                return _json_of(response)
            if response is not None and sent == RESENDS:
                raise Fault("attempt-failed", _complaint(response))
            await asyncio.sleep(_pause(response, sent))
        raise AssertionError("the last round returns or raises")

    async def _sent(
        self, path: str, content: bytes, headers: dict[str, str], is_last: bool
    ) -> httpx.Response | None:
        """Return the response, or None for a fault of the network that may pass."""
        try:
            return await self._client.post(path, content=content, headers=headers)
        except httpx.TimeoutException:
            raise Fault("timeout", f"{self._url} did not answer in time") from None
        except httpx.HTTPError as error:
            if is_last:
                reason = str(error) or type(error).__name__
                raise Fault("attempt-failed", f"{self._url} cannot be reached: {reason}") from None
            return None


def _json_of(response: httpx.Response) -> Any:
    if response.status_code != 200:
        raise Fault("attempt-failed", _complaint(response))
    try:
        return msgspec.json.decode(response.content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Fault("attempt-failed", "the response of the model is no JSON") from None


def _complaint(response: httpx.Response) -> str:
    return f"the model server answers {response.status_code}: {response.text.strip()[:200]}"


def _pause(response: httpx.Response | None, sent: int) -> float:
    """Return the seconds to wait: what the server asks for, else longer each time."""
    asked = None if response is None else response.headers.get("Retry-After")
    wanted = None if asked is None else _seconds(asked)
    return min(PAUSE_S * 2.0**sent if wanted is None else wanted, PAUSE_MAX_S)


def _seconds(text: str) -> float | None:
    """Read `Retry-After`: seconds, or a date."""
    if text.strip().isdigit():
        return float(text)
    try:
        until = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    return max((until.astimezone(UTC) - datetime.now(UTC)).total_seconds(), 0.0)
