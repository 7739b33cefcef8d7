"""Make `grammar.json`, the parse tables of Kumeo, from `grammar.lark`.

    python -m kumeo.frontend.make_tables            # write the file
    python -m kumeo.frontend.make_tables --check    # exit with 1 when it is out of date

Only this module needs Lark. The compiler loads the tables (`tables.py`), which is fifty times
faster than to analyse the grammar at each start. Layout of the file:

    terminals  name -> {"text": "{"} or {"regex": "[0-9]+"}
    rules      [origin, builder, size, kept]; builder is "" for "hand on the kept child",
               "@list" for a helper list, else the name of a method of `TreeBuilder`
    states     [{terminal: action}, {rule: next state}]; an action n >= 0 shifts to state n,
               n < 0 reduces rule -1 - n
    soft       keywords that are read as NAME where they have no meaning of their own
    start, end {start symbol: state}
"""

import json
import sys
from pathlib import Path
from typing import Any, Protocol, cast

from lark import Lark
from lark.grammar import Rule

STARTS = ["start", "expr"]
_NAMES = ("soft", "variable")
"""The rules that list the keywords which may name things."""

FOLDER = Path(__file__).parent


class _ParseTable(Protocol):
    """What Lark's LALR analysis yields."""

    states: dict[int, dict[str, tuple[Any, Any]]]
    start_states: dict[str, int]
    end_states: dict[str, int]


def make_tables(grammar: str) -> dict[str, Any]:
    """Return the tables of a grammar as JSON data."""
    lark = Lark(grammar, parser="lalr", lexer="contextual", maybe_placeholders=False, start=STARTS)
    table: _ParseTable = cast(Any, lark.parser).parser._parse_table
    rules: list[Rule] = list(table_rules(lark))
    numbers = {rule: index for index, rule in enumerate(rules)}
    order = _state_order(table)
    empty = _empty_symbols(rules)
    return {
        "terminals": {t.name: _terminal(t) for t in sorted(lark.terminals, key=lambda t: t.name)},
        "rules": [_rule(rule, empty) for rule in rules],
        "states": [_state(table.states[old], numbers, order) for old in order],
        "soft": sorted({s.name for r in rules if r.origin.name in _NAMES for s in r.expansion}),
        "start": {name: order[table.start_states[name]] for name in STARTS},
        "end": {name: order[table.end_states[name]] for name in STARTS},
    }


def table_rules(lark: Lark) -> list[Rule]:
    """Return the rules in a fixed order."""
    return sorted(lark.rules, key=lambda r: (r.origin.name, [s.name for s in r.expansion]))


def render(tables: dict[str, Any]) -> str:
    """Return the text of `grammar.json`: one line for each rule and state."""
    parts: list[str] = []
    for key, value in tables.items():
        if isinstance(value, list):
            items = cast(list[Any], value)
            rows = ",\n".join(json.dumps(row, separators=(",", ":")) for row in items)
            parts.append(f'"{key}": [\n{rows}\n]')
        else:
            parts.append(f'"{key}": {json.dumps(value, indent=1)}')
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _state_order(table: _ParseTable) -> dict[int, int]:
    """Return {Lark's state number: ours}: ours do not change from run to run."""
    order: dict[int, int] = {}
    waiting = [table.start_states[name] for name in reversed(STARTS)]
    while waiting:
        state = waiting.pop()
        if state in order:
            continue
        order[state] = len(order)
        shifts = [a for _, a in sorted(table.states[state].items()) if a[0].name == "Shift"]
        waiting.extend(target for _, target in shifts)
    return order


def _empty_symbols(rules: list[Rule]) -> set[str]:
    """Return the helper rules, such as `_sep`, that never keep anything."""
    keeping = {r.origin.name for r in rules if any(_is_kept(s, set()) for s in r.expansion)}
    return {r.origin.name for r in rules if r.origin.name.startswith("_")} - keeping


def _is_kept(symbol: Any, empty: set[str]) -> bool:
    return symbol.name not in empty and not (symbol.is_term and symbol.filter_out)


def _rule(rule: Rule, empty: set[str]) -> list[Any]:
    origin = str(rule.origin.name)
    kept = [i for i, symbol in enumerate(rule.expansion) if _is_kept(symbol, empty)]
    builder = str(rule.alias or origin)
    if origin.startswith("_"):
        builder = "@list"
    elif rule.options.expand1 and not rule.alias and len(kept) == 1:
        builder = ""
    return [origin, builder, len(rule.expansion), kept]


def _terminal(terminal: Any) -> dict[str, str]:
    kind = "text" if terminal.pattern.type == "str" else "regex"
    return {kind: terminal.pattern.value}


def _state(
    actions: dict[str, tuple[Any, Any]], numbers: dict[Rule, int], order: dict[int, int]
) -> list[dict[str, int]]:
    terminals: dict[str, int] = {}
    gotos: dict[str, int] = {}
    for symbol, (action, argument) in sorted(actions.items()):
        if action.name != "Shift":
            terminals[symbol] = -1 - numbers[argument]
        elif symbol.isupper():
            terminals[symbol] = order[argument]
        else:
            gotos[symbol] = order[argument]
    return [terminals, gotos]


def main(arguments: list[str]) -> int:
    """Write or check `grammar.json`; return the exit code."""
    text = render(make_tables((FOLDER / "grammar.lark").read_text(encoding="utf-8")))
    path = FOLDER / "grammar.json"
    if "--check" in arguments:
        return int(not path.exists() or path.read_text(encoding="utf-8") != text)
    path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
