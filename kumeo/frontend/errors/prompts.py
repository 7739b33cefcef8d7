"""Diagnostics about prompts: templates that are checked when the file is compiled."""

from dataclasses import dataclass

from kumeo.diagnostics import Diagnostic, Severity


@dataclass(frozen=True)
class PromptSyntax(Diagnostic):
    """A prompt that is no template, or uses a part of Jinja2 that prompts do not have.

    A prompt has `{{ value }}`, `{% if %}`, `{% for %}`, `{% set %}`, comments and a fixed list of
    filters and tests. It has no calls, macros, includes, imports or inheritance, so it can only
    show values and nothing else.

    Example::

        LLM(id: "a", engine: "ollama/llama3", prompt: "Judge {{ source.text | uper }}")

    Fix::

        LLM(id: "a", engine: "ollama/llama3", prompt: "Judge {{ source.text | upper }}")
    """

    code = "prompt-syntax"
    title = "{problem}"
    label = "{detail}"

    problem: str
    detail: str
    fix: str | None = None

    def help(self) -> str | None:
        """Return the fix."""
        return self.fix


@dataclass(frozen=True)
class PromptName(Diagnostic):
    """A prompt reads a name that nothing in scope defines.

    Example::

        LLM(id: "a", engine: "ollama/llama3", prompt: "Judge {{ sorce }}")

    Fix::

        LLM(id: "a", engine: "ollama/llama3", prompt: "Judge {{ source }}")
    """

    code = "prompt-name"
    title = "this prompt reads `{name}`, and nothing of that name is in scope"
    label = "not found in this scope"

    name: str
    nearest: str | None = None
    fix: str | None = None

    def help(self) -> str | None:
        """Name the nearest name."""
        return self.fix or (f"write `{self.nearest}`" if self.nearest else None)


@dataclass(frozen=True)
class PromptNull(Diagnostic):
    """A prompt shows a value that may be null. A null appears as `null`.

    Example::

        LLM(id: "a", engine: "ollama/llama3", prompt: "From {{ source.country }}")

    Fix::

        LLM(id: "a", engine: "ollama/llama3", prompt: "From {{ source.country or 'unknown' }}")
    """

    code = "prompt-null"
    severity = Severity.WARNING
    title = "`{path}` may be null; the prompt then shows `null`"
    label = "this is `{kind}`"

    path: str
    kind: str

    def help(self) -> str | None:
        """Show both ways out."""
        default = f"{{{{ {self.path} or 'unknown' }}}}"
        return f"write `{default}`, or put it inside `{{% if {self.path} %}}`"
