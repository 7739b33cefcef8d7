"""Reads the text of a BIF file.

    network fraud { property author "x"; }
    variable Fraud { type discrete [ 2 ] { yes, no }; }
    probability ( Fraud | Night ) { (yes) 0.2, 0.8; default 0.1, 0.9; }

Accepts what programs really write: names with or without quotes, any character except white space
and brackets in a name, commas and `|` that may be missing, comments `//` and `/* */`, properties
anywhere, rows in any order, `table`, `default`. Only discrete variables have a meaning here.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from kumeo.diagnostics import Source, nearest
from kumeo.frontend.signatures.raw_network import (
    RawNetwork,
    RawTable,
    RawVariable,
    Token,
    as_number,
)
from kumeo.frontend.signatures.report import FileReport

_TOKEN = re.compile(
    r"""
    (?P<skip> [\s,|]+ | //[^\n]* | /\*.*?\*/ )
  | (?P<open> /\* )
  | (?P<quoted> "[^"\n]*" )
  | (?P<mark> [{}()\[\];] )
  | (?P<word> (?: (?!//|/\*) [^\s,|{}()\[\];"] )+ )
  | (?P<bad> . )
    """,
    re.VERBOSE | re.DOTALL,
)
_END = "end of file"


def read_bif(source: Source, report: FileReport) -> RawNetwork:
    """Return the declarations of the file. The first syntax fault ends the reading."""
    return _Reader(_tokenize(source.text, report), report).network()


def _tokenize(text: str, report: FileReport) -> list[tuple[str, Token]]:
    tokens: list[tuple[str, Token]] = []
    for match in _TOKEN.finditer(text):
        kind, start, end = match.lastgroup or "", match.start(), match.end()
        if kind == "open":
            raise report.fatal("a comment is not closed", start, end, fix="add `*/`")
        if kind == "bad":
            raise report.fatal("a quoted name is not closed", start, end, fix='add `"`')
        if kind == "quoted":
            tokens.append(("word", Token(text[start + 1 : end - 1], start, end)))
        elif kind != "skip":
            spelled = match.group()
            tokens.append((spelled if kind == "mark" else kind, Token(spelled, start, end)))
    tokens.append((_END, Token(_END, len(text), len(text))))
    return tokens


@dataclass
class _Reader:
    """A recursive-descent reader; `at` is the index of the next token."""

    tokens: list[tuple[str, Token]]
    report: FileReport
    at: int = 0

    def network(self) -> RawNetwork:
        variables: list[RawVariable] = []
        tables: list[RawTable] = []
        blocks: dict[str, Callable[[], object]] = {
            "network": self.skip_header,
            "variable": lambda: variables.append(self.variable()),
            "probability": lambda: tables.append(self.probability()),
            "property": self.skip_property,
        }
        while not self.has(_END):
            word = self.word("a block")
            if word.text not in blocks:
                raise self.unknown(word, "a BIF file", tuple(blocks))
            blocks[word.text]()
        return RawNetwork(tuple(variables), tuple(tables), child_slowest=True)

    def skip_header(self) -> None:
        while not self.has("{") and not self.has(_END):
            self.at += 1
        self.expect("{")
        while not self.has("}"):
            self.word("`property`")
            self.skip_property()
        self.expect("}")

    def skip_property(self) -> None:
        while not self.has(";"):
            if self.has(_END):
                raise self.unexpected("`;`")
            self.at += 1
        self.at += 1

    def variable(self) -> RawVariable:
        name = self.word("the name of a variable")
        variable = RawVariable(name, ())
        self.expect("{")
        while not self.has("}"):
            word = self.word("`type`")
            if word.text == "type":
                variable = self.variable_type(name)
            elif word.text == "property":
                self.skip_property()
            else:
                raise self.unknown(word, "a variable", ("type", "property"))
        self.expect("}")
        return variable

    def variable_type(self, name: Token) -> RawVariable:
        kind, count = self.word("`discrete`"), None
        if kind.text != "discrete":
            reason = f"variable `{name.text}` is {kind.text[:40]}, not discrete"
            raise self.report.fatal(reason, kind.start, kind.end, fix="cut its range into states")
        if self.has("["):
            self.at += 1
            token = as_number(self.word("the number of states"), self.report)
            count = int(token.number)
            self.expect("]")
        self.expect("{")
        states = self.words()
        self.expect("}")
        self.expect(";")
        return RawVariable(name, states, count)

    def probability(self) -> RawTable:
        self.expect("(")
        names = self.words()
        if not names:
            raise self.unexpected("the name of a variable")
        self.expect(")")
        self.expect("{")
        table = self.entries(names[0], names[1:])
        self.expect("}")
        return table

    def entries(self, child: Token, parents: tuple[Token, ...]) -> RawTable:
        flat: tuple[Token, ...] | None = None
        default: tuple[Token, ...] = ()
        rows: list[tuple[tuple[Token, ...], tuple[Token, ...]]] = []
        while not self.has("}"):
            if self.has("("):
                rows.append(self.row())
                continue
            word = self.word("`table`, `default` or a row")
            if word.text == "table":
                flat = self.numbers()
            elif word.text == "default":
                default = self.numbers()
            elif word.text == "property":
                self.skip_property()
            else:
                raise self.unknown(word, "a table", ("table", "default", "property"))
        return RawTable(child, parents, flat, tuple(rows), default)

    def row(self) -> tuple[tuple[Token, ...], tuple[Token, ...]]:
        self.expect("(")
        states = self.words()
        self.expect(")")
        return states, self.numbers()

    def numbers(self) -> tuple[Token, ...]:
        found = tuple(as_number(token, self.report) for token in self.words())
        self.expect(";")
        return found

    def words(self) -> tuple[Token, ...]:
        start = self.at
        while self.has("word"):
            self.at += 1
        return tuple(token for _, token in self.tokens[start : self.at])

    def word(self, wanted: str) -> Token:
        if not self.has("word"):
            raise self.unexpected(wanted)
        self.at += 1
        return self.tokens[self.at - 1][1]

    def has(self, kind: str) -> bool:
        return self.tokens[self.at][0] == kind

    def expect(self, mark: str) -> None:
        if not self.has(mark):
            raise self.unexpected(f"`{mark}`")
        self.at += 1

    def unknown(self, word: Token, where: str, known: tuple[str, ...]) -> Exception:
        near = nearest(word.text, known)
        fix = f"write `{near}`" if near else f"the words here are {', '.join(known)}"
        reason = f"{where} has no `{word.text[:40]}`"
        return self.report.fatal(reason, word.start, word.end, fix=fix)

    def unexpected(self, wanted: str) -> Exception:
        token = self.tokens[self.at][1]
        found = token.text if token.text == _END else f"`{token.text[:40]}`"
        return self.report.fatal(f"{wanted} is missing before {found}", token.start, token.end)
