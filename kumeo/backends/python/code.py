"""Python text: expressions with their precedence, and statements laid out as `ruff format` does.

Structure is made of values, never of pasted text: an `Expr` knows how tightly it binds, which names
must hold no failure before it may be computed, and how its call is split when a line is full.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

WIDTH = 100
CHOICE, OR, AND, NOT, COMPARE, ADD, MULTIPLY, UNARY, AWAIT, ATOM = range(10)
"""How tightly an expression binds, from a conditional expression to a name or call."""


@dataclass(frozen=True)
class Call:
    """The parts of a bracketed expression, kept so that it can be split over lines."""

    head: str
    """Text up to and including the opening bracket."""
    arguments: tuple["Argument", ...]
    close: str = ")"
    explodes: bool = False
    """Whether each part gets a line of its own as soon as one line is not enough."""


@dataclass(frozen=True)
class Expr:
    """A Python expression.

    `guards` are names of locals that hold a value or a failure: the text may be computed only when
    none of them is a failure, else the first that is one is the result.
    """

    text: str
    level: int = ATOM
    call: Call | None = None
    guards: tuple[str, ...] = ()
    fails: bool = False
    """Whether the value of the text itself may be a failure."""
    is_vague: bool = False
    """Whether a type checker cannot tell the type of the items from the text."""
    is_path: bool = False
    """Whether this is a name or attributes of one: free to compute, and it can be narrowed."""
    forks: "tuple[Expr, Expr, Expr] | None" = None
    """Condition and both values of a conditional expression, to print it as a statement."""
    chain: "tuple[str, tuple[Expr, ...]] | None" = None
    """Sign and operands of an operation, to split it over lines."""

    def at(self, level: int) -> str:
        """Return the text as an operand of something that binds as tightly as `level`."""
        return self.text if self.level >= level else f"({self.text})"

    @property
    def may_fail(self) -> bool:
        """Whether the result may be a failure."""
        return self.fails or bool(self.guards)

    def guarded(self, *others: "Expr") -> "Expr":
        """Return this expression with the guards of its parts."""
        return replace(self, guards=merged(others))


@dataclass(frozen=True)
class Argument:
    """One argument of a call or one item of a display."""

    value: Expr
    prefix: str = ""

    @property
    def text(self) -> str:
        """The argument on one line."""
        return self.prefix + self.value.text


def merged(parts: Iterable[Expr]) -> tuple[str, ...]:
    """Return the guards of several expressions in the order in which they are read."""
    return tuple(dict.fromkeys(guard for part in parts for guard in part.guards))


def name(text: str, *, is_failing: bool = False) -> Expr:
    """Return a name, or attributes of a name."""
    return Expr(text, guards=(text,) if is_failing else (), is_path=True)


def call(
    function: str,
    arguments: Sequence[Expr] = (),
    named: Sequence[tuple[str, Expr]] = (),
    *,
    fails: bool = False,
) -> Expr:
    """Return a call with positional and named arguments."""
    parts = (
        *(Argument(each) for each in arguments),
        *(Argument(each, f"{key}=") for key, each in named),
    )
    return _bracketed(Call(f"{function}(", parts), fails=fails)


def listing(items: Sequence[Expr]) -> Expr:
    """Return a list display."""
    parts = tuple(Argument(each) for each in items)
    return replace(_bracketed(Call("[", parts, "]", explodes=True)), is_vague=True)


def mapping(entries: Sequence[tuple[str, Expr]]) -> Expr:
    """Return a dict display with text keys."""
    parts = tuple(Argument(each, f"{quoted(key)}: ") for key, each in entries)
    return replace(_bracketed(Call("{", parts, "}", explodes=True)), is_vague=True)


def tupled(items: Sequence[Expr]) -> Expr:
    """Return a tuple display."""
    parts = tuple(Argument(each) for each in items)
    return _bracketed(Call("(", parts, explodes=True))


def _bracketed(parts: Call, *, fails: bool = False) -> Expr:
    inner = ", ".join(part.text for part in parts.arguments)
    values = [part.value for part in parts.arguments]
    comma = "," if parts.head == "(" and len(values) == 1 else ""
    text = f"{parts.head}{inner}{comma}{parts.close}"
    vague = any(value.is_vague for value in values) and parts.head[-1] != "("
    return Expr(text, ATOM, parts, merged(values), fails, vague)


def attribute(base: Expr, field_name: str) -> Expr:
    """Return an attribute of an expression."""
    return Expr(f"{base.at(ATOM)}.{field_name}", guards=base.guards, is_path=base.is_path)


def binary(left: Expr, sign: str, right: Expr, level: int) -> Expr:
    """Return an operation on two values; comparisons are never chained."""
    first = level + 1 if level == COMPARE else level
    text = f"{left.at(first)} {sign} {right.at(level + 1)}"
    heads = left.chain[1] if left.chain is not None and left.level == level else (left,)
    chain = (sign, (*heads, right))
    return Expr(text, level, chain=chain).guarded(left, right)


def choice(condition: Expr, yes: Expr, no: Expr) -> Expr:
    """Return a conditional expression; only the condition is read in any case."""
    text = f"{yes.at(OR)} if {condition.at(OR)} else {no.at(CHOICE)}"
    left = {*yes.guards, *no.guards} - {*condition.guards}
    return Expr(
        text,
        CHOICE,
        guards=condition.guards,
        fails=yes.fails or no.fails or bool(left),
        is_vague=yes.is_vague or no.is_vague,
        forks=(condition, yes, no),
    )


def total(value: Expr) -> Expr:
    """Return an expression that needs no guards: it gives the failure of the first that is one."""
    result = replace(value, guards=())
    if value.guards == (value.text,):
        return replace(result, fails=True)
    for guard in reversed(value.guards):
        result = choice(Expr(f"isinstance({guard}, Failure)"), name(guard), result)
    return replace(result, fails=value.may_fail, is_path=value.is_path and not value.guards)


def literal(value: Any) -> Expr:
    """Return a scalar."""
    match value:
        case None | bool():
            return Expr(str(value))
        case str():
            return Expr(quoted(value))
        case float() if value != value or value in (float("inf"), float("-inf")):
            return Expr(f'float("{value}")')
        case bytes():
            return Expr(_double_quoted(repr(value)))
        case _:
            return Expr(repr(value), UNARY if value < 0 else ATOM)


def _double_quoted(text: str) -> str:
    body = text[2:-1]
    return text if text[1] == '"' or '"' in body else f'b"{body}"'


def quoted(text: str) -> str:
    """Return a string literal, in double quotes unless that needs more escapes."""
    marks = '"' if text.count('"') <= text.count("'") else "'"
    body = repr(text + "'\"")[1:-4].replace("\\'", "'")
    return marks + body.replace(marks, "\\" + marks) + marks


def block_text(text: str) -> list[str] | None:
    """Return the lines of a literal in triple quotes, or None when the text is not for it."""
    fits = "\n" in text and '"""' not in text and not text.endswith('"')
    if not fits or any(ord(char) < 32 and char != "\n" for char in text) or "\u2028" in text:
        return None
    if not text.isprintable() and not text.replace("\n", "").isprintable():
        return None
    return f'"""{text.replace(chr(92), chr(92) * 2)}"""'.split("\n")


