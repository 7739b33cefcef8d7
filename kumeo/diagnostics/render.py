"""Text and JSON forms of diagnostics, for people and for programs.

    error[unknown-stream]: agent `feature_engineer` reads a stream that nothing writes
      --> flows/fraud.kumeo:43:12
       |
    43 |     input: "validated.txx",
       |            ^^^^^^^^^^^^^^^ no source or agent writes `validated.txx`
       = help: write `validated.tx`
       = note: `kumeo explain unknown-stream`

This is the only place that lays diagnostics out.
"""

import json
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

from kumeo.diagnostics.diagnostic import Diagnostic, Severity, in_order
from kumeo.diagnostics.spans import Place, Span

_COLORS = {Severity.ERROR: "31;1", Severity.WARNING: "33;1", Severity.REMARK: "36;1"}
_MAX_LINE = 120


def render_text(diagnostics: Iterable[Diagnostic], *, color: bool = False) -> str:
    """Return all diagnostics in order of position, then one line that counts them."""
    ordered = in_order(diagnostics)
    blocks = [render_one(d, color=color) for d in ordered]
    blocks.extend(_counts(ordered))
    return "".join(block + "\n" for block in blocks)


def render_one(diagnostic: Diagnostic, *, color: bool = False) -> str:
    """Return one diagnostic with its excerpts, help and notes."""
    kind = f"{diagnostic.severity.value}[{diagnostic.code}]"
    if color:
        kind = f"\x1b[{_COLORS[diagnostic.severity]}m{kind}\x1b[0m"
    lines = [f"{kind}: {diagnostic.headline}"]
    width = max([len(str(p.line)) for p in _places(diagnostic)], default=1)
    if diagnostic.place is not None:
        lines += _excerpt("-->", diagnostic.place, "^", diagnostic.caret, width)
    for place, text in diagnostic.related:
        lines += _excerpt(":::", place, "-", text, width)
    lines += _footers(diagnostic, " " * width)
    return "\n".join(lines) + "\n"


def render_json(diagnostics: Iterable[Diagnostic]) -> str:
    """Return the diagnostics as a JSON array, one object for each."""
    return json.dumps([diagnostic_to_json(d) for d in in_order(diagnostics)], indent=2)


def diagnostic_to_json(diagnostic: Diagnostic) -> dict[str, Any]:
    """Return one diagnostic as JSON data; lines and columns start at 1."""
    return {
        "code": diagnostic.code,
        "severity": diagnostic.severity.value,
        "message": diagnostic.headline,
        "label": diagnostic.caret,
        "place": None if diagnostic.place is None else _place_to_json(diagnostic.place),
        "related": [{"place": _place_to_json(p), "text": t} for p, t in diagnostic.related],
        "help": diagnostic.help(),
        "notes": list(diagnostic.notes),
    }


def _counts(ordered: Sequence[Diagnostic]) -> list[str]:
    totals = {s: sum(d.severity is s for d in ordered) for s in Severity}
    words = [f"{n} {s.value}{'s' * (n != 1)}" for s, n in totals.items() if n]
    return [", ".join(words)] if words else []


def _places(diagnostic: Diagnostic) -> list[Place]:
    own = [] if diagnostic.place is None else [diagnostic.place]
    return [*own, *(r.place for r in diagnostic.related)]


def _footers(diagnostic: Diagnostic, margin: str) -> list[str]:
    lines: list[str] = []
    help_text = diagnostic.help()
    if help_text:
        lines.append(f"{margin} = help: {_hang(help_text, margin)}")
    lines += [f"{margin} = note: {_hang(note, margin)}" for note in diagnostic.notes]
    lines.append(f"{margin} = note: `kumeo explain {diagnostic.code}`")
    return lines


def _hang(text: str, margin: str) -> str:
    return text.replace("\n", f"\n{margin}         ")


def _excerpt(arrow: str, place: Place, mark: str, text: str, width: int) -> list[str]:
    margin = " " * width
    head = f"{margin}{arrow} {place.path}:{place.line}:{place.column}"
    if not isinstance(place, Span):
        return [head, f"{margin} = {text}"] if text and mark == "-" else [head]
    line, shift = _window(place.source.line(place.line), place.column - 1)
    start = min(place.column - 1 - shift, len(line))
    stop = min(len(line), start + max(place.end - place.start, 1))
    count = max(_columns(line[start:stop]), 1)
    marks = _blank(line[:start]) + mark * count + (f" {text}" if text else "")
    return [
        head,
        f"{margin} |",
        f"{place.line:>{width}} | {line}".rstrip(),
        f"{margin} | {marks}",
    ]


def _window(line: str, column: int) -> tuple[str, int]:
    """Return the part of a long line around a column, and how far it is shifted."""
    if len(line) <= _MAX_LINE:
        return line, 0
    first = max(0, min(column - _MAX_LINE // 3, len(line) - _MAX_LINE))
    part = line[first : first + _MAX_LINE]
    head, tail = "…" if first else "", "…" if first + _MAX_LINE < len(line) else ""
    return f"{head}{part}{tail}", first - len(head)


def _blank(text: str) -> str:
    """Return white space as wide as `text` on a terminal; tabs stay tabs."""
    return "".join("\t" if char == "\t" else " " * _columns(char) for char in text)


def _columns(text: str) -> int:
    wide = sum(unicodedata.east_asian_width(char) in "WF" for char in text)
    return len(text) + wide - sum(unicodedata.combining(char) > 0 for char in text)


def _place_to_json(place: Place) -> dict[str, Any]:
    data: dict[str, Any] = {"path": place.path, "line": place.line, "column": place.column}
    if isinstance(place, Span):
        end = place.source.position(place.end)
        data |= {"end_line": end[0], "end_column": end[1]}
    return data
