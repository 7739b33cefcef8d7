"""What a diagnostic is: a frozen dataclass with a code, a place, a cause and a fix.

Each code is one subclass, written beside the check that reports it. The class docstring is the
page that `kumeo explain CODE` prints and `docs/diagnostics/CODE.md` is generated from:

    @dataclass(frozen=True)
    class UnknownName(Diagnostic):
        \"\"\"A name that nothing in scope defines. ...\"\"\"

        code = "unknown-name"
        title = "nothing named `{name}` is in scope"
        label = "not found in this scope"

        name: str
        nearest: str | None = None

        def help(self) -> str | None:
            return f"write `{self.nearest}`" if self.nearest else None
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from enum import Enum
from typing import Any, ClassVar, NamedTuple

from kumeo.diagnostics.spans import Place

_LONGEST = 160


class Severity(Enum):
    """How bad a diagnostic is: only an error stops the compiler."""

    ERROR = "error"
    WARNING = "warning"
    REMARK = "remark"


class Related(NamedTuple):
    """A second place that explains a diagnostic; it is underlined with dashes."""

    place: Place
    text: str


@dataclass(frozen=True)
class Diagnostic:
    """One message to the user. `title` and `label` are format strings over the fields."""

    code: ClassVar[str] = ""
    severity: ClassVar[Severity] = Severity.ERROR
    title: ClassVar[str] = ""
    label: ClassVar[str] = ""

    place: Place | None
    related: tuple[Related, ...] = field(default=(), kw_only=True)
    notes: tuple[str, ...] = field(default=(), kw_only=True)

    def help(self) -> str | None:
        """Return an edit that mends the fault, or None."""
        return None

    @property
    def headline(self) -> str:
        """What is wrong, in one line: lower case, no full stop, no blame."""
        return self.title.format_map(self._values())

    @property
    def caret(self) -> str:
        """The short text beside the carets."""
        return self.label.format_map(self._values())

    def _values(self) -> dict[str, Any]:
        return {f.name: _shortened(getattr(self, f.name)) for f in fields(self)}


def _shortened(value: Any) -> Any:
    """Return a text that fits in a message; the place shows the rest."""
    if isinstance(value, str) and len(value) > _LONGEST:
        return value[:_LONGEST] + "…"
    return value


def has_errors(diagnostics: Iterable[Diagnostic]) -> bool:
    """Return whether any of the diagnostics is an error."""
    return any(d.severity is Severity.ERROR for d in diagnostics)


def in_order(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Return the diagnostics sorted by file and position, without exact repeats."""
    unique = list(dict.fromkeys(diagnostics))
    return sorted(unique, key=_position)


def _position(diagnostic: Diagnostic) -> tuple[str, int, int, str]:
    place = diagnostic.place
    if place is None:
        return ("", 0, 0, diagnostic.code)
    return (place.path, place.line, place.column, diagnostic.code)
