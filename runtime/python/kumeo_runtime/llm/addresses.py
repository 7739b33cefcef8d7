"""Where the models of a provider are: the address, the key, the proxy; from settings alone.

Nothing that a model or a server says ends up in an address: requests go to the one that stands
here, and redirects are not followed.
"""

import ipaddress
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urlsplit

from kumeo_runtime.agents.resources import AgentError, Resources, Secret
from kumeo_runtime.llm.providers import Provider

log = logging.getLogger("kumeo.llm")
DEFAULTS: Mapping[str, str] = {
    "openai": "https://api.openai.com/v1",
    "ollama": "http://127.0.0.1:11434",
}


@dataclass(frozen=True, slots=True)
class Server:
    """A model server."""

    url: str
    """The base address, without a slash at its end."""
    key: str | None = field(default=None, repr=False)
    proxy: str | None = field(default=None, repr=False)

    @property
    def is_local(self) -> bool:
        """Whether it runs on this computer."""
        host = urlsplit(self.url).hostname or ""
        try:
            return ipaddress.ip_address(host).is_loopback
        except ValueError:
            return host == "localhost"


def server_of(name: str, provider: Provider | None, resources: Resources) -> Server:
    """Return the server of a provider: the environment, its block, what is usual.

    The environment wins, so that a file runs on another server by configuration alone.
    Raises: AgentError when nothing says where it is, or what is said cannot be.
    """
    variable = f"KUMEO_{_upper(name)}"
    environ = resources.environ
    url = environ.get(f"{variable}_URL") or _text(provider and provider.url, resources)
    url = (url or DEFAULTS.get(name) or "").strip()
    if not url:
        message = f"nothing says where the models of `{name}` are"
        raise AgentError("engine-unknown", message, f"set {variable}_URL to their address")
    parts = _checked(name, url)
    key = environ.get(f"{variable}_KEY") or _text(provider and provider.key, resources)
    key = _checked_key(name, key or environ.get(f"{_upper(name)}_API_KEY"))
    server = Server(url.rstrip("/"), key, _proxy_of(parts, environ))
    if key and parts.scheme == "http" and not server.is_local:
        log.warning("the key of %s goes to %s without encryption", name, parts.hostname)
    return server


def _upper(name: str) -> str:
    return "".join(c if c.isalnum() else "_" for c in name.upper())


def _text(setting: str | Secret | None, resources: Resources) -> str | None:
    return None if setting is None else resources.text_of(setting)


def _checked(name: str, url: str) -> SplitResult:
    """Return the parts of an address. Raises: AgentError; the message holds no part of it."""
    parts = _parts(url)
    if parts is None:
        message = f"the address of the models of `{name}` is none"
        raise AgentError("invalid-setting", message, "write http://HOST:PORT or https://HOST/PATH")
    if parts.username is not None or parts.password is not None or parts.query or parts.fragment:
        message = f"the address of the models of `{name}` holds more than a host and a path"
        raise AgentError("invalid-setting", message, "say the key by `key: secret(...)`")
    return parts


def _parts(url: str) -> SplitResult | None:
    if not url.isprintable() or any(c.isspace() or c == "\\" for c in url):
        return None
    try:
        parts = urlsplit(url)
        is_good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return None
    return parts if is_good else None


def _checked_key(name: str, key: str | None) -> str | None:
    """Return a key that a header can hold; files often end with a line break."""
    key = (key or "").strip()
    if any(not "!" <= c <= "~" for c in key):
        message = f"the key of `{name}` holds characters that no key has"
        raise AgentError("invalid-setting", message, "look for spaces and line breaks in it")
    return key or None


def _proxy_of(parts: SplitResult, environ: Mapping[str, str]) -> str | None:
    """Return the proxy that the environment names for a server, as other programs read it."""
    name = f"{parts.scheme}_proxy"
    found = environ.get(name) or environ.get(name.upper())
    excepted = environ.get("no_proxy") or environ.get("NO_PROXY") or ""
    host = parts.hostname or ""
    if not found or _is_excepted(host, f"localhost,127.0.0.1,::1,{excepted}"):
        return None
    return found if "://" in found else f"http://{found}"


def _is_excepted(host: str, names: str) -> bool:
    """Return whether `no_proxy` names a host, or a domain that it is in."""
    for name in names.split(","):
        wanted = name.strip().removeprefix("*").lstrip(".").lower()
        is_all = name.strip() == "*"
        if is_all or (wanted and (host == wanted or host.endswith(f".{wanted}"))):
            return True
    return False
