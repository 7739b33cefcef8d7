"""The EBNF of chapter 2 accepts exactly the texts that the parser accepts.

The rules on the page become a grammar for Lark's Earley parser, over the tokens of Kumeo's
lexer. Each example, and each without one of its tokens, must be read by both or by neither.
"""

import random
import re
from pathlib import Path

import pytest
from lark import Lark, Token, UnexpectedInput
from lark.lexer import Lexer

from kumeo.diagnostics import Source
from kumeo.frontend.lexer import lex
from kumeo.frontend.parser import parse
from kumeo.frontend.tables import load_tables
from kumeo.testing.documents import blocks_of

LANGUAGE = Path(__file__).parents[3] / "docs" / "language"
PAGE = (LANGUAGE / "02-grammar.md").read_text(encoding="utf-8")
TABLES = load_tables()
FIXED = {**TABLES.words, **TABLES.punctuation}
HARD = ("IF", "ELSE", "FOR", "MATCH", "PARALLEL", "TRY", "EMIT", "TRUE", "FALSE", "NULL")


class KumeoLexer(Lexer):
    """Hands Kumeo's tokens to Lark."""

    def __init__(self, lexer_conf: object) -> None:
        pass

    def lex(self, data: object) -> object:
        tokens = lex(Source("page.kumeo", str(data)))
        return (
            Token(kind, text) for kind, text in zip(tokens.kinds[:-1], tokens.texts, strict=False)
        )


def lark_grammar() -> str:
    """Return the rules of the page in the notation of Lark."""
    text = "".join(b.text for b in blocks_of(PAGE) if b.language == "ebnf")
    text = re.sub(r"\(\*.*?\*\)", "", text)
    parts = re.findall(r'"[^"]*"|\w+|[=,;|\[\]{}()]', text)
    signs = {"=": ":", ",": "", ";": "\n", "{": "(", "}": ")*"}
    written = [FIXED[p[1:-1]] if p[0] == '"' else signs.get(p, p) for p in parts]
    soft = " | ".join(sorted(TABLES.soft - {"NAME"}))
    kinds = sorted({*FIXED.values(), "NAME", "INT", "FLOAT", "DURATION", "STRING", "RAW_STRING"})
    written = ["r_name" if part == "NAME" else part for part in written]
    rules = re.sub(r"\b(?!r_)([a-z]+)\b", r"r_\1", " ".join(written))
    names = f"r_name: NAME | r_soft\nr_soft: {soft}\nr_hard: {' | '.join(HARD)}\n"
    return f"{rules}\n{names}%declare {' '.join(kinds)}\n"


EARLEY = Lark(lark_grammar(), parser="earley", lexer=KumeoLexer, start="r_file")


def accepts_page(text: str) -> bool:
    try:
        EARLEY.parse(text)
    except UnexpectedInput:
        return False
    return True


def accepts_parser(text: str) -> bool:
    return not parse(Source("page.kumeo", text)).diagnostics


EXAMPLES = [
    pytest.param(block.text, id=f"{page.name}:{block.line}")
    for page in sorted(LANGUAGE.glob("*.md"))
    for block in blocks_of(page.read_text(encoding="utf-8"))
    if block.language == "kumeo" and len(block.text) < 500
]

AWKWARD = LANGUAGE.parents[1] / "tests/unit/frontend/syntax/data/awkward.kumeo"
EXAMPLES.append(pytest.param(AWKWARD.read_text(encoding="utf-8"), id="awkward"))


def without_one_token(text: str, count: int) -> list[str]:
    tokens = lex(Source("page.kumeo", text))
    spans = list(zip(tokens.starts[:-1], tokens.ends[:-1], strict=True))
    chosen = random.Random(len(text)).sample(spans, min(count, len(spans)))
    return [text[:start] + " " + text[end:] for start, end in chosen]


@pytest.mark.parametrize("text", EXAMPLES)
def test_grammar_page_accepts_what_the_parser_accepts(text: str) -> None:
    assert accepts_page(text)
    for damaged in without_one_token(text, 6):
        assert accepts_page(damaged) == accepts_parser(damaged), damaged
