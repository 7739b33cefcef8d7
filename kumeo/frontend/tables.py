"""The parse tables of the grammar, loaded once per process.

`grammar.json` is made from `grammar.lark` by `make_tables.py`; its layout is described there.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple


class Rule(NamedTuple):
    """One alternative of a grammar rule."""

    origin: str
    builder: str
    """Name of a method of `TreeBuilder`; "" hands on the kept child; "@list" makes a list."""
    size: int
    kept: tuple[int, ...]
    """Which of the children the builder gets."""


@dataclass(frozen=True)
class Tables:
    """LALR(1) tables. In `actions`, n >= 0 shifts to state n and n < 0 reduces rule -1 - n."""

    words: dict[str, str]
    """Keyword to terminal."""
    keywords: frozenset[str]
    """The terminals of `words`."""
    soft: frozenset[str]
    """The keywords that are read as NAME where they have no meaning of their own."""
    punctuation: dict[str, str]
    """Operator or bracket to terminal."""
    patterns: dict[str, str]
    """Terminal to regular expression."""
    rules: tuple[Rule, ...]
    actions: tuple[dict[str, int], ...]
    gotos: tuple[dict[str, int], ...]
    start: dict[str, int]
    end: dict[str, int]
    symbols: tuple[str, ...]
    """The symbol after which each state is entered."""


@cache
def load_tables() -> Tables:
    """Return the tables of the Kumeo grammar."""
    text = Path(__file__).with_name("grammar.json").read_text(encoding="utf-8")
    data: Any = json.loads(text)
    terminals: dict[str, dict[str, str]] = data["terminals"]
    fixed = {t["text"]: name for name, t in terminals.items() if "text" in t}
    words = {text: name for text, name in fixed.items() if text.isalpha()}
    return Tables(
        words=words,
        keywords=frozenset(words.values()),
        soft=frozenset(data["soft"]) & frozenset(words.values()),
        punctuation={text: name for text, name in fixed.items() if not text.isalpha()},
        patterns={name: t["regex"] for name, t in terminals.items() if "regex" in t},
        rules=tuple(Rule(o, b, size, tuple(kept)) for o, b, size, kept in data["rules"]),
        actions=tuple(actions for actions, _ in data["states"]),
        gotos=tuple(gotos for _, gotos in data["states"]),
        start=data["start"],
        end=data["end"],
        symbols=_symbols(data["states"]),
    )


def _symbols(states: list[list[dict[str, int]]]) -> tuple[str, ...]:
    symbols = [""] * len(states)
    for terminals, gotos in states:
        for symbol, state in (*terminals.items(), *gotos.items()):
            if state >= 0:
                symbols[state] = symbol
    return tuple(symbols)
