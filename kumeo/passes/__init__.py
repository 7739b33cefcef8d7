"""Passes, pipelines of them and the manager that runs pipelines."""

from kumeo.passes.base import KumeoPass, OpPass, PassReport, reporting
from kumeo.passes.locations import KeepLocations, fuse, place_of
from kumeo.passes.manager import Manager, Outcome
from kumeo.passes.pipelines import PIPELINES, pipeline_text
from kumeo.passes.registry import PASSES, UNIVERSE_PASSES, load_pass
from kumeo.passes.resolve import PassTable, Step, format_steps, resolve
from kumeo.passes.timing import Timer

__all__ = [
    "PASSES",
    "PIPELINES",
    "UNIVERSE_PASSES",
    "KeepLocations",
    "KumeoPass",
    "Manager",
    "OpPass",
    "Outcome",
    "PassReport",
    "PassTable",
    "Step",
    "Timer",
    "format_steps",
    "fuse",
    "load_pass",
    "pipeline_text",
    "place_of",
    "reporting",
    "resolve",
]
