"""Crash reproducers: one file with a module, the passes to run and, as a comment, the traceback.

    // kumeo-opt --run-reproducer FILE
    // reproducer: {"pipeline": "cse,my-pass", "verify_each": true, ...}
    // traceback:
    //   File "my_pass.py", line 12, in apply
    builtin.module { ... }

The settings are JSON on one line. `--run-reproducer` reads them; everything else is IR text.
"""

import json
import traceback
from dataclasses import asdict, dataclass
from typing import Any, cast

from kumeo.diagnostics import Source
from kumeo.tools.errors import InvalidReproducer

_MARK = "// reproducer: "


@dataclass(frozen=True)
class Settings:
    """What has to be the same when the failure is repeated."""

    pipeline: str
    verify_each: bool = True
    allow_unregistered_dialect: bool = False
    check_semantics: int = 0
    """How many events each trial has; 0 not to check."""
    seed: int = 0


def make_reproducer(settings: Settings, ir_text: str, crash: BaseException | None) -> str:
    """Return the text of a reproducer file."""
    lines = ["// kumeo-opt --run-reproducer FILE", _MARK + json.dumps(asdict(settings))]
    if crash is not None:
        lines.append("// traceback:")
        lines += [f"//   {line}".rstrip() for line in describe_crash(crash).splitlines()]
    return "\n".join(lines) + "\n" + ir_text


def read_settings(source: Source) -> Settings | InvalidReproducer:
    """Return the settings in a reproducer file, or what is wrong with it."""
    lines = [line for line in source.text.splitlines() if line.startswith(_MARK)]
    if not lines:
        return InvalidReproducer(None, source.path, f"no line starts with `{_MARK.strip()}`")
    try:
        data: Any = json.loads(lines[0][len(_MARK) :])
    except ValueError as error:
        return InvalidReproducer(None, source.path, f"its settings are not JSON: {error}")
    problem = _check(data)
    if problem is not None:
        return InvalidReproducer(None, source.path, problem)
    return Settings(**cast(dict[str, Any], data))


def describe_crash(crash: BaseException) -> str:
    """Return a traceback without the notes that xDSL adds, which hold the whole module."""
    described = traceback.TracebackException.from_exception(crash)
    current: traceback.TracebackException | None = described
    while current is not None:
        current.__notes__ = None  # pyright: ignore
        current = current.__cause__ or current.__context__
    return "".join(described.format())


def _check(data: Any) -> str | None:
    types = {
        "pipeline": str,
        "verify_each": bool,
        "allow_unregistered_dialect": bool,
        "check_semantics": int,
        "seed": int,
    }
    if not isinstance(data, dict) or "pipeline" not in data:
        return "its settings have no pipeline"
    for key, value in cast(dict[str, Any], data).items():
        if key not in types:
            return f"its settings have an unknown key `{key}`"
        if not isinstance(value, types[key]):
            return f"its setting `{key}` has the wrong type"
    return None
