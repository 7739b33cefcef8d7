"""Writes answers into the `mock` section of a test, and leaves the rest of the file as it is."""

import re
from collections.abc import Iterator, Mapping, Sequence
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
    end_of_line = "\r\n" if "\r\n" in source.text else "\n"
    edited = source.text
    for start, end, text in reversed(list(_edits(test, answers))):
        edited = edited[:start] + text.replace("\n", end_of_line) + edited[end:]
    is_canonical = print_file(result) == source.text
    again = parse(Source(source.path, edited))
    assert not has_errors(again.diagnostics), "an edit keeps a file readable"
    return print_file(again) if is_canonical else edited


def _edits(test: tree.Test, answers: Mapping[str, Sequence[Any]]) -> Iterator[tuple[int, int, str]]:
    """Yield which characters are replaced, and by what, in order.

    An answer that is there is replaced in its place, so comments between answers stay.
    """
    sections = {section.key.text: section for section in test.body.sections}
    mock = sections.get("mock")
    if mock is None:
        given = sections["given"].span
        pad = " " * (given.column - 1)
        yield given.end, given.end, f"\n{pad}mock: {_object(answers, pad)}"
        return
    pad = " " * (mock.span.column - 1)
    pairs = mock.value.pairs if isinstance(mock.value, tree.Object) else ()
    if not pairs:
        yield mock.value.span.start, mock.value.span.end, _object(answers, pad)
        return
    for pair in pairs:
        if pair.key.text in answers:
            yield pair.value.span.start, pair.value.span.end, _answers(answers[pair.key.text])
    known = {pair.key.text for pair in pairs}
    added = _lines({n: a for n, a in answers.items() if n not in known}, pad)
    end = pairs[-1].value.span.end
    if added:
        yield end, end, "".join(f",\n{line}" for line in added)


def _object(answers: Mapping[str, Sequence[Any]], pad: str) -> str:
    return "{\n" + ",\n".join(_lines(answers, pad)) + f"\n{pad}}}"


def _lines(answers: Mapping[str, Sequence[Any]], pad: str) -> list[str]:
    return [f"{pad}  {_key(name)}: {_answers(given)}" for name, given in answers.items()]


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