@dataclass
class Lines:
    """Statements of one module, with their indentation."""

    lines: list[str] = field(default_factory=list[str])
    depth: int = 0

    def inner(self) -> "Lines":
        """Return an empty list of statements one level deeper."""
        return Lines([], self.depth + 1)

    def add(self, line: str = "") -> None:
        """Add a line that is known to fit."""
        self.lines.append("    " * self.depth + line if line else "")

    def put(self, prefix: str, value: Expr, suffix: str = "") -> None:
        """Add a statement around an expression, split over lines where it must be."""
        self.lines += laid_out(prefix, value, suffix, self.depth)

    def block(self, head: str, body: "Lines") -> None:
        """Add `head` and what stands below it; nothing becomes `pass`."""
        self.add(head)
        self.lines += body.lines or ["    " * body.depth + "pass"]

    def condition(self, word: str, test: Expr, body: "Lines") -> None:
        """Add `if test:` and what stands below it."""
        self.put(f"{word} ", test, ":")
        self.lines += body.lines or ["    " * body.depth + "pass"]


def fits(text: str, depth: int) -> bool:
    """Say whether a statement fits into one line."""
    return len(text) + 4 * depth <= WIDTH


def laid_out(prefix: str, value: Expr, suffix: str, depth: int) -> list[str]:
    """Return a statement or argument as lines, as the formatter lays it out."""
    margin = "    " * depth
    flat = f"{prefix}{value.text}{suffix}"
    if fits(flat, depth):
        return [margin + flat]
    if value.call is not None and value.call.arguments:
        return _split_call(prefix, value.call, suffix, depth)
    if value.level >= AWAIT or not prefix or not fits(value.text, depth + 1):
        return [margin + flat]
    return [f"{margin}{prefix}(", f"{margin}    {value.text}", f"{margin}){suffix}"]


def _split_call(prefix: str, parts: Call, suffix: str, depth: int) -> list[str]:
    margin = "    " * depth
    first, last = f"{margin}{prefix}{parts.head}", f"{margin}{parts.close}{suffix}"
    inner = ", ".join(part.text for part in parts.arguments)
    if not parts.explodes and fits(inner, depth + 1):
        return [first, f"{margin}    {inner}", last]
    body: list[str] = []
    for part in parts.arguments:
        body += laid_out(part.prefix, part.value, ",", depth + 1)
    return [first, *body, last]


def plain_json(value: Any) -> str:
    """Return data as compact JSON, for ids and hashes."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
