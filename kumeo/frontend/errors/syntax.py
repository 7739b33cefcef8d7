"""Diagnostics of the lexer and the parser: text that is not well-formed Kumeo."""

from dataclasses import dataclass

from kumeo.diagnostics import Diagnostic


@dataclass(frozen=True)
class SyntaxFault(Diagnostic):
    """Something is missing, superfluous or in the wrong place.

    The parser mends the place or skips the damaged part and goes on, so one message stands for one
    mistake.

    Example::

        schema Payment {
          amount float
        }

    Fix::

        schema Payment {
          amount: float
        }
    """

    code = "syntax-error"
    title = "{message}"
    label = "{hint}"

    message: str
    hint: str = ""
    fix: str | None = None

    def help(self) -> str | None:
        """Return the edit that the parser assumed."""
        return self.fix


@dataclass(frozen=True)
class UnclosedBracket(Diagnostic):
    """A bracket is opened but its partner is missing.

    Indentation decides which bracket it is, and where the missing one is expected.

    Example::

        schema Payment {
          amount: float

        enum Level { low, high }

    Fix::

        schema Payment {
          amount: float
        }

        enum Level { low, high }
    """

    code = "unclosed-bracket"
    title = "`{opener}` opened here is never closed"
    label = "opened here"

    opener: str
    closer: str

    def help(self) -> str | None:
        """Return the missing bracket."""
        return f"write the missing `{self.closer}`"


@dataclass(frozen=True)
class UnopenedBracket(Diagnostic):
    """A closing bracket has no opening partner.

    Example::

        enum Level { low, high }}

    Fix::

        enum Level { low, high }
    """

    code = "unopened-bracket"
    title = "`{closer}` closes nothing"
    label = "no open bracket belongs to it"

    closer: str

    def help(self) -> str | None:
        """Return the edit."""
        return f"remove this `{self.closer}`"


@dataclass(frozen=True)
class UnterminatedString(Diagnostic):
    """A string has no closing quote.

    A string in `"` or `'` ends on its line. Text over several lines stands in `\"\"\"`.

    Example::

        workflow W {
          source: NATS("orders)
        }

    Fix::

        workflow W {
          source: NATS("orders")
        }
    """

    code = "unterminated-string"
    title = "the string is not closed"
    label = "no `{quote}` follows"

    quote: str

    def help(self) -> str | None:
        """Return the edit."""
        if self.quote == '"""':
            return 'write `"""` after the last line of the text'
        return f"write `{self.quote}` at the end of the string"


@dataclass(frozen=True)
class UnterminatedComment(Diagnostic):
    """A `/*` comment has no `*/`.

    Example::

        /* Levels of risk
        enum Level { low, high }

    Fix::

        /* Levels of risk */
        enum Level { low, high }
    """

    code = "unterminated-comment"
    title = "the comment is not closed"
    label = "no `*/` follows"

    def help(self) -> str | None:
        """Return the edit."""
        return "write `*/` at the end of the comment"


@dataclass(frozen=True)
class InvalidCharacter(Diagnostic):
    """A character that Kumeo does not use outside strings and comments.

    Names consist of the letters `A` to `Z`, `a` to `z`, digits and `_`. Strings are quoted with
    `"` or `'`, not with typographic quotes.

    Example::

        enum Größe { klein }

    Fix::

        enum Groesse { klein }
    """

    code = "invalid-character"
    title = "{what} is not allowed here"
    label = ""

    what: str
    fix: str | None = None

    def help(self) -> str | None:
        """Return the edit, where one is obvious."""
        return self.fix


@dataclass(frozen=True)
class InvalidEscape(Diagnostic):
    r"""A backslash sequence that strings do not have.

    The sequences are `\"`, `\'`, `\\`, `\n`, `\r`, `\t` and `\u{1F600}`.

    Example::

        schema S { path: string = "C:\data" }

    Fix::

        schema S { path: string = "C:\\data" }
    """

    code = "invalid-escape"
    title = "`{escape}` is not an escape sequence"
    label = "{reason}"

    escape: str
    reason: str = ""

    def help(self) -> str | None:
        """Return the edit."""
        return r"write `\\` for a backslash"


@dataclass(frozen=True)
class InvalidNumber(Diagnostic):
    """A number that is written in a form Kumeo does not have, or that is too large.

    Example::

        workflow W { config: { limit: .5 } }

    Fix::

        workflow W { config: { limit: 0.5 } }
    """

    code = "invalid-number"
    title = "`{text}` is not a number"
    label = "{reason}"

    text: str
    reason: str = ""
    fix: str | None = None

    def help(self) -> str | None:
        """Return the number that is probably meant."""
        return f"write `{self.fix}`" if self.fix else None


@dataclass(frozen=True)
class InvalidDuration(Diagnostic):
    """A duration with a wrong unit or a value that is not a whole number of microseconds.

    A duration is a number directly followed by `ms`, `s`, `m`, `h` or `d`.

    Example::

        workflow W { config: { wait: 10 s } }

    Fix::

        workflow W { config: { wait: 10s } }
    """

    code = "invalid-duration"
    title = "`{text}` is not a duration"
    label = "{reason}"

    text: str
    reason: str
    fix: str | None = None

    def help(self) -> str | None:
        """Return the duration that is probably meant."""
        return f"write `{self.fix}`" if self.fix else None


@dataclass(frozen=True)
class NestingTooDeep(Diagnostic):
    """Brackets or operators are nested more than 200 deep, or statements more than 100.

    The parts inside are not read.

    Example::

        schema S { x: [[[[[[[[ … 250 brackets … ]]]]]]]] }

    Fix::

        schema S { x: json }
    """

    code = "nesting-too-deep"
    title = "more than {limit} levels of nesting"
    label = "this is level {level}"

    limit: int
    level: int

    def help(self) -> str | None:
        """Return the way out."""
        return "give parts of it names of their own"


@dataclass(frozen=True)
class ChainedComparison(Diagnostic):
    """Comparisons do not chain.

    Example::

        workflow W {
          agents: [ if 0 < source.x < 9 { emit source to target } ]
        }

    Fix::

        workflow W {
          agents: [ if 0 < source.x and source.x < 9 { emit source to target } ]
        }
    """

    code = "chained-comparison"
    title = "comparisons cannot be chained"
    label = "a second comparison"

    fix: str

    def help(self) -> str | None:
        """Return the same condition with `and`."""
        return f"write `{self.fix}`"


@dataclass(frozen=True)
class EmptyFile(Diagnostic):
    """A file without any item.

    Example::

        // Nothing but a comment.

    Fix::

        enum Level { low, high }
    """

    code = "empty-file"
    title = "the file has no workflow, schema or other item"

    def help(self) -> str | None:
        """Return the way on."""
        return "`kumeo new` makes a first workflow"


@dataclass(frozen=True)
class NotUtf8(Diagnostic):
    """The file is not UTF-8 text.

    Example::

        (a compiled program, an image, or a text saved as Latin-1)

    Fix::

        Save the file as UTF-8.
    """

    code = "not-utf8"
    title = "the file is not UTF-8 text: {reason} at byte {offset}"

    offset: int
    reason: str

    def help(self) -> str | None:
        """Return the edit."""
        return "save the file as UTF-8 text"
