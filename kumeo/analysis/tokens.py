"""Names as tokens of subjects and streams, and what the names of a workflow are made of.

    names = WorkflowNames("FraudDetection")
    names.subject("e", "run_assess")      // kumeo.{ns}.fraud_detection.e.run_assess
    names.stream("E")                     // {ns}_fraud_detection_E

`{ns}` stands for the namespace of a deployment; the runtime fills it in.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b

NAMESPACE = "{ns}"
STREAM_LETTERS = {"edges": "E", "journal": "J", "timers": "T", "targets": "O", "inputs": "I"}
_LONGEST = 64
"""A longer token is cut, and told apart by a hash."""


def token_of(text: str) -> str:
    """Return a text as one token of a subject.

    >>> token_of("run.emit:alerts")
    'run_emit_alerts'
    """
    return re.sub(r"[^A-Za-z0-9_-]", "_", text)


def tokens_of(names: Iterable[str]) -> dict[str, str]:
    """Return a token for each name, all different and none depending on the order of the names.

    Names that would share a token are told apart by a hash of the name; one that is a token keeps
    it.

    >>> tokens_of(["run.a", "run_b"])
    {'run.a': 'run_a', 'run_b': 'run_b'}
    """
    known = list(dict.fromkeys(names))
    users: dict[str, list[str]] = {}
    for name in known:
        users.setdefault(token_of(name), []).append(name)
    return {name: _token(name, users[token_of(name)]) for name in known}


def _token(name: str, sharing: list[str]) -> str:
    token = token_of(name)
    is_plain = token == name or len(sharing) == 1
    if is_plain and len(token) <= _LONGEST:
        return token
    digest = blake2b(name.encode(), digest_size=4).hexdigest()
    return f"{token[: _LONGEST - 9]}-{digest}"


def workflow_token(name: str) -> str:
    """Return the name of a workflow as a token of subjects and streams.

    >>> workflow_token("FraudDetection"), workflow_token("HTTPIntake2")
    ('fraud_detection', 'http_intake2')
    """
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name)
    return token_of(parted.lower())


@dataclass(frozen=True)
class WorkflowNames:
    """The names of one workflow."""

    workflow: str

    @property
    def token(self) -> str:
        """The workflow as a token."""
        return workflow_token(self.workflow)

    def subject(self, *parts: str) -> str:
        """Return a subject below the workflow."""
        return ".".join(["kumeo", NAMESPACE, self.token, *parts])

    def stream(self, letter: str) -> str:
        """Return a stream of the workflow."""
        return f"{NAMESPACE}_{self.token}_{letter}"

    def inbox(self, service: str) -> str:
        """Return what a service gets its answers at."""
        return f"_INBOX.{NAMESPACE}.{self.token}.{token_of(service)}.>"

    def source_durable(self, source: str) -> str:
        """Return the consumer of a source: its stream is shared with other workflows."""
        return f"kumeo_{NAMESPACE}_{self.token}_s_{token_of(source)}"

    def target_durable(self, target: str) -> str:
        """Return the consumer that brings the values of a target to a file or to HTTP."""
        return f"kumeo_{NAMESPACE}_{self.token}_t_{token_of(target)}"

    def source_stream(self, kind: str, address: str) -> str:
        """Return the stream that holds the events of a source."""
        if kind == "nats":
            return f"{NAMESPACE}_S_{token_of(address)}"
        return self.stream("I")
