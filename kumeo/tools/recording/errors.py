"""Diagnostics of `kumeo test --record`."""

from dataclasses import dataclass

from kumeo.diagnostics import Diagnostic


@dataclass(frozen=True)
class RecordingFailed(Diagnostic):
    """An agent gave no answer in the live run of a test, so there is nothing to record.

    The run asks the real agents. A model server that is not there, a secret that is not set, or an
    answer that does not fit ends it, and the file stays as it is.

    Example::

        kumeo test flow.kumeo --record      while no model server runs

    Fix::

        KUMEO_OLLAMA_URL=http://127.0.0.1:11434 kumeo test flow.kumeo --record
    """

    code = "recording-failed"
    title = "`{agent}` gives no answer in the live run of this test: {reason}"

    agent: str
    reason: str
    fix: str

    def help(self) -> str | None:
        """Return what to do."""
        return self.fix
