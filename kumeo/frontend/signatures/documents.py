"""JSON and YAML documents as trees in which each value knows its place.

The standard readers forget places and keep the last of two equal keys. JSON has a small reader
here; YAML is composed, never constructed, by PyYAML, so tags run nothing, and `yes` stays a text.
"""

import json
import re
from dataclasses import dataclass
from typing import Any, cast

from kumeo.diagnostics import Source
from kumeo.frontend.signatures.report import FileReport

MAX_DEPTH = 100

Scalar = str | int | float | bool | None


@dataclass(frozen=True)
class Node:
    """A value of a document and its characters.

    `value` is a scalar, a list of nodes, or a dictionary of nodes. `text` is a scalar as written,
    without quotes; `quoted` tells whether it had some.
    """

    value: "Scalar | list[Node] | dict[str, Node]"
    start: int
    end: int
    text: str = ""
    quoted: bool = False

    @property
    def object(self) -> "dict[str, Node] | None":
        """The entries of an object, None for any other value."""
        return self.value if isinstance(self.value, dict) else None

    @property
    def items(self) -> "list[Node] | None":
        """The items of a list, None for any other value."""
        return self.value if isinstance(self.value, list) else None


_SPACE = re.compile(r"[ \t\r\n]*")
_STRING = re.compile(r'"(?:[^"\\\x00-\x1f]|\\.)*"')
_PLAIN = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null")


def read_json(source: Source, report: FileReport) -> Node:
    """Return the JSON document of a source; the first syntax fault ends the reading."""
    return _JsonReader(source.text, report).document()


@dataclass
class _JsonReader:
    text: str
    report: FileReport
    at: int = 0

    def document(self) -> Node:
        node = self.value(0)
        self.skip()
        if self.at < len(self.text):
            raise self.fail("text follows the end of the document")
        return node

    def skip(self) -> None:
        match = _SPACE.match(self.text, self.at)
        self.at = match.end() if match else self.at

    def value(self, depth: int) -> Node:
        self.skip()
        if depth > MAX_DEPTH:
            raise self.fail("it is nested too deep")
        opening = self.text[self.at : self.at + 1]
        if opening == "{":
            return self.entries(depth)
        if opening == "[":
            return self.elements(depth)
        return self.string() if opening == '"' else self.plain()

    def plain(self) -> Node:
        match = _PLAIN.match(self.text, self.at)
        if match is None:
            raise self.fail("a value is expected here")
        start, self.at = match.span()
        try:
            value = json.loads(match[0])
        except ValueError:  # Python limits the digits of an integer.
            raise self.fail("a number is too long") from None
        return Node(value, start, self.at, match[0])

    def string(self) -> Node:
        match = _STRING.match(self.text, self.at)
        if match is None:
            raise self.fail("a string in double quotes is expected here")
        try:
            value = cast("str", json.loads(match[0]))
            value.encode()  # Half of a surrogate pair is no text.
        except ValueError:
            raise self.fail("a string holds an unknown escape") from None
        start, self.at = match.span()
        return Node(value, start, self.at, value, quoted=True)

    def entries(self, depth: int) -> Node:
        start, found = self.at, dict[str, Node]()
        self.at += 1
        while not self.closes("}", first=not found):
            self.skip()
            key = self.string()
            if key.text in found:
                raise self.report.fatal(f"key `{key.text[:60]}` is used twice", key.start, key.end)
            self.skip()
            if self.text[self.at : self.at + 1] != ":":
                raise self.fail("`:` is expected here")
            self.at += 1
            found[key.text] = self.value(depth + 1)
        return Node(found, start, self.at)

    def elements(self, depth: int) -> Node:
        start, found = self.at, list[Node]()
        self.at += 1
        while not self.closes("]", first=not found):
            found.append(self.value(depth + 1))
        return Node(found, start, self.at)

    def closes(self, bracket: str, first: bool) -> bool:
        """Step over the closing bracket, or over the comma before the next member."""
        self.skip()
        char = self.text[self.at : self.at + 1]
        if char == bracket or (char == "," and not first):
            self.at += 1
            return char == bracket
        if not first:
            raise self.fail(f"`,` or `{bracket}` is expected here")
        return False

    def fail(self, reason: str) -> Exception:
        return self.report.fatal(f"it is not JSON: {reason}", self.at)


def read_yaml(source: Source, report: FileReport) -> Node:
    """Return the YAML document of a source; the first syntax fault ends the reading."""
    import yaml

    try:
        root = cast("Any", yaml.SafeLoader(source.text).get_single_node())
    except yaml.MarkedYAMLError as error:
        start = error.problem_mark.index if error.problem_mark else 0
        fix = 'put a cell such as `"> 10"` in quotes' if ">" in source.text else None
        reason = f"it is not YAML: {error.problem or 'unknown syntax'}"
        raise report.fatal(reason, start, fix=fix) from None
    except (yaml.YAMLError, ValueError) as error:
        raise report.fatal(f"it is not YAML: {str(error).splitlines()[0]}") from None
    except RecursionError:
        raise report.fatal("it is nested too deep") from None
    if root is None:
        raise report.fatal("it is empty")
    return _YamlConverter(report, set()).node(root, 0)


@dataclass
class _YamlConverter:
    """Copies PyYAML's nodes. An alias would be a node met twice, and could explode: refused."""

    report: FileReport
    seen: set[int]

    def node(self, given: Any, depth: int) -> Node:
        start, end = given.start_mark.index, given.end_mark.index
        if id(given) in self.seen:
            raise self.report.fatal("it uses an alias (`*name`)", start, end)
        if depth > MAX_DEPTH:
            raise self.report.fatal("it is nested too deep", start, end)
        self.seen.add(id(given))
        if given.id == "scalar":
            quoted = given.style is not None
            return Node(_scalar(given.value, quoted), start, end, given.value, quoted)
        if given.id == "sequence":
            return Node([self.node(item, depth + 1) for item in given.value], start, end)
        return Node(self.entries(given.value, depth), start, end)

    def entries(self, pairs: list[Any], depth: int) -> dict[str, Node]:
        found: dict[str, Node] = {}
        for key, value in pairs:
            name = self.node(key, depth + 1)
            if not name.text:
                raise self.report.fatal("a key is no text", name.start, name.end)
            if name.text in found:
                reason = f"key `{name.text[:60]}` is used twice"
                raise self.report.fatal(reason, name.start, name.end)
            found[name.text] = self.node(value, depth + 1)
        return found


def _scalar(text: str, quoted: bool) -> Scalar:
    if quoted:
        return text
    if text in ("", "~", "null"):
        return None
    match = _PLAIN.fullmatch(text)
    return json.loads(text) if match and len(text) < 300 else text
