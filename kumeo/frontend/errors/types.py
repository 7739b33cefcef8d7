"""Diagnostics about types and literal values."""

from dataclasses import dataclass

from kumeo.diagnostics import Diagnostic, Severity


@dataclass(frozen=True)
class TypeMismatch(Diagnostic):
    """A value of one type stands where another type is needed.

    Kumeo converts by itself only where nothing is lost: `int` to `float`, a value to an optional
    value, anything to and from `json` (checked when it runs). All else needs a function.

    Example::

        schema Payment { amount: float }
        big = source.amount > "10"

    Fix::

        big = source.amount > 10
    """

    code = "type-mismatch"
    title = "{problem}"
    label = "{detail}"

    problem: str
    detail: str
    fix: str | None = None

    def help(self) -> str | None:
        """Return the fix."""
        return self.fix


@dataclass(frozen=True)
class NotOptional(Diagnostic):
    """A null check on a value that is never null.

    The check does nothing. Often the schema should say `T?`.

    Example::

        schema Payment { amount: float }
        amount = source.amount ?? 0.0

    Fix::

        schema Payment { amount: float? }
        amount = source.amount ?? 0.0
    """

    code = "not-optional"
    severity = Severity.WARNING
    title = "`{kind}` is never null, so `{operator}` does nothing"
    label = "never null"

    kind: str
    operator: str

    def help(self) -> str | None:
        """Say both ways out."""
        return f"remove the `{self.operator}`, or declare the value as `{self.kind}?`"


@dataclass(frozen=True)
class NullNotHandled(Diagnostic):
    """A value that may be null is used as if it never were.

    A field `T?`, an agent with `when:`, and an agent in one branch of an `if` may be null.
    `??` gives a default, `?.` reads a field if there is one, and after `x != null and` the value is
    known to exist.

    Example::

        schema Payment { country: string? }
        code = upper(source.country)

    Fix::

        code = upper(source.country ?? "CL")
    """

    code = "null-not-handled"
    title = "{what} may be null"
    label = "this is `{kind}`"

    what: str
    kind: str
    fix: str

    def help(self) -> str | None:
        """Return the fix."""
        return self.fix


@dataclass(frozen=True)
class MissingField(Diagnostic):
    """An object lacks a field that its type requires.

    Fields of an optional type and fields with a default may be left out.

    Example::

        schema Verdict { level: string, reason: string }
        fallback: { level: "high" }

    Fix::

        fallback: { level: "high", reason: "model unavailable" }
    """

    code = "missing-field"
    title = "this object lacks {names}"
    label = "`{expected}` is expected"

    names: str
    expected: str
    example: str

    def help(self) -> str | None:
        """Show what to add."""
        return f"add `{self.example}`"


@dataclass(frozen=True)
class WrongArguments(Diagnostic):
    """A function gets the wrong number or types of arguments.

    Example::

        parts = split(source.name)

    Fix::

        parts = split(source.name, ",")
    """

    code = "wrong-arguments"
    title = "`{name}` does not take {given}"
    label = "{detail}"

    name: str
    given: str
    detail: str
    signatures: tuple[str, ...]

    def help(self) -> str | None:
        """Show the signatures."""
        shown = "\n".join(f"`{text}`" for text in self.signatures[:6])
        return f"it is called as\n{shown}"


@dataclass(frozen=True)
class RecursiveSchema(Diagnostic):
    """A schema contains itself. An event is a finite value, and its layout is known in advance.

    Example::

        schema Node { name: string, next: Node? }

    Fix::

        schema Node { name: string, next_name: string? }
    """

    code = "recursive-schema"
    title = "the schema `{name}` contains itself: {circle}"
    label = "the circle closes here"

    name: str
    circle: str

    def help(self) -> str | None:
        """Say how to break it."""
        return "refer to the other record by a key, or use `json` for nested data"


@dataclass(frozen=True)
class TypeTooLarge(Diagnostic):
    """A type with too many fields, counted as often as they occur: 10,000 is the limit.

    Types are structural. A schema that names another one twice holds its fields twice.

    Example::

        schema A { left: B, right: B }   // and so on, twenty times

    Fix::

        schema A { left: json, right: json }
    """

    code = "type-too-large"
    title = "the type of `{name}` has more than {limit} fields"
    label = "too many fields, inner ones included"

    name: str
    limit: int

    def help(self) -> str | None:
        """Say how to make it smaller."""
        return "use `json` for parts of it"


@dataclass(frozen=True)
class IntegerRange(Diagnostic):
    """A whole number outside of the range of `int`: 64 bits with a sign.

    Example::

        limit = 9223372036854775808

    Fix::

        limit = 9223372036854775807
    """

    code = "integer-range"
    title = "`{text}` does not fit into `int`"
    label = "out of range"

    text: str

    def help(self) -> str | None:
        """Name the range and the way out."""
        return "the limits are -9223372036854775808 and 9223372036854775807; a float is `1.0e19`"


@dataclass(frozen=True)
class DivisionByZero(Diagnostic):
    """A division or remainder by the literal zero. It would fail for every event.

    Example::

        share = source.amount / 0

    Fix::

        share = source.amount / 100
    """

    code = "division-by-zero"
    title = "division by zero"
    label = "this is zero"

    def help(self) -> str | None:
        """Ask for another divisor."""
        return "divide by a number that is not zero"


@dataclass(frozen=True)
class InvalidTimestamp(Diagnostic):
    """A string that is no point in time stands where a `timestamp` is expected.

    A timestamp is written in ISO 8601 with a time zone.

    Example::

        late = source.at > "2026-13-01"

    Fix::

        late = source.at > "2026-12-01T00:00:00Z"
    """

    code = "invalid-timestamp"
    title = '`"{text}"` is no timestamp'
    label = "{reason}"

    text: str
    reason: str

    def help(self) -> str | None:
        """Show the form."""
        return 'write it like `"2026-01-31T10:00:00Z"`'
