"""How people are told, as a JSON file. Secrets are names of environment variables.

{"link": "https://tasks.example.org",
 "webhook": {"url": "https://chat.example.org/hook", "secret": "HOOK_SECRET"},
 "mail": {"host": "smtp.example.org", "from": "tasks@example.org",
          "user": "tasks", "password": "SMTP_PASSWORD"}}
"""

from email.utils import parseaddr
from pathlib import Path
from typing import Literal

import httpx
import msgspec
from msgspec import Struct, field

from kumeo_runtime.agents.resources import AgentError

Moment = Literal["asked", "asked-again", "reminded", "escalated", "delegated"]


class Webhook(Struct, frozen=True, forbid_unknown_fields=True):
    """An address that gets a POST."""

    url: str
    secret: str | None = None
    """Variable with the key of the signature."""
    timeout_s: float = 10.0


class Mail(Struct, frozen=True, forbid_unknown_fields=True):
    """A server that takes e-mail."""

    host: str
    sender: str = field(name="from")
    port: int = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str | None = None
    password: str | None = None
    """Variable with the password of the user."""
    timeout_s: float = 20.0


class NotifySettings(Struct, frozen=True, forbid_unknown_fields=True):
    """What a file says."""

    link: str | None = None
    """Where people open the page of tasks."""
    webhook: Webhook | None = None
    mail: Mail | None = None
    on: tuple[Moment, ...] = ("asked", "asked-again", "reminded", "escalated", "delegated")
    """The steps of a task that are told."""


def read_settings(path: Path) -> NotifySettings:
    """Return what a file says. Raises: AgentError."""
    try:
        found = msgspec.json.decode(path.read_bytes(), type=NotifySettings)
        reason = _problem(found)
        if reason is None:
            return found
    except OSError as error:
        reason = error.strerror or str(error)
    except msgspec.DecodeError as error:
        reason = str(error)
    message = f"the settings of notifications in {path} cannot be used: {reason}"
    raise AgentError("invalid-setting", message, "see docs/runtime/people.md") from None


def _problem(settings: NotifySettings) -> str | None:
    """Return what is wrong with an address."""
    if settings.webhook is not None:
        try:
            url = httpx.URL(settings.webhook.url)
        except httpx.InvalidURL as error:
            return f"the `url` of `webhook` is no address: {error}"
        if url.scheme not in ("http", "https") or not url.host:
            return "the `url` of `webhook` is no address with http:// or https://"
    if settings.mail is not None and "@" not in parseaddr(settings.mail.sender)[1]:
        return "`from` of `mail` is no e-mail address"
    return None
