"""Prompts and answers in the log, only when KUMEO_LOG_PROMPTS says so, without secrets."""

import logging
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

log = logging.getLogger("kumeo.llm")
VARIABLE = "KUMEO_LOG_PROMPTS"
TEXT_MAX = 2000
"""How much of a text is logged, in characters."""
SHORTEST_SECRET = 4
_SECRET_NAMES = re.compile(r"(KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIALS?)$", re.IGNORECASE)
_SECRET_TEXTS = re.compile(
    r"\b(sk|pk|ghp|xox[abp])[-_][\w-]{8,}|\bBearer\s+\S+|://[^/\s:@]+:[^/\s@]+@"
)


class Transcript:
    """Logs what is said, if the user has asked for it."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.is_on = environ.get(VARIABLE, "").lower() in ("1", "true", "yes")
        named = (value for name, value in environ.items() if _SECRET_NAMES.search(name))
        secrets = (value for value in named if len(value) >= SHORTEST_SECRET)
        self._secrets = sorted(secrets, key=len, reverse=True) if self.is_on else []

    def note(
        self, agent: str, engine: str, messages: Sequence[Mapping[str, Any]], said: str
    ) -> None:
        """Log the last message of a question, and the answer."""
        if not self.is_on:
            return
        asked = redacted(str(messages[-1].get("content") or ""), self._secrets)
        answer = redacted(said, self._secrets)
        log.info("agent %s asks %s: %r; answer: %r", agent, engine, asked, answer)


def redacted(text: str, secrets: Iterable[str] = ()) -> str:
    """Return a text without secrets and what looks like one, not longer than `TEXT_MAX`."""
    for secret in secrets:
        text = text.replace(secret, "***")
    return _SECRET_TEXTS.sub("***", text)[:TEXT_MAX]
