"""The page of each diagnostic code, made from the docstring of its class.

`kumeo explain CODE` prints it, and `docs/diagnostics/CODE.md` holds it as Markdown.
"""

import inspect
from collections.abc import Iterator, Mapping

from kumeo.diagnostics import Diagnostic

AREAS: Mapping[str, str] = {
    "frontend.errors.syntax": "Writing",
    "frontend.errors.names": "Names",
    "frontend.errors.types": "Types",
    "frontend.errors.branches": "Branches",
    "frontend.errors.flow": "Flow of values",
    "frontend.errors.sections": "Sections and settings",
    "frontend.errors.prompts": "Prompts",
    "frontend.errors.files": "Outside files",
    "frontend.errors.outside": "Outside files",
    "frontend.errors.own_code": "Own code",
    "analysis.domain_errors": "Values that never happen",
    "analysis.risk_errors": "Cost, time and flow of data",
    "analysis.errors": "IR",
    "passes.errors": "Passes",
    "backends.python.errors": "Packages",
    "backends.onnx.errors": "Packages",
    "interp.errors": "Running",
    "tools.recording.errors": "Tools",
    "tools.model_errors": "Tools",
    "tools.run_errors": "Builds and runs",
    "tools.store_errors": "Message store",
    "tools.engine_errors": "Services",
    "tools.tasks.errors": "Tasks",
    "tools.errors": "Tools",
}
"""Title of each module of diagnostics, in the order of the index."""


def page_text(cls: type[Diagnostic]) -> str:
    """Return the page of a code for a terminal."""
    body = inspect.getdoc(cls) or ""
    return f"{cls.severity.value}[{cls.code}]\n\n{body.replace('::', ':').strip()}\n"


def page_markdown(cls: type[Diagnostic], case: str | None) -> str:
    """Return the page of a code as Markdown; `case` is the message of a real file."""
    parts = [f"# `{cls.code}`", f"{cls.severity.value.capitalize()}.", _markdown_body(cls)]
    if case:
        parts += ["What the compiler prints:", f"```text\n{case.rstrip()}\n```"]
    note = "*Made from the code by `make golden`; do not edit.*"
    return "\n\n".join([*parts, note]) + "\n"


def index_markdown(codes: Mapping[str, type[Diagnostic]]) -> str:
    """Return the page that lists all codes by area."""
    lines = [
        "# Diagnostics",
        "",
        "Every message of Kumeo has a code in brackets. `kumeo explain CODE` prints its page.",
        "",
        "*Made from the code by `make golden`; do not edit.*",
    ]
    for title, group in by_area(codes).items():
        lines += ["", f"## {title}", ""]
        lines += [f"- [`{code}`]({code}.md): {summary(cls)}" for code, cls in group.items()]
    return "\n".join(lines) + "\n"


def by_area(codes: Mapping[str, type[Diagnostic]]) -> dict[str, dict[str, type[Diagnostic]]]:
    """Return the codes in groups by the module that defines them."""
    groups: dict[str, dict[str, type[Diagnostic]]] = {title: {} for title in AREAS.values()}
    for code, cls in codes.items():
        module = cls.__module__.removeprefix("kumeo.")
        groups.setdefault(AREAS.get(module, "Other"), {})[code] = cls
    return {title: group for title, group in groups.items() if group}


def summary(cls: type[Diagnostic]) -> str:
    """Return the first sentence of a page."""
    first = " ".join((inspect.getdoc(cls) or "").split("\n\n")[0].split())
    end = first.find(". ")
    return first if end < 0 else first[: end + 1]


def _markdown_body(cls: type[Diagnostic]) -> str:
    return "\n".join(_markdown_lines((inspect.getdoc(cls) or "").splitlines())).strip()


def _markdown_lines(lines: list[str]) -> Iterator[str]:
    """Yield Markdown: `Example::` becomes a heading, indented lines a block of code."""
    is_code = False
    for number, line in enumerate(lines):
        starts, blank = line.startswith("    "), not line.strip()
        rest = next((later for later in lines[number:] if later.strip()), "")
        if starts and not is_code:
            yield "```text"
            is_code = True
        if is_code and not starts and not (blank and rest.startswith("    ")):
            yield "```"
            is_code = False
        if line.endswith("::") and not starts:
            yield f"## {line[:-2]}"
        else:
            yield line[4:] if starts else line
    if is_code:
        yield "```"
