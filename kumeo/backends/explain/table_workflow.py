"""A small workflow around a decision table, with the types that its cells suggest."""

import re

from kumeo.frontend.signatures import DecisionTable

_NAME = re.compile(r"(?:source\.|input\.)?([A-Za-z_]\w*)")
_TEXT = re.compile(r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\'')
_CONFIG = re.compile(r"\bconfig\.([A-Za-z_]\w*)")
_NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])")
_DURATION = re.compile(r"(?<![\w.])\d+(?:\.\d+)?(?:ms|s|m|h|d)\b")
_TRUTH = re.compile(r"\b(?:true|false)\b")
_RESERVED = frozenset({"source", "input", "config", "target", "now", "true", "false", "null"})


def column_types(table: DecisionTable) -> dict[str, str | None]:
    """Return the type of each column, None where its cells do not agree on one."""
    columns = [cell.text for cell in table.inputs]
    return {
        column: _type_of([rule.cells[i].text for rule in table.rules], column)
        for i, column in enumerate(columns)
    }


def _type_of(conditions: list[str], column: str) -> str | None:
    kinds: set[str] = set()
    is_optional = False
    for condition in conditions:
        if condition == "true":
            continue
        is_optional |= re.search(r"\bnull\b", condition) is not None
        kinds |= _kinds(condition.replace(column, ""))
    if len(kinds) > 1:
        return None
    return (kinds.pop() if kinds else "float") + ("?" if is_optional else "")


def _kinds(condition: str) -> set[str]:
    rest = _TEXT.sub(" ", condition)
    found = {"string"} if rest != condition else set[str]()
    patterns = {"float": _NUMBER, "duration": _DURATION, "bool": _TRUTH}
    return found | {kind for kind, pattern in patterns.items() if pattern.search(rest)}


def workflow_of(table: DecisionTable, name: str) -> str | None:
    """Return the text of a workflow that decides by the table, None when no types are clear."""
    fields: dict[str, str] = {}
    for column, kind in column_types(table).items():
        match = _NAME.fullmatch(column)
        if match is None or kind is None or match[1] in _RESERVED:
            return None
        fields[match[1]] = kind
    lines = "\n".join(f"  {field}: {kind}" for field, kind in fields.items())
    texts = [cell.text for rule in table.rules for cell in rule.cells]
    settings = sorted({name for text in texts for name in _CONFIG.findall(text)})
    config = ", ".join(f"{setting}: 0.0" for setting in settings)
    ending = name.rsplit(".", 1)[-1].lower()
    return f"""schema Event {{
{lines}
}}

workflow Table {{
  source: NATS("events", schema: Event)
  target: NATS("decisions")
  {f"config: {{ {config} }}" if config else ""}
  agents: [
    DecisionMatrix(id: "decision", input: source, rules: "table.{ending}")
    emit decision to target.target
  ]
}}
"""
