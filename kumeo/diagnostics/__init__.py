"""Codes, places and rendering of messages to the user. Imports nothing else of Kumeo."""

from kumeo.diagnostics.diagnostic import Diagnostic, Related, Severity, has_errors, in_order
from kumeo.diagnostics.nearest import nearest
from kumeo.diagnostics.render import diagnostic_to_json, render_json, render_one, render_text
from kumeo.diagnostics.spans import Place, Point, Source, Span

__all__ = [
    "Diagnostic",
    "Place",
    "Point",
    "Related",
    "Severity",
    "Source",
    "Span",
    "diagnostic_to_json",
    "has_errors",
    "in_order",
    "nearest",
    "render_json",
    "render_one",
    "render_text",
]
