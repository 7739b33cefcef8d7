"""Every diagnostic code, found in the modules that define diagnostics."""

import inspect
from importlib import import_module

from kumeo.diagnostics import Diagnostic

ERROR_MODULES = (
    "kumeo.frontend.errors.syntax",
    "kumeo.frontend.errors.names",
    "kumeo.frontend.errors.types",
    "kumeo.frontend.errors.flow",
    "kumeo.frontend.errors.files",
    "kumeo.frontend.errors.prompts",
    "kumeo.frontend.errors.sections",
    "kumeo.analysis.errors",
    "kumeo.passes.errors",
    "kumeo.tools.errors",
)


def all_codes() -> dict[str, type[Diagnostic]]:
    """Return the class of each code, sorted by code. Raises: ValueError for a code with two."""
    found: dict[str, type[Diagnostic]] = {}
    for module_name in ERROR_MODULES:
        for cls in _diagnostics(module_name):
            other = found.setdefault(cls.code, cls)
            if other is not cls:
                raise ValueError(f"code {cls.code!r} belongs to {other} and to {cls}")
    return dict(sorted(found.items()))


def _diagnostics(module_name: str) -> list[type[Diagnostic]]:
    members = vars(import_module(module_name)).values()
    classes = [m for m in members if inspect.isclass(m) and issubclass(m, Diagnostic)]
    return [cls for cls in classes if cls.code and cls.__module__ == module_name]
