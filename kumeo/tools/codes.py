"""Every diagnostic code, found in the modules that define diagnostics."""

import inspect
from importlib import import_module

from kumeo.diagnostics import Diagnostic

ERROR_MODULES = (
    "kumeo.frontend.errors.syntax",
    "kumeo.frontend.errors.names",
    "kumeo.frontend.errors.types",
    "kumeo.frontend.errors.branches",
    "kumeo.frontend.errors.flow",
    "kumeo.frontend.errors.outside",
    "kumeo.frontend.errors.own_code",
    "kumeo.frontend.errors.files",
    "kumeo.frontend.errors.prompts",
    "kumeo.frontend.errors.sections",
    "kumeo.analysis.errors",
    "kumeo.analysis.domain_errors",
    "kumeo.analysis.risk_errors",
    "kumeo.passes.errors",
    "kumeo.backends.python.errors",
    "kumeo.backends.onnx.errors",
    "kumeo.tools.errors",
    "kumeo.tools.run_errors",
    "kumeo.tools.store_errors",
    "kumeo.tools.engine_errors",
    "kumeo.tools.tasks.errors",
    "kumeo.tools.model_errors",
    "kumeo.tools.recording.errors",
    "kumeo.interp.errors",
)
"""The last one loads the IR, so it is looked at last."""


def all_codes() -> dict[str, type[Diagnostic]]:
    """Return the class of each code, sorted by code."""
    return {cls.code: cls for cls in sorted(all_diagnostics(), key=lambda cls: cls.code)}


def find_code(code: str) -> type[Diagnostic] | None:
    """Return the class of a code, or None; modules behind the right one are not loaded."""
    found = (cls for name in ERROR_MODULES for cls in _diagnostics(name) if cls.code == code)
    return next(found, None)


def all_diagnostics() -> list[type[Diagnostic]]:
    """Return every class of diagnostics that users can see; a test keeps their codes apart."""
    return [cls for name in ERROR_MODULES for cls in _diagnostics(name)]


def _diagnostics(module_name: str) -> list[type[Diagnostic]]:
    members = vars(import_module(module_name)).values()
    classes = [m for m in members if inspect.isclass(m) and issubclass(m, Diagnostic)]
    return [cls for cls in classes if cls.code and cls.__module__ == module_name]
