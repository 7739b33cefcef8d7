"""`--verify-diagnostics`: messages are compared with comments in the input.

    // expected-error@+1 {{operand has type}}
    %1 = data.add %a, %b : i64

    expectation := "expected-" ("error" | "warning" | "remark") [place] [count] "{{" text "}}"
    place       := "@+N" | "@-N" | "@above" | "@below" | "@N" | "@unknown"

Without a place the message is expected on the line of the comment. `@unknown` stands for a
message without a line. The text must be a part of `[code] headline`, or of the words at the
carets. Each expectation takes one message; what is left over on either side is an error.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from kumeo.diagnostics import Diagnostic, Place, Severity, Source, Span
from kumeo.tools.errors import InvalidExpectation, MissingDiagnostic, UnexpectedDiagnostic

_START = re.compile(r"expected-\w+")
_FORM = re.compile(
    r"expected-(?P<severity>error|warning|remark)"
    r"(?P<place>@[+-]?\d{1,9}|@above|@below|@unknown)?"
    r"\s*(?P<count>\d{1,4})?\s*\{\{(?P<text>.+?)\}\}"
)


@dataclass(frozen=True)
class Expectation:
    """One message that has to come; `line` is None when it has no line."""

    severity: Severity
    line: int | None
    text: str
    span: Span

    def matches(self, diagnostic: Diagnostic) -> bool:
        """Return whether `diagnostic` is the message."""
        line = diagnostic.place.line if diagnostic.place is not None else None
        if diagnostic.severity is not self.severity or line != self.line:
            return False
        return self.text in message_of(diagnostic) or self.text in diagnostic.caret


def check_expectations(source: Source, diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Return what is wrong: nothing when the messages are exactly the expected ones."""
    expected, faults = read_expectations(source)
    open_ones = list(expected)
    for diagnostic in diagnostics:
        match = next((e for e in open_ones if e.matches(diagnostic)), None)
        if match is None:
            faults.append(_unexpected(diagnostic))
        else:
            open_ones.remove(match)
    return faults + [_missing(expectation) for expectation in open_ones]


def read_expectations(source: Source) -> tuple[list[Expectation], list[Diagnostic]]:
    """Return the expectations in the comments of a file, and the ones that cannot be read."""
    found: list[Expectation] = []
    faults: list[Diagnostic] = []
    for start, stop in _comments(source.text):
        for word in _START.finditer(source.text, start, stop):
            match = _FORM.match(source.text, word.start(), stop)
            if match is None:
                faults.append(InvalidExpectation(Span(source, *word.span())))
            else:
                found += _expectations(source, match)
    return found, faults


def message_of(diagnostic: Diagnostic) -> str:
    """Return the text that an expectation is compared with."""
    return f"[{diagnostic.code}] {diagnostic.headline}"


def _comments(text: str) -> Iterator[tuple[int, int]]:
    """Yield where the rest of a line after `//` starts and stops."""
    for match in re.finditer(r"//[^\n]*", text):
        yield match.span()


def _expectations(source: Source, match: re.Match[str]) -> Sequence[Expectation]:
    span = Span(source, *match.span())
    line = _line(span.line, match["place"])
    one = Expectation(Severity(match["severity"]), line, match["text"].strip(), span)
    return [one] * int(match["count"] or 1)


def _line(own: int, place: str | None) -> int | None:
    match place:
        case None:
            return own
        case "@unknown":
            return None
        case "@above":
            return own - 1
        case "@below":
            return own + 1
        case _:
            number = int(place[1:])
            return own + number if place[1] in "+-" else number


def _unexpected(diagnostic: Diagnostic) -> Diagnostic:
    place: Place | None = diagnostic.place
    return UnexpectedDiagnostic(place, diagnostic.severity.value, message_of(diagnostic))


def _missing(expectation: Expectation) -> Diagnostic:
    line = "unknown" if expectation.line is None else str(expectation.line)
    severity = expectation.severity.value
    return MissingDiagnostic(expectation.span, severity, expectation.text, line)
