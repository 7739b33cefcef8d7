"""What a user meets when the store cannot be used, and what to do about it."""

import asyncio
import re
import ssl

from kumeo_runtime.transport.api import TransportError

_DENIED = re.compile(r"permissions violation for (\w+)(?: to)? \"([^\"]*)\"")
_FATAL = frozenset({"wrong-credentials", "tls-mismatch"})


def connect_error(error: BaseException | None, url: str) -> TransportError:
    """Return why a connection could not be made."""
    text = str(error) or type(error).__name__
    if isinstance(error, ssl.SSLError):
        return TransportError(
            "tls-mismatch",
            f"no TLS connection to {url}: {text}",
            "give the certificate authority of the server (tls_ca), or a name that it certifies",
        )
    if "authorization violation" in text.lower() or "authentication" in text.lower():
        return TransportError(
            "wrong-credentials",
            f"the server at {url} refuses the credentials",
            "check user and password, token or credentials file",
        )
    if isinstance(error, asyncio.TimeoutError):
        text = "no answer in time"
    return TransportError(
        "not-reachable",
        f"no NATS server answers at {url}: {text}",
        "start nats-server with JetStream, or correct the URL",
    )


def is_fatal(error: TransportError) -> bool:
    """Return whether trying again cannot help."""
    return error.code in _FATAL


def denied_subject(error: BaseException) -> tuple[str, str] | None:
    """Return verb and subject (lower case) of a permission violation."""
    found = _DENIED.search(str(error).lower())
    return (found[1], found[2]) if found else None


def permission_error(verb: str, subject: str) -> TransportError:
    """Return the error for a subject that this user may not use."""
    return TransportError(
        "permission-denied",
        f"the server forbids {verb} {subject}",
        "give the user of this service the permissions that the manifest of the build lists",
    )


def api_error(what: str, err_code: int, text: str) -> TransportError:
    """Return the error for a refused administration request."""
    if err_code in (10076, 10039):
        return jetstream_off()
    code, fix = _API.get(err_code, ("refused", "read the message of the server"))
    return TransportError(code, f"{what}: {text}", fix)


def jetstream_off() -> TransportError:
    """Return the error for a server without JetStream."""
    return TransportError(
        "jetstream-off",
        "the server has no JetStream for this account",
        "start it with `nats-server -js`, or enable JetStream for the account",
    )


_SPACE = ("no-space", "free space, or lower the sizes of the streams")
_API = {
    10059: ("no-stream", "create the stream first"),
    10065: ("subject-taken", "read from the stream that has the subject, or use other subjects"),
    10058: ("stream-conflict", "use another namespace, or remove the stream when nobody needs it"),
    10052: ("invalid-stream", "change the settings of the stream"),
    10047: _SPACE,
    10023: _SPACE,
    10028: _SPACE,
    10002: _SPACE,
    10074: ("too-few-servers", "lower `replicas`, or add servers to the cluster"),
    10005: ("too-few-servers", "lower `replicas`, or add servers to the cluster"),
}
