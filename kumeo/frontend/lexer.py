"""Text to tokens, with a diagnostic for each piece that is no token.

The lexer never fails: a damaged piece is reported, then dropped or replaced by the token that is
most likely meant (`mistakes.py`), so that the parser can go on. The terminals come from the
grammar.
"""

import re
from functools import cache

from kumeo.diagnostics import Source, Span
from kumeo.frontend.mistakes import UNIT_OF, mend
from kumeo.frontend.tables import load_tables
from kumeo.frontend.tokens import END, Comment, Tokens


def lex(source: Source, start: int = 0, end: int | None = None) -> Tokens:
    """Return the tokens of a source, or of its characters `start` to `end`."""
    tokens = Tokens(source)
    stop = len(source.text) if end is None else end
    position: int | None = start
    while position is not None:
        position = _lex_valid(tokens, position, stop)
    tokens.add(END, "", stop, stop)
    return tokens


def _lex_valid(tokens: Tokens, position: int, stop: int) -> int | None:
    """Append tokens up to the first damaged piece; return where to go on after it, or None."""
    tables = load_tables()
    kind_of = {**tables.words, **tables.punctuation}
    add_kind, add_text = tokens.kinds.append, tokens.texts.append
    add_start, add_end = tokens.starts.append, tokens.ends.append
    for match in master_pattern().finditer(tokens.source.text, position, stop):
        group = match.lastgroup or ""
        text, end = match[group], match.end()
        if group == "COMMENT":
            tokens.comments.append(Comment(Span(tokens.source, end - len(text), end), text))
            continue
        if group[0] == "b":
            return mend(tokens, group, end - len(text), end, stop)
        add_kind(kind_of.get(text, group))
        add_text(text)
        add_start(end - len(text))
        add_end(end)
    return None


@cache
def master_pattern() -> re.Pattern[str]:
    """Return one pattern for white space and then a token or a damaged piece (`bad_…`)."""
    patterns = load_tables().patterns
    punctuation = sorted(load_tables().punctuation, key=len, reverse=True)
    groups = {
        "NAME": patterns["NAME"] + r"(?!\w)",
        "COMMENT": patterns["COMMENT"],
        "bad_comment": r"/\*",
        "bad_fraction": r"\.\d\w*",
        "PUNCTUATION": "|".join(map(re.escape, punctuation)),
        "RAW_STRING": patterns["RAW_STRING"],
        "STRING": patterns["STRING"],
        "bad_space": rf"\d+(?:\.\d+)?[ \t]+(?:{'|'.join(UNIT_OF)})(?!\w|[ \t]*[:=(.])",
        "DURATION": patterns["DURATION"],
        "FLOAT": patterns["FLOAT"],
        "INT": patterns["INT"],
        "bad_number": r"\d\w*(?:\.\w*)*",
        "bad_raw_string": '"""',
        "bad_string": r"[\"'][^\n]*",
        "bad_word": r"[^\W\d]\w*",
        "bad_character": r"[^ \t\r\n]",
    }
    choices = "|".join(f"(?P<{name}>{pattern})" for name, pattern in groups.items())
    return re.compile(rf"[ \t\r\n]*+(?:{choices})")
