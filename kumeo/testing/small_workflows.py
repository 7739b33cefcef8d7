"""`play` runs the body of a small workflow, written as IR text, on some events."""

from collections.abc import Sequence
from typing import Any

from xdsl.context import Context
from xdsl.dialects.builtin import Builtin, ModuleOp
from xdsl.parser import Parser

from kumeo.dialects.agent import AGENT
from kumeo.dialects.data import DATA
from kumeo.dialects.workflow import WORKFLOW
from kumeo.interp import Event, Run, World, run

TEMPLATE = """
{outside}
workflow.workflow @W {{
  workflow.source @s nats("s") : {source}
  workflow.target @t nats("t")
  workflow.target @u nats("u")
  workflow.target @errors nats("errors")
  {declarations}
  workflow.on @s (%e: {source}) {on_error} {{
    {body}
    workflow.return
  }}
}}
"""

CONSTANTS = """
%zero = data.constant 0 : i64
%one = data.constant 1 : i64
%two = data.constant 2 : i64
%yes = data.constant true : i1
%no = data.constant false : i1
%bad = data.rem %one, %zero : i64
%worse = data.unwrap %null : i64
%badflag = data.compare eq, %bad, %one : i64
"""


def parse(text: str) -> ModuleOp:
    """Return the verified module of a text."""
    context = Context()
    for dialect in (Builtin, DATA, WORKFLOW, AGENT):
        context.load_dialect(dialect)
    module = Parser(context, text).parse_module()
    module.verify()
    return module


def module_of(
    body: str,
    source: str = "i64",
    declarations: str = "",
    outside: str = "",
    on_error: str = "",
) -> ModuleOp:
    """Return a module with one workflow `W` whose activation body is `body`.

    The body sees the event as `%e`, and `CONSTANTS` as far as it names them.
    """
    used = [line for line in CONSTANTS.splitlines() if line and _is_used(line, body)]
    null = ["%null = data.none : !data.option<i64>"] if "%worse" in body else []
    text = TEMPLATE.format(
        body="\n    ".join([*null, *used, body]),
        source=source,
        declarations=declarations,
        outside=outside,
        on_error=f"on_error {on_error}" if on_error else "",
    )
    return parse(text)


def _is_used(line: str, body: str) -> bool:
    name = line.split(" ")[0]
    needed = {"%one": ["%bad"], "%zero": ["%bad"], "%bad": ["%badflag"]}.get(name, [])
    return any(each in body for each in [name, *needed])


def events_of(payloads: Sequence[Any]) -> list[Event]:
    """Return events `e0`, `e1`, … of the source `s`."""
    return [Event(f"e{i}", "s", payload) for i, payload in enumerate(payloads)]


def play(
    body: str, payloads: Sequence[Any] = (1,), world: World | None = None, **parts: str
) -> Run:
    """Run a body on payloads (or events) in a world; by default on the payload 1, once."""
    events = [p for p in payloads if isinstance(p, Event)] or events_of(payloads)
    return run(module_of(body, **parts), "W", events, world or World())
