"""A package plan as files: path -> text. Nothing is written to disk here."""

import json
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any

from kumeo.backends.python.accounts import accounts_text
from kumeo.backends.python.plan import PackagePlan, PythonFile

_TEMPLATES = {
    "pyproject.toml": "pyproject.toml.j2",
    "README.md": "README.md.j2",
}
_PACKAGE_TEMPLATES = {
    "__init__.py": "init.py.j2",
    "__main__.py": "main.py.j2",
}


def render(plan: PackagePlan) -> dict[str, str]:
    """Return the text files of a package."""
    result = {path: _rendered(name, plan) for path, name in _TEMPLATES.items()}
    for path, name in _PACKAGE_TEMPLATES.items():
        result[f"{plan.package}/{path}"] = _rendered(name, plan)
    doc = '"""The services of the workflow, one module each."""\n'
    result[f"{plan.package}/services/__init__.py"] = header(plan) + doc
    result[f"{plan.package}/py.typed"] = ""
    for file in plan.files:
        result[file.path] = module_text(file, plan)
    result["manifest.json"] = json.dumps(plan.manifest, indent=2, ensure_ascii=False) + "\n"
    result["nats-permissions.conf"] = header(plan) + accounts_text(plan)
    return dict(sorted(result.items()))


def header(plan: PackagePlan) -> str:
    """Return the line that each file begins with."""
    return f"# generated from {plan.origin.file} by kumeo {plan.origin.version}; do not edit\n"


def module_text(file: PythonFile, plan: PackagePlan) -> str:
    """Return the text of a module."""
    body = "\n".join(file.lines)
    return (
        f'{header(plan)}"""{file.doc}"""\n\n{body}\n'
        if body
        else (f'{header(plan)}"""{file.doc}"""\n')
    )


def _rendered(name: str, plan: PackagePlan) -> str:
    return _environment().get_template(name).render(plan=plan, header=header(plan).rstrip())


@lru_cache(maxsize=1)
def _environment() -> Any:
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    folder = files("kumeo.backends.python").joinpath("templates")
    environment = Environment(
        loader=FunctionLoader(lambda name: folder.joinpath(name).read_text("utf-8")),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
    )
    environment.filters["py"] = quoted_text
    return environment


def quoted_text(value: str) -> str:
    """Return a text as a literal of Python, JSON and TOML alike."""
    return json.dumps(value, ensure_ascii=False)


Files = Mapping[str, str]
