"""Turns one cell of a decision table into the text of a condition on its column.

    | cell of column `amount`       | condition                                  |
    |-------------------------------|--------------------------------------------|
    | blank, `-`                    | `true`                                     |
    | `10`, `= 10`, `"CL"`, `CL`    | `amount == 10`, `amount == "CL"`           |
    | `> 10`, `<= 5`, `!= 3`        | `amount > 10`, `amount <= 5`, `amount != 3`|
    | `10..20`, `[10..20)`          | `(amount >= 10 and amount < 20)`           |
    | `CL, AR`, `< 5, > 10`         | `amount in ["CL", "AR"]`, `(… or …)`       |
    | `not CL`, `not (1, 2)`        | `not (amount == "CL")`, …                  |
    | `> config.limit`              | `amount > config.limit`                    |

A bare word is a text, or the name of an enum value where the column is an enum.
"""

import json
import re
from collections.abc import Sequence

MAX_CELL = 1000
"""Characters of a cell; longer ones are damage, and would make the patterns slow."""

_COMPARISON = re.compile(r"(<=|>=|==|!=|<|>|=)\s*(.*)", re.DOTALL)
_RANGE = re.compile(r"([\[(\]]?)\s*(.+?)\s*\.\.\s*(.+?)\s*([\])\[]?)", re.DOTALL)
_NOT = re.compile(r"not(?:\s+(?P<open>.+)|\s*\((?P<closed>.+)\))", re.DOTALL)
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?:ms|s|m|h|d)?")
_PATH = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+")
_WORDS = re.compile(r"[^\W\d]\w*(?:[ \-/:.+&]+\w+)*|\d[\w\-/:.+ ]*\w")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\'')
_PART = re.compile(r"""(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\([^()]*\)|[^,"'(]|["'(])+""")
_SIMPLE_COLUMN = re.compile(r"[A-Za-z_][\w.]*(?:\([^()]*\))?")


def cell_to_condition(column: str, cell: str) -> str | None:
    """Return the condition of a cell on the expression `column`, None for an unknown form."""
    subject = column if _SIMPLE_COLUMN.fullmatch(column) else f"({column})"
    text = cell.strip()
    if text in ("", "-"):
        return "true"
    if len(text) > MAX_CELL:
        return None
    negated = _NOT.fullmatch(text)
    if negated is None:
        return _tests(subject, text)
    listed = (negated["open"] or negated["closed"]).strip()
    inner = _tests(subject, listed)
    if inner is None and listed.startswith("(") and listed.endswith(")"):
        inner = _tests(subject, listed[1:-1].strip())
    return None if inner is None else f"not ({inner})"


def _tests(subject: str, text: str) -> str | None:
    parts = [part.strip() for part in _PART.findall(text)]
    if text.count(",") and (text.endswith(",") or text.startswith(",") or "" in parts):
        return None
    literals = [_operand(part) for part in parts]
    if len(parts) > 1 and None not in literals:
        return f"{subject} in [{', '.join(str(text) for text in literals)}]"
    return _any_of([_test(subject, part) for part in parts])


def _any_of(tests: Sequence[str | None]) -> str | None:
    found = [test for test in tests if test is not None]
    if not found or len(found) != len(tests):
        return None
    return found[0] if len(found) == 1 else f"({' or '.join(found)})"


def _test(subject: str, text: str) -> str | None:
    comparison = _COMPARISON.fullmatch(text)
    if comparison:
        operator = "==" if comparison[1] == "=" else comparison[1]
        operand = _operand(comparison[2])
        return None if operand is None else f"{subject} {operator} {operand}"
    operand = _operand(text)
    if operand is not None:
        return f"{subject} == {operand}"
    return _range(subject, text)


def _range(subject: str, text: str) -> str | None:
    """Return both comparisons of a range; `(` and `]` before, `)` and `[` after are exclusive."""
    match = _RANGE.fullmatch(text)
    if match is None or bool(match[1]) != bool(match[4]):
        return None
    low, high = _operand(match[2]), _operand(match[3])
    if low is None or high is None:
        return None
    above = ">" if match[1] in ("(", "]") else ">="
    below = "<" if match[4] in (")", "[") else "<="
    return f"({subject} {above} {low} and {subject} {below} {high})"


def _operand(text: str) -> str | None:
    """Return a literal or a path as an expression, None for anything else."""
    if _NUMBER.fullmatch(text) or _PATH.fullmatch(text) or _QUOTED.fullmatch(text):
        return text
    if text in ("true", "false", "null"):
        return text
    is_text = _WORDS.fullmatch(text) is not None and ".." not in text
    return json.dumps(text, ensure_ascii=False) if is_text else None
