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
    Numbers,
    RawNetwork,
    RawTable,
    RawVariable,
    Token,
    as_number,
    as_numbers,
)
from kumeo.frontend.signatures.report import FileReport

_NUMBER = r"""[-+.\d][-+.\deE]*+(?![^\s,|{}()\[\];"])"""
_TOKEN = re.compile(
    r"""
    (?P<skip> [\s,|]+ | //[^\n]* | /\*.*?\*/ )
  | (?P<open> /\* )
  | (?P<quoted> "[^"\n]*" )
  | (?P<row> \( [^(){};"/]*+ \) \s* NUMBER (?: [\s,|]+ NUMBER )*+ \s* ; )
  | (?P<numbers> NUMBER (?: [\s,|]+ NUMBER )*+ )
  | (?P<mark> [{}()\[\];] )
  | (?P<word> (?: (?!//|/\*) [^\s,|{}()\[\];"] )+ )
  | (?P<bad> . )
    """.replace("NUMBER", _NUMBER),
    re.VERBOSE | re.DOTALL,
)
"""A whole row is one token, and so is a list of numbers: large networks hold a million of them."""

_WORD = re.compile(r"[^\s,|]+")
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


def _split(entry: tuple[str, Token]) -> list[Token]:
    """Return the words of a token; a quoted word may hold white space."""
    kind, token = entry
    if kind != "numbers":
        return [token]
    return [
        Token(match[0], token.start + match.start(), token.start + match.end())
        for match in _WORD.finditer(token.text)
    ]


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
        flat: Numbers | None = None
        default: Numbers | None = None
        rows: list[tuple[tuple[Token, ...], Numbers]] = []
        while not self.has("}"):
            if self.has("row"):
                rows.append(self.whole_row())
                continue
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

    def whole_row(self) -> tuple[tuple[Token, ...], Numbers]:
        text, start, _, _ = self.tokens[self.at][1]
        self.at += 1
        states, _, numbers = text.partition(")")
        words = [
            Token(match[0], start + match.start(), start + match.end())
            for match in _WORD.finditer(states, 1)
        ]
        return tuple(words), as_numbers(numbers[:-1], start + len(states) + 1, self.report)

    def row(self) -> tuple[tuple[Token, ...], Numbers]:
        self.expect("(")
        states = self.words()
        self.expect(")")
        return states, self.numbers()

    def numbers(self) -> Numbers:
        first = self.at
        while self.has("numbers") or self.has("word"):
            self.at += 1
        self.expect(";")
        tokens = [token for _, token in self.tokens[first : self.at - 1]]
        if len(tokens) == 1:
            return as_numbers(tokens[0].text, tokens[0].start, self.report)
        return self.joined(tokens, self.tokens[self.at - 1][1].start)

    def joined(self, tokens: list[Token], end: int) -> Numbers:
        """Return the numbers of several tokens, between which comments stand."""
        start, text = end, ""
        for token in reversed(tokens):
            text = token.text + " " * (start - token.start - len(token.text)) + text
            start = token.start
        return as_numbers(text, start, self.report)

    def words(self) -> tuple[Token, ...]:
        found: list[Token] = []
        while self.has("word") or self.has("numbers"):
            found += _split(self.tokens[self.at])
            self.at += 1
        return tuple(found)

    def word(self, wanted: str) -> Token:
        if not (self.has("word") or self.has("numbers")):
            raise self.unexpected(wanted)
        token, *more = _split(self.tokens[self.at])
        if more:
            place = more[0]
            reason = f"`{place.text[:40]}` stands where nothing may stand"
            raise self.report.fatal(reason, place.start, place.end)
        self.at += 1
        return token

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
