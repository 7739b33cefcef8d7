"""Credentials of HTTP sources and targets: `auth: { bearer: secret("TOKEN") }`, or a user."""

import base64
import hmac
from collections.abc import Mapping
from typing import Any, cast

from kumeo_runtime.agents.resources import Resources, Secret
from kumeo_runtime.engine.shared import EngineError

_FIX = 'write `auth: { bearer: secret("NAME") }` or `auth: { user: …, password: secret("NAME") }`'


def credentials_of(name: str, auth: Any, resources: Resources) -> str | None:
    """Return the header `Authorization` that settings stand for; None without any.

    Raises: EngineError, AgentError when a secret is not set.
    """
    if not auth:
        return None
    given: dict[str, Any] = dict(cast(Mapping[str, Any], auth)) if isinstance(auth, Mapping) else {}
    parts = {key: text_of(value, resources) for key, value in given.items()}
    if set(parts) == {"bearer"}:
        return f"Bearer {parts['bearer']}"
    if set(parts) == {"user", "password"}:
        pair = f"{parts['user']}:{parts['password']}".encode()
        return f"Basic {base64.b64encode(pair).decode()}"
    raise EngineError("invalid-setting", f"`auth` of `{name}` is neither a token nor a user", _FIX)


def text_of(setting: Any, resources: Resources) -> str:
    """Return a setting as text; `{"secret": NAME}` and `Secret` name a variable."""
    if isinstance(setting, Mapping):
        named = cast(Mapping[str, Any], setting)
        return resources.text_of(Secret(str(named.get("secret", ""))))
    return resources.text_of(setting) if isinstance(setting, Secret) else str(setting)


def is_allowed(wanted: str | None, given: str) -> bool:
    """Say whether a request has the credentials, in constant time."""
    return wanted is None or hmac.compare_digest(wanted.encode(), given.encode())
