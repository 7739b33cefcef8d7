"""Diagnostics of `kumeo fake-models`."""

from dataclasses import dataclass

from kumeo.diagnostics import Diagnostic


@dataclass(frozen=True)
class InvalidAnswers(Diagnostic):
    """The file of answers for `kumeo fake-models` has another form than the command reads.

    Example::

        { "rules": [{ "model": "llama3", "answer": "Hello." }] }

    Fix::

        { "rules": [{ "model": "llama3", "answers": ["Hello."] }] }
    """

    code = "invalid-answers"
    title = "the answers cannot be used: {reason}"

    reason: str
    fix: str | None = None

    def help(self) -> str | None:
        """Return what to write, or where the form is told."""
        return self.fix or "`kumeo fake-models --help` shows the form"
