"""Collects the faults of one outside file and gives each the right place."""

from dataclasses import dataclass, field

from kumeo.diagnostics import Diagnostic, Place, Related, Source, Span
from kumeo.frontend.errors.files import FileDiagnostic

SAFE = "save the model with `skops.io.dump`, or convert it to ONNX with skl2onnx"
"""What to do about a pickle."""

MAX_FAULTS = 20
"""A damaged file often has one cause and many effects; more than this helps nobody."""


class ReadError(Exception):
    """Ends the reading of a file after its last fault was added. Never leaves a reader."""


@dataclass
class FileReport:
    """The faults found so far in one file. Owned and filled by one reader."""

    kind: type[FileDiagnostic]
    name: str
    place: Place | None
    source: Source | None = None
    found: list[Diagnostic] = field(default_factory=list[Diagnostic])

    def add(
        self,
        reason: str,
        start: int | None = None,
        end: int | None = None,
        *,
        fix: str | None = None,
        mark: str = "",
        kind: type[FileDiagnostic] | None = None,
    ) -> None:
        """Add a fault of the characters `start` to `end`, or of the whole file without them."""
        if len(self.found) >= MAX_FAULTS:
            return
        place, related = self._locate(start, end)
        make = kind or self.kind
        fault = make(place, self.name, reason, fix, mark if related else "", related=related)
        self.found.append(fault)

    def fatal(
        self,
        reason: str,
        start: int | None = None,
        end: int | None = None,
        *,
        fix: str | None = None,
        mark: str = "",
        kind: type[FileDiagnostic] | None = None,
    ) -> ReadError:
        """Add a fault and return the error that ends the reading: `raise report.fatal(...)`."""
        self.add(reason, start, end, fix=fix, mark=mark, kind=kind)
        return ReadError()

    def decode(self, data: bytes) -> Source:
        """Return the text of the file, which must be UTF-8 and must not be empty."""
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise self.fatal("it is not UTF-8 text", fix="save the file as UTF-8") from None
        if not text.strip():
            raise self.fatal("it is empty")
        self.source = Source(self.name, text)
        return self.source

    def _locate(
        self, start: int | None, end: int | None
    ) -> tuple[Place | None, tuple[Related, ...]]:
        if self.source is None or start is None:
            return self.place, ()
        start = min(start, len(self.source.text))
        span = Span(self.source, start, max(start, end or start + 1))
        named = () if self.place is None else (Related(self.place, "the file is named here"),)
        return span, named


def name_at(place: Place | None, otherwise: str) -> str:
    """Return the string literal at `place`: the file name as the author wrote it."""
    text = place.text.strip("\"'") if isinstance(place, Span) else ""
    return text or otherwise


def reject_unfetched(data: bytes, report: FileReport) -> None:
    """Refuse an empty file, and a pointer that Git LFS left in place of the real file."""
    if not data:
        raise report.fatal("it is empty")
    if data.startswith(b"version https://git-lfs"):
        raise report.fatal("it is a Git LFS pointer, not the file itself", fix="run `git lfs pull`")


def reject_pickle(
    data: bytes, report: FileReport, kind: type[FileDiagnostic], fix: str = SAFE
) -> None:
    """Refuse data that starts like a Python pickle of protocol 2 or later."""
    if data[:1] == b"\x80" and data[1:2] in (b"\x02", b"\x03", b"\x04", b"\x05"):
        raise report.fatal("it is a Python pickle, which runs code", fix=fix, kind=kind)
