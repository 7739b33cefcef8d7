"""Helpers of the test suite: command lines that run inside this process, and a lit format."""

from kumeo.testing.commands import Command, Outcome, Program, run_pipeline
from kumeo.testing.programs import PROGRAMS

__all__ = ["PROGRAMS", "Command", "Outcome", "Program", "run_pipeline"]
