"""The tables of `docs/language/`, made from the tables of the compiler so that they cannot differ.

`make(name)` gives the Markdown of one generated part: `agent LLM`, `connector NATS`, `settings
nats`, `grammar`, … `make golden` writes them into the pages.
"""

import re
from collections.abc import Callable, Mapping
from pathlib import Path

from kumeo import frontend
from kumeo.frontend.elaborate.agents import KINDS, router
from kumeo.frontend.elaborate.agents.kind import COMMON
from kumeo.frontend.elaborate.arguments import Parameter, Role
from kumeo.frontend.elaborate.connectors import CONNECTOR_COMMON, CONNECTORS
from kumeo.frontend.elaborate.contexts import CONTEXTS
from kumeo.frontend.elaborate.settings import KNOWN_SETTINGS, Known

__all__ = ["CONNECTORS", "CONTEXTS", "KINDS", "KNOWN_SETTINGS", "make"]

_ROLES: Mapping[Role, str] = {
    Role.VALUE: "expression",
    Role.REFERENCE: "reference",
    Role.CONDITION: "condition",
    Role.TEMPLATE: "prompt",
    Role.TEXT: "string",
    Role.INTEGER: "integer",
    Role.NUMBER: "number",
    Role.BOOLEAN: "`true` or `false`",
    Role.DURATION: "duration",
    Role.TYPE: "type",
    Role.SETTINGS: "constant",
    Role.RAW: "own form",
}
_COMMENT = re.compile(r"\s*//.*")
_ALIAS = re.compile(r"\s+-> \w+")
_BRACKET = re.compile(r'"[^"]*"|[\[\]]')
_TERMINAL = re.compile(r"\b[A-Z]{2,}\b")
_RULE = re.compile(r"\??(?P<name>_?[a-z]\w*):")


def make(name: str) -> str:
    """Return the generated part called `name`, without blank lines around it."""
    maker, _, argument = name.partition(" ")
    return _MAKERS[maker](argument)


def agent_table(kind: str) -> str:
    """Return the parameters of an agent kind."""
    if kind == "Router":
        return parameter_table(router.PARAMETERS)
    found = KINDS[kind]
    return parameter_table(found.parameters, found.positional)


def common_table(_: str) -> str:
    """Return the parameters that all agent kinds take."""
    return parameter_table(COMMON)


def kinds_table(_: str) -> str:
    """Return all agent kinds with their summaries."""
    rows = [
        f"| `{name}` | {kind.summary} | {_acts(kind.is_acting)} |" for name, kind in KINDS.items()
    ]
    return _table("| kind | does | acts |", rows)


def connector_table(name: str) -> str:
    """Return the parameters of a source or target."""
    positional, parameters = CONNECTORS[name]
    return parameter_table(parameters, (positional,))


def connector_common_table(_: str) -> str:
    """Return the parameters that all sources and targets take."""
    return parameter_table(CONNECTOR_COMMON)


def context_table(name: str) -> str:
    """Return the parameters of a context."""
    _, positional, parameters = CONTEXTS[name]
    return parameter_table(parameters, (positional,))


def settings_table(section: str) -> str:
    """Return the settings of a section such as `nats`."""
    rows = _setting_rows(KNOWN_SETTINGS[section], "")
    return _table("| setting | value |", rows)


def parameter_table(parameters: Mapping[str, Parameter], positional: tuple[str, ...] = ()) -> str:
    """Return a table of parameters; positional ones carry their number."""
    rows = [
        f"| `{name}`{_mark(name, parameter, positional)} | {_ROLES[parameter.role]} "
        f"| {parameter.meaning} |"
        for name, parameter in parameters.items()
    ]
    return _table("| parameter | takes | meaning |", rows)


def grammar(_: str) -> str:
    """Return the grammar as EBNF: the rules of `grammar.lark` without what only Lark needs."""
    text = grammar_text()
    fixed = dict(re.findall(r'^([A-Z]+): ("[^"]+")$', text, re.M))
    lines = [
        _TERMINAL.sub(lambda found: fixed.get(found[0], found[0]), _optional(line))
        for line in grammar_rules(text)
    ]
    return "```ebnf\n" + "\n".join(lines) + "\n```"


def terminals(_: str) -> str:
    """Return the terminals that are patterns, as regular expressions."""
    found = re.findall(r"^([A-Z_]+): /(.*)/$", grammar_text(), re.M)
    return "```ebnf\n" + "\n".join(f"{name:<12} ::= /{text}/" for name, text in found) + "\n```"


def grammar_text() -> str:
    """Return the text of `grammar.lark`."""
    return Path(frontend.__file__).with_name("grammar.lark").read_text(encoding="utf-8")


def grammar_rules(text: str) -> list[str]:
    """Return the rules of a Lark grammar as EBNF, one alternative or one rule a line."""
    lines: list[str] = []
    is_rule = False
    for line in text.splitlines():
        code = _ALIAS.sub("", _COMMENT.sub("", line)).rstrip()
        named = _RULE.match(code)
        is_rule = named is not None or (is_rule and code.startswith(" "))
        if named is not None:
            lines.append(f"{named['name']:<16} ::= {code[named.end() :].strip()}")
        elif is_rule and code:
            lines.append(f"{'':<16}  {code.strip().replace('| ', '  | ', 1)}")
    return lines


def _optional(line: str) -> str:
    """Return a line of Lark's notation with `(x)?` for `[x]`."""
    written = {"[": "(", "]": ")?"}
    return _BRACKET.sub(lambda found: written.get(found[0], found[0]), line)


def _acts(value: bool) -> str:
    return "yes" if value else ""


def _mark(name: str, parameter: Parameter, positional: tuple[str, ...]) -> str:
    required = " *" if parameter.is_required else ""
    return required + (f" ({positional.index(name) + 1})" if name in positional else "")


def _setting_rows(known: Known, prefix: str) -> list[str]:
    rows: list[str] = []
    for name, entry in known.items():
        if isinstance(entry, Mapping):
            rows += _setting_rows(entry, f"{prefix}{name}.")
        else:
            rows.append(f"| `{prefix}{name}` | {entry[0]} |")
    return rows


def _table(head: str, rows: list[str]) -> str:
    line = "|" + "---|" * (head.count("|") - 1)
    return "\n".join([head, line, *rows])


_MAKERS: Mapping[str, Callable[[str], str]] = {
    "agent": agent_table,
    "agents": kinds_table,
    "common": common_table,
    "connector": connector_table,
    "connectors": connector_common_table,
    "context": context_table,
    "settings": settings_table,
    "grammar": grammar,
    "terminals": terminals,
}
