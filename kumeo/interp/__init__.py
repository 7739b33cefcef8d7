"""The reference interpreter: `run` executes a module, and what it does is what the module means."""

from kumeo.interp.results import Called, Emitted, Reported, Run, Traced, emit_id, recordings_of
from kumeo.interp.run import run
from kumeo.interp.values import Failure
from kumeo.interp.world import CallKey, Event, World

__all__ = [
    "CallKey",
    "Called",
    "Emitted",
    "Event",
    "Failure",
    "Reported",
    "Run",
    "Traced",
    "World",
    "emit_id",
    "recordings_of",
    "run",
]
