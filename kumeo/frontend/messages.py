"""What the parser says about a token that does not fit, in the words of the author."""

from kumeo.frontend.tokens import END, Tokens

_STRUCTURE = (
    *("COLON", "COMMA", "RPAREN", "RBRACKET", "RBRACE", "LPAREN", "LBRACE", "ASSIGN", "ARROW"),
    *("DARROW", "TO", "IN", "FOR", "CATCH", "AS"),
)
_TEXTS = {
    "COLON": ":",
    "COMMA": ",",
    "RPAREN": ")",
    "RBRACKET": "]",
    "RBRACE": "}",
    "LPAREN": "(",
    "LBRACE": "{",
    "ASSIGN": "=",
    "EQ": "==",
    "ARROW": "->",
    "DARROW": "=>",
}
_LONGEST = 30

AN_ITEM = "a workflow, a schema or another item"
"""What stands at the top level of a file."""


def text_of(kind: str) -> str:
    """Return a terminal as it is written."""
    return _TEXTS.get(kind) or kind.lower()


def found(tokens: Tokens, index: int) -> str:
    """Return a description of a token."""
    kind, text = tokens.kinds[index], tokens.source.text[tokens.starts[index] : tokens.ends[index]]
    if kind == END:
        return "the end"
    if kind in ("STRING", "RAW_STRING") and len(text) > _LONGEST:
        return "the string"
    if not text:
        return f"`{text_of(kind)}`"
    return f"`{text}`" if len(text) <= _LONGEST else f"`{text[:_LONGEST]}…`"


def after(tokens: Tokens, index: int) -> str:
    """Return "after …" for the token before `index`, or nothing at the start."""
    return f" after {found(tokens, index - 1)}" if index else ""


def expectation(expected: set[str]) -> str:
    """Return what may stand in a place where the parser accepts the terminals `expected`."""
    for words, needed, absent in _CATEGORIES:
        if needed <= expected and not absent & expected:
            return words
    likely = [kind for kind in _STRUCTURE if kind in expected]
    if len(likely) > 1:
        likely = [kind for kind in likely if kind != "IN"]  # An operator after any value.
    texts = [f"`{text_of(kind)}`" for kind in likely]
    if not texts:
        return "something else"
    return " or ".join([", ".join(texts[:-1]), texts[-1]] if len(texts) > 1 else texts)


_CATEGORIES: list[tuple[str, set[str], set[str]]] = [
    ("a value", {"INT", "STRING", "NULL", "LBRACKET"}, set()),
    (AN_ITEM, {"WORKFLOW", "SCHEMA"}, {"NULL", "COLON"}),
    ("a statement", {"NAME", "EMIT", "PARALLEL"}, {"NULL"}),
    ("a key", {"NAME", "STRING", "EMIT", "NULL"}, {"INT"}),
    ("a section", {"NAME", "AGENTS", "EMIT", "NULL", "RBRACE"}, {"STRING", "AND"}),
    ("a pattern", {"NAME", "INT", "NULL"}, {"LBRACE"}),
    ("a type", {"NAME", "LBRACKET", "LBRACE"}, {"INT", "COLON"}),
    ("a name", {"NAME"}, {"LPAREN"}),
    ("a string", {"STRING"}, {"INT"}),
]
