"""Diagnostics of the checks, imported when there is something to report.

Making their classes takes longer than checking a small file that has no fault.
"""

from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kumeo.analysis import domain_errors, risk_errors

    __all__ = ["domain_errors", "risk_errors"]


def __getattr__(name: str) -> ModuleType:
    """Import a module of diagnostics at its first use: `late.domain_errors.DeadRule`."""
    if name not in ("domain_errors", "risk_errors"):
        raise AttributeError(name)
    from importlib import import_module

    return import_module(f"kumeo.analysis.{name}")
