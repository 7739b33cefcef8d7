"""Ways to tell a notice. Each says whether it arrived, may arrive later, or never will."""

import asyncio
import hashlib
import hmac
import smtplib
import ssl
from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime

import httpx
import msgspec

from kumeo_runtime.agents.resources import AgentError
from kumeo_runtime.engine.shared import EngineError
from kumeo_runtime.tasks.notify.notice import Addresses, Notice
from kumeo_runtime.tasks.notify.settings import Mail, Webhook

WAITING_MAX = 1000
"""Notices of which a channel knows who has got them; a notice of an older one comes twice."""


class LaterError(Exception):
    """The notice may arrive when it is sent again."""


class NeverError(Exception):
    """The notice will not arrive, whatever happens."""


class Channel(ABC):
    """One way to tell."""

    name: str

    @abstractmethod
    async def tell(self, notice: Notice) -> None:
        """Send a notice. Raises: LaterError, NeverError."""

    @abstractmethod
    async def close(self) -> None:
        """End what is open."""


class WebhookChannel(Channel):
    """A POST with JSON, signed: `Kumeo-Signature: sha256=HEX` of the time, a point and the body."""

    name = "webhook"

    def __init__(self, settings: Webhook, environ: Mapping[str, str]) -> None:
        """Raises: AgentError when the secret is not set."""
        self._url = settings.url
        self._secret = _secret(settings.secret, environ)
        self._client = httpx.AsyncClient(timeout=settings.timeout_s)

    async def tell(self, notice: Notice) -> None:
        """Send a notice. Raises: LaterError, NeverError."""
        body = msgspec.json.encode(notice.data())
        headers = {"Content-Type": "application/json", "Idempotency-Key": notice.key}
        if self._secret is not None:
            headers |= signature(self._secret, body, datetime.now(UTC))
        try:
            answer = await self._client.post(self._url, content=body, headers=headers)
        except (httpx.HTTPError, OSError) as error:
            raise LaterError(type(error).__name__) from None
        if answer.status_code in (408, 425, 429) or answer.status_code >= 500:
            raise LaterError(str(answer.status_code))
        if not answer.is_success:
            raise NeverError(str(answer.status_code))

    async def close(self) -> None:
        """Close connections."""
        await self._client.aclose()


def signature(secret: str, body: bytes, now: datetime) -> dict[str, str]:
    """Return the headers by which a receiver knows who sends, and that it is not an old copy."""
    moment = str(int(now.timestamp()))
    digest = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    return {"Kumeo-Timestamp": moment, "Kumeo-Signature": f"sha256={digest}"}


class MailChannel(Channel):
    """An e-mail to each person. People without an address get none."""

    name = "mail"

    def __init__(self, settings: Mail, addresses: Addresses, environ: Mapping[str, str]) -> None:
        """Raises: AgentError when the password is not set."""
        self._settings = settings
        self._addresses = addresses
        self._password = _secret(settings.password, environ)
        self._got: dict[str, set[str]] = {}
        """Who got a notice already that has to be sent again to others."""

    async def tell(self, notice: Notice) -> None:
        """Send a notice to whoever has not got it. Raises: LaterError, NeverError."""
        try:
            receivers = set(self._addresses(notice.who))
        except EngineError as error:
            raise LaterError(error.message) from None
        got = self._got.pop(notice.key, set[str]())
        left = sorted(receivers - got)
        if not left:
            return
        try:
            await asyncio.to_thread(self._send, notice, left, got)
        except LaterError:
            self._remember(notice.key, got)
            raise

    def _remember(self, key: str, got: set[str]) -> None:
        self._got[key] = got
        if len(self._got) > WAITING_MAX:
            del self._got[next(iter(self._got))]

    async def close(self) -> None:
        """Do nothing: each notice has a connection of its own."""

    def _send(self, notice: Notice, receivers: list[str], got: set[str]) -> None:
        """Send to each: one who cannot be reached keeps nothing from the others."""
        failed: list[LaterError | NeverError] = []
        try:
            with self._server() as server:
                for receiver in receivers:
                    problem = self._sent(server, notice, receiver)
                    if not isinstance(problem, LaterError):
                        got.add(receiver)
                    if problem is not None:
                        failed.append(problem)
        except smtplib.SMTPResponseException as error:
            raise _refused(error.smtp_code) from None
        except (OSError, smtplib.SMTPException) as error:
            raise LaterError(type(error).__name__) from None
        later = [each for each in failed if isinstance(each, LaterError)]
        if failed:
            raise (later or failed)[0]

    def _sent(
        self, server: smtplib.SMTP, notice: Notice, receiver: str
    ) -> LaterError | NeverError | None:
        """Send to one; return why it did not arrive. Raises: OSError, SMTPException."""
        try:
            server.send_message(self._message(notice, receiver))
        except smtplib.SMTPServerDisconnected:
            raise
        except smtplib.SMTPRecipientsRefused as error:
            return _refused(min(code for code, _ in error.recipients.values()), least=500)
        except smtplib.SMTPResponseException as error:
            return _refused(error.smtp_code)
        except (smtplib.SMTPNotSupportedError, ValueError, IndexError) as error:
            return NeverError(f"an address cannot be used: {type(error).__name__}")
        return None

    def _server(self) -> smtplib.SMTP:
        given, context = self._settings, ssl.create_default_context()
        if given.security == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                given.host, given.port, timeout=given.timeout_s, context=context
            )
        else:
            server = smtplib.SMTP(given.host, given.port, timeout=given.timeout_s)
        if given.security == "starttls":
            server.starttls(context=context)
        if given.user is not None and self._password is not None:
            server.login(given.user, self._password)
        return server

    def _message(self, notice: Notice, receiver: str) -> EmailMessage:
        message = EmailMessage()
        message["From"] = self._settings.sender
        message["To"] = receiver
        message["Subject"] = f"[{notice.workflow}] {notice.text()}"
        message["Date"] = format_datetime(datetime.now(UTC))
        message["Message-ID"] = f"<{notice.key}@{self._settings.sender.rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(notice.body())
        return message


def _refused(code: int, least: int = 550) -> LaterError | NeverError:
    return (NeverError if code >= least else LaterError)(str(code))


def _secret(name: str | None, environ: Mapping[str, str]) -> str | None:
    if name is None:
        return None
    found = environ.get(name)
    if found is None:
        message = f"the secret `{name}` is not set"
        raise AgentError("secret-missing", message, f"set the variable {name}")
    return found
