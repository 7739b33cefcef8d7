"""Writes answers into the `mock` section of a test, and leaves the rest of the file as it is."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, cast

from kumeo.diagnostics import Source, has_errors
from kumeo.frontend import tree
from kumeo.frontend.parser import parse
from kumeo.frontend.printer import print_file

_NAME = re.compile(r"[A-Za-z_]\w*\Z", re.ASCII)
_NO_KEYS = frozenset({"and", "or", "in", "not", "true", "false", "null"})
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def with_answers(source: Source, title: str, answers: Mapping[str, Sequence[Any]]) -> str:
    """Return the text of a file with these answers in the test of this title.

    Answers of an agent that are there are replaced. A file in canonical form stays so.
    """
    result = parse(source)
    test = next(
        item
        for item in result.tree.items
        if isinstance(item, tree.Test) and item.title.value == title
    )
    start, end, text = _edit(source.text, test, answers)
    edited = source.text[:start] + text + source.text[end:]
    is_canonical = print_file(result) == source.text
    again = parse(Source(source.path, edited))
    assert not has_errors(again.diagnostics), "an edit keeps a file readable"
    return print_file(again) if is_canonical else edited


def _edit(text: str, test: tree.Test, answers: Mapping[str, Sequence[Any]]) -> tuple[int, int, str]:
    """Return which characters are replaced, and by what."""
    sections = {section.key.text: section for section in test.body.sections}
    mock = sections.get("mock")
    if mock is None:
        given = sections["given"].span
        pad = " " * (given.column - 1)
        return given.end, given.end, f"\n{pad}mock: {_object(answers, {}, pad)}"
    pad = " " * (mock.span.column - 1)
    kept = mock.value.pairs if isinstance(mock.value, tree.Object) else ()
    old = {pair.key.text: pair.value.span.text for pair in kept if pair.key.text not in answers}
    return mock.value.span.start, mock.value.span.end, _object(answers, old, pad)


def _object(answers: Mapping[str, Sequence[Any]], old: Mapping[str, str], pad: str) -> str:
    written = {name: _answers(given) for name, given in answers.items()}
    lines = [f"{pad}  {_key(name)}: {text}" for name, text in {**old, **written}.items()]
    return "{\n" + ",\n".join(lines) + f"\n{pad}}}"


def _answers(given: Sequence[Any]) -> str:
    """Return one answer as it is, several as a list; so is one that is a list itself."""
    is_one = len(given) == 1 and not isinstance(given[0], list)
    return notation(given[0] if is_one else list(given))


def notation(data: Any) -> str:
    """Return JSON data in the notation of the language.

    >>> notation({"a": [1, None, "x\\n"], "b c": True})
    '{ a: [1, null, "x\\\\n"], "b c": true }'
    """
    match data:
        case None:
            return "null"
        case bool():
            return "true" if data else "false"
        case str():
            return '"' + "".join(_character(each) for each in data) + '"'
        case dict():
            pairs = cast(dict[str, Any], data).items()
            inner = ", ".join(f"{_key(key)}: {notation(value)}" for key, value in pairs)
            return f"{{ {inner} }}" if inner else "{}"
        case list():
            return "[" + ", ".join(notation(item) for item in cast(list[Any], data)) + "]"
        case _:
            return repr(data)


def _key(name: str) -> str:
    return name if _NAME.match(name) and name not in _NO_KEYS else notation(name)


def _character(each: str) -> str:
    if each in _ESCAPES:
        return _ESCAPES[each]
    return f"\\u{{{ord(each):x}}}" if ord(each) < 0x20 or ord(each) == 0x7F else each
