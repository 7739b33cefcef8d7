"""What passes may know of a template: its text parts and its plain holes.

    "Rules: {{ rules }} Mail: {{ source.body }}"   ->   text, hole `rules`, text, hole `source.body`

Only templates that are made of text and plain holes (`{{ path }}`) have parts. Blocks, comments,
filters, expressions, control of white space and carriage returns are left to the template engine.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

_HOLE = re.compile(r"\{\{ *([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*) *\}\}")
_MARK = re.compile(r"\{[{%#]")


class Part(NamedTuple):
    """Text, or the path of a hole as it is written."""

    text: str
    path: str | None = None


def parts_of(template: str) -> list[Part] | None:
    """Return the parts of a template, or None if it is not made of text and plain holes."""
    found: list[Part] = []
    end = 0
    for hole in _HOLE.finditer(template):
        found += _text(template[end : hole.start()])
        found.append(Part(hole[0], hole[1]))
        end = hole.end()
    found += _text(template[end:])
    # In `{{{ x }}` the template engine reads the first two braces as the mark.
    is_plain = "{{{" not in template and "\r" not in template
    return found if is_plain and all(p.path or not _MARK.search(p.text) for p in found) else None


def static_prefix(template: str) -> str:
    """Return the text that each rendering of a template begins with."""
    mark = _MARK.search(template)
    if mark is None or "\r" in template:
        return "" if "\r" in template else template
    text = template[: mark.start()]
    # `{{-` takes away the white space before it.
    return text.rstrip() if template[mark.end() : mark.end() + 1] == "-" else text


def join(parts: Sequence[Part]) -> str | None:
    """Return the template made of parts, or None if it would be read in another way."""
    merged: list[Part] = []
    for part in parts:
        if merged and part.path is None and merged[-1].path is None:
            part = Part(merged.pop().text + part.text)
        merged.append(part)
    template = "".join(part.text for part in merged)
    return template if parts_of(template) == merged else None


def _text(text: str) -> list[Part]:
    return [Part(text)] if text else []
