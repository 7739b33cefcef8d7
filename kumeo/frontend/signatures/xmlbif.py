"""Reads the text of an XMLBIF file with Python's expat, defended against hostile XML.

    <BIF><NETWORK><VARIABLE TYPE="nature"><NAME>Fraud</NAME><OUTCOME>yes</OUTCOME>…</VARIABLE>
    <DEFINITION><FOR>Fraud</FOR><GIVEN>Night</GIVEN><TABLE>0.2 0.8 0.1 0.9</TABLE></DEFINITION>

Most real files carry the format's own document type, so its element declarations are accepted.
Entity declarations are refused, and nothing outside the file is ever opened.
"""

import re
from dataclasses import dataclass, field
from xml.parsers import expat

from kumeo.diagnostics import Source
from kumeo.frontend.errors.files import UnsafeModel
from kumeo.frontend.signatures.raw_network import (
    RawNetwork,
    RawTable,
    RawVariable,
    Token,
    as_numbers,
)
from kumeo.frontend.signatures.report import FileReport

_TEXT_TAGS = {"NAME", "OUTCOME", "VALUE", "FOR", "GIVEN", "TABLE"}
_OWNERS = {"VARIABLE", "DEFINITION", "PROBABILITY"}
_DECLARED_ENCODING = re.compile(r"""(<\?xml[^>]*?)\s+encoding\s*=\s*["'][^"']*["']""")
_MAX_DEPTH = 64


def read_xmlbif(source: Source, report: FileReport) -> RawNetwork:
    """Return the declarations of the file. The first syntax fault ends the reading."""
    reader = _Reader(source, report)
    try:
        reader.parser.Parse(_prepare(source.text), True)
    except expat.ExpatError as error:
        start = reader.offset(error.lineno, error.offset)
        text = expat.ErrorString(error.code)
        raise report.fatal(f"it is not well-formed XML: {text}", start) from None
    return RawNetwork(tuple(reader.variables), tuple(reader.tables), child_slowest=False)


def _prepare(text: str) -> str:
    """Blank the declared encoding, as the text is decoded already; places stay the same."""
    return _DECLARED_ENCODING.sub(lambda m: m[1] + " " * (len(m[0]) - len(m[1])), text, count=1)


@dataclass
class _Owner:
    """The VARIABLE or DEFINITION that is open, and the texts of its children so far."""

    tag: str
    kind: str
    start: int
    texts: dict[str, list[Token]] = field(default_factory=dict[str, list[Token]])


class _Reader:
    """Fills `variables` and `tables` from the callbacks of one expat parser."""

    def __init__(self, source: Source, report: FileReport) -> None:
        self.source = source
        self.report = report
        self.variables: list[RawVariable] = []
        self.tables: list[RawTable] = []
        self.path: list[str] = []
        self.owner: _Owner | None = None
        self.pieces: list[str] = []
        self.text_start = 0
        self.parser = parser = expat.ParserCreate()
        parser.StartElementHandler = self.open
        parser.EndElementHandler = self.close
        parser.CharacterDataHandler = self.read
        parser.EntityDeclHandler = self.refuse_entity
        parser.ExternalEntityRefHandler = self.refuse_entity
        parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)

    def offset(self, line: int, column: int) -> int:
        starts = self.source.line_starts
        return min(starts[min(line, len(starts)) - 1] + column, len(self.source.text))

    def here(self) -> int:
        return self.offset(self.parser.CurrentLineNumber, self.parser.CurrentColumnNumber)

    def refuse_entity(self, *_: object) -> int:
        reason, fix = "it declares an XML entity", "remove the `<!ENTITY …>` declaration"
        # Expat stands at the end of the declaration.
        start = self.source.text.rfind("<!ENTITY", 0, self.here() + 1)
        raise self.report.fatal(reason, max(start, 0), fix=fix, kind=UnsafeModel)

    def open(self, tag: str, attributes: dict[str, str]) -> None:
        tag = tag.upper()
        if not self.path and tag != "BIF":
            reason = f"its root element is `{tag[:40]}`, not `BIF`"
            raise self.report.fatal(reason, self.here())
        self.path.append(tag)
        if len(self.path) > _MAX_DEPTH:
            raise self.report.fatal("its elements are nested too deep", self.here())
        if tag in _OWNERS:
            self.owner = _Owner(tag, attributes.get("TYPE", "nature"), self.here())
        self.pieces = []

    def read(self, text: str) -> None:
        if not self.path or self.path[-1] not in _TEXT_TAGS:
            return
        if not self.pieces:
            self.text_start = self.here()
        self.pieces.append(text)

    def close(self, tag: str) -> None:
        tag = self.path.pop()
        owner = self.owner
        if owner is None:
            return
        if tag in _TEXT_TAGS:
            owner.texts.setdefault(tag, []).append(self.token())
        elif tag == "VARIABLE":
            self.variables.append(self.variable(owner))
        elif tag in _OWNERS:
            self.tables.append(self.table(owner))
        if tag in _OWNERS:
            self.owner = None

    def token(self) -> Token:
        text = "".join(self.pieces)
        start = self.text_start + len(text) - len(text.lstrip()) if text.strip() else self.here()
        return Token(text.strip(), start, start + len(text.strip()))

    def variable(self, owner: _Owner) -> RawVariable:
        name = self.only(owner, "NAME")
        if owner.kind.lower() not in ("nature", "discrete"):
            reason = f"variable `{name.text}` is a {owner.kind[:40]} variable, not `nature`"
            raise self.report.fatal(reason, owner.start)
        states = owner.texts.get("OUTCOME") or owner.texts.get("VALUE") or []
        return RawVariable(name, tuple(states))

    def table(self, owner: _Owner) -> RawTable:
        child, numbers = self.only(owner, "FOR"), self.only(owner, "TABLE")
        given = tuple(owner.texts.get("GIVEN", ()))
        return RawTable(child, given, as_numbers(numbers.text, numbers.start, self.report))

    def only(self, owner: _Owner, tag: str) -> Token:
        tokens = owner.texts.get(tag, [])
        if len(tokens) == 1 and tokens[0].text:
            return tokens[0]
        reason = f"a `{owner.tag}` has {len(tokens) or 'no'} `{tag}` elements with a text"
        raise self.report.fatal(reason, owner.start)
