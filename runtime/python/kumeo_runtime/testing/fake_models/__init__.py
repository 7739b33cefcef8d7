"""A server that stands for OpenAI and for Ollama, in tests and offline."""

from kumeo_runtime.testing.fake_models.playing import AGENT, REQUESTS, Heard
from kumeo_runtime.testing.fake_models.script import (
    Call,
    Counts,
    Fault,
    Reply,
    Rule,
    Script,
    ScriptError,
    read_script,
    saying,
)
from kumeo_runtime.testing.fake_models.server import FakeModels

__all__ = [
    "AGENT",
    "REQUESTS",
    "Call",
    "Counts",
    "FakeModels",
    "Fault",
    "Heard",
    "Reply",
    "Rule",
    "Script",
    "ScriptError",
    "read_script",
    "saying",
]
