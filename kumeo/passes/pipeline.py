"""The text of a pass pipeline, read into a small tree and printed again.

    pipeline := [ item { "," item } ]
    item     := NAME [ "{" { option } "}" ]            a pass
              | NAME "(" pipeline ")"                  passes that run inside each op NAME
    option   := NAME [ "=" value { "," value } ]
    value    := NUMBER | "true" | "false" | NAME | STRING

White space, also line breaks, may stand between any two tokens. Nothing is known here about which
passes exist: `kumeo.passes.resolve` does that.
"""

import json
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from kumeo.diagnostics import Diagnostic, Source, Span
from kumeo.passes.errors import InvalidPipeline

Scalar = bool | int | float | str

_TOKEN = re.compile(
    r"""(?P<space>\s+)
      | (?P<number>[-+]?\d+(\.\d*)?([eE][-+]?\d+)?(?![\w.-]))
      | (?P<name>[A-Za-z0-9_][\w.-]*)
      | (?P<string>"([^"\\\n]|\\.)*")
      | (?P<mark>[{}(),=])
      | (?P<wrong>"[^\n]*|.)""",
    re.VERBOSE,
)
_MAX_DEPTH = 50
_MAX_DIGITS = 100


class Token(NamedTuple):
    """One piece of the text; the kind of a mark is the mark itself, the last one is `end`."""

    kind: str
    span: Span

    @property
    def text(self) -> str:
        """The characters of the token."""
        return self.span.text


class Value(NamedTuple):
    """A value of an option. `raw` is what a text option gets: `a{x=1}` may mean `"1"`."""

    value: Scalar
    raw: str
    span: Span


class Option(NamedTuple):
    """An option of a pass; no values when only its name is given."""

    name: str
    values: tuple[Value, ...]
    span: Span


class PassItem(NamedTuple):
    """A pass by name."""

    name: str
    options: tuple[Option, ...]
    span: Span


class AnchorItem(NamedTuple):
    """Passes that run inside each op of a kind."""

    op: str
    items: "tuple[Item, ...]"
    span: Span


Item = PassItem | AnchorItem


class PipelineError(Exception):
    """The text is wrong at one place; the parser stops there."""

    def __init__(self, diagnostic: InvalidPipeline) -> None:
        super().__init__(diagnostic.headline)
        self.diagnostic = diagnostic


def parse_pipeline(source: Source) -> tuple[tuple[Item, ...], tuple[Diagnostic, ...]]:
    """Return the items of a pipeline, or none and what is wrong with the text."""
    try:
        parser = _Parser(list(_tokens(source)))
        items = parser.items("end")
    except PipelineError as error:
        return (), (error.diagnostic,)
    return items, ()


def format_options(options: Sequence[tuple[str, Sequence[Scalar]]]) -> str:
    """Return the options of a pass as pipeline text, with the braces."""
    if not options:
        return ""
    words = (_format_option(name.replace("_", "-"), values) for name, values in options)
    return "{" + " ".join(words) + "}"


class _Parser:
    """Recursive descent over a list of tokens."""

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.next = 0
        self.depth = 0

    @property
    def token(self) -> Token:
        return self.tokens[self.next]

    def items(self, closing: str) -> tuple[Item, ...]:
        found: list[Item] = []
        while self.token.kind != closing or found:
            found.append(self.item())
            if self.token.kind == closing:
                break
            at_end = self.token.kind == "end"
            self.expect(",", f"write `{closing}`" if at_end else "write a comma between two passes")
        self.next += 1
        return tuple(found)

    def item(self) -> Item:
        name = self.expect("name", "write the name of a pass here")
        if self.token.kind == "(":
            return self.group(name)
        options = self.options() if self.token.kind == "{" else ()
        return PassItem(name.text, options, name.span)

    def group(self, name: Token) -> AnchorItem:
        self.depth += 1
        if self.depth > _MAX_DEPTH:
            raise _wrong(name, "groups nest too deep", None)
        self.next += 1
        items = self.items(")")
        self.depth -= 1
        return AnchorItem(name.text, items, name.span)

    def options(self) -> tuple[Option, ...]:
        self.next += 1
        found: list[Option] = []
        while self.token.kind != "}":
            name = self.expect("name", "options look like `{name=value other=1,2}`")
            found.append(Option(name.text, self.values(), name.span))
        self.next += 1
        return tuple(found)

    def values(self) -> tuple[Value, ...]:
        if self.token.kind != "=":
            return ()
        self.next += 1
        values = [self.value()]
        while self.at(","):
            self.next += 1
            values.append(self.value())
        if self.at("="):
            raise _wrong(self.token, "options have a comma between them", "write a space instead")
        return tuple(values)

    def value(self) -> Value:
        token = self.token
        if token.kind not in ("name", "number", "string"):
            raise _wrong(token, "a value is missing", "put other text in double quotes")
        self.next += 1
        return Value(*_read_value(token), token.span)

    def at(self, kind: str) -> bool:
        return self.token.kind == kind

    def expect(self, kind: str, fix: str) -> Token:
        token = self.token
        if token.kind != kind:
            raise _wrong(token, f"unexpected {_describe(token)}", fix)
        self.next += 1
        return token


def _tokens(source: Source) -> Iterator[Token]:
    for match in _TOKEN.finditer(source.text):
        kind = match.lastgroup or ""
        span = Span(source, *match.span())
        token = Token(span.text if kind == "mark" else kind, span)
        if kind == "wrong":
            raise _wrong(token, f"unexpected {_describe(token)}", None)
        if kind != "space":
            yield token
    end = len(source.text)
    yield Token("end", Span(source, end, end))


def _read_value(token: Token) -> tuple[Scalar, str]:
    text = token.text
    if token.kind == "string":
        unquoted = _unquote(token)
        return unquoted, unquoted
    if token.kind == "number":
        return _number(token), text
    return {"true": True, "false": False}.get(text, text), text


def _number(token: Token) -> int | float:
    if any(char in token.text for char in ".eE"):
        return float(token.text)
    if len(token.text) > _MAX_DIGITS:
        raise _wrong(token, "a number has too many digits", None)
    return int(token.text)


def _unquote(token: Token) -> str:
    try:
        return str(json.loads(token.text, strict=False))
    except json.JSONDecodeError:
        raise _wrong(token, "unknown escape in text", "write `\\\\` for a backslash") from None


def _describe(token: Token) -> str:
    if token.kind == "end":
        return "end"
    if token.text.startswith('"') and token.kind == "wrong":
        return "text without a closing quote"
    return f"`{token.text}`"


def _wrong(token: Token, problem: str, fix: str | None) -> PipelineError:
    return PipelineError(InvalidPipeline(token.span, problem, fix))


def _format_option(name: str, values: Sequence[Scalar]) -> str:
    if not values:
        return name
    return f"{name}={','.join(_format_value(value) for value in values)}"


def _format_value(value: Scalar) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float():
            return repr(value)
        case str():
            bare = re.fullmatch(r"[A-Za-z_][\w-]*", value) and value not in ("true", "false")
            return value if bare else json.dumps(value)
