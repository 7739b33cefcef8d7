"""What the Python runtime cannot do, although the language has a meaning for it.

One table for both who asks: `kumeo check` warns while a file is written, and the Python backend
refuses to print.
"""

from collections.abc import Iterator, Mapping
from typing import Any, cast

from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Operation

from kumeo.analysis.places import point_of
from kumeo.analysis.risk_errors import NotRunnable
from kumeo.dialects.agent import AgentOp, QueryOp, ReviewOp
from kumeo.dialects.settings import from_setting
from kumeo.dialects.workflow import ContextOp, ForeachOp, SourceOp, TargetOp, TryOp

_MISSING = {"kafka": "Kafka", "mqtt": "MQTT"}
_DATABASES = ("sqlite", "postgresql", "postgres")
_FILE_FORMATS = ("json", "jsonl", "csv")
_CREDENTIALS = ({"bearer"}, {"user", "password"})
REVIEW_PLACE = (
    "ask where a message can wait, not inside of a `for`, a `try` or a fallback: before or "
    "behind it, about the whole list, or in a workflow that gets one event for each item"
)
Limit = tuple[str, str]
"""What the runtime cannot do, and what to write instead."""


def find_limits(module: ModuleOp) -> list[NotRunnable]:
    """Return what keeps the workflows of a module from being run, in the order of the file."""
    return list(_found(module))


def connector_limit(kind: str, settings: Mapping[str, Any]) -> Limit | None:
    """Return what the runtime cannot do of a source or target, or None."""
    if kind in _MISSING:
        bridge = "bridge the topic to a NATS subject and use `NATS(…)`, or use `HTTP(…)`"
        return _MISSING[kind], bridge
    if "url" in settings and kind == "nats":
        return "`url:`", "leave it out: `--nats URL` or KUMEO_NATS_URL names the server"
    if "durable" in settings and "stream" not in settings:
        return "`durable:` without `stream:`", "name the stream that has the consumer"
    if kind == "http" and settings.get("auth") and _is_odd(settings["auth"]):
        fix = 'write `auth: { bearer: secret("NAME") }` or `{ user: …, password: secret("NAME") }`'
        return "`auth:` with other entries", fix
    encoding = str(settings.get("format", "json"))
    known = _FILE_FORMATS if kind == "file" else ("json",)
    if encoding not in known:
        return f'the format "{encoding}" here', f"write one of {', '.join(known)}"
    return None


def database_limit(address: str) -> Limit | None:
    """Return what the runtime cannot do of a database; None also for one that a secret names."""
    kind, mark, _ = address.partition("://")
    if not mark or kind in _DATABASES:
        return None
    fix = "use PostgreSQL, `postgresql://HOST/NAME`, or SQLite, `sqlite:FILE`"
    return f"a database of the kind `{kind}`", fix


def review_limit(op: ReviewOp) -> Limit | None:
    """Return why no message can wait where a person is asked, or None."""
    inside = op.parent_op()
    while inside is not None:
        if isinstance(inside, ForeachOp | TryOp | AgentOp):
            where = "for" if isinstance(inside, ForeachOp) else "try"
            what = "a fallback" if isinstance(inside, AgentOp) else f"a `{where}`"
            return f"a review inside of {what}", REVIEW_PLACE
        inside = inside.parent_op()
    return None


def _found(module: ModuleOp) -> Iterator[NotRunnable]:
    for op in module.walk():
        limit = _limit(op)
        if limit is not None:
            name = op.agent_id if isinstance(op, AgentOp) else cast(SourceOp, op).symbol
            yield NotRunnable(point_of(op), name, *limit)


def _limit(op: Operation) -> Limit | None:
    if isinstance(op, SourceOp | TargetOp):
        return connector_limit(op.kind.data, settings_of(op))
    if isinstance(op, ContextOp) and op.kind.data == "database" and _is_asked(op):
        return database_limit(op.address.data)
    return review_limit(op) if isinstance(op, ReviewOp) else None


def _is_asked(context: ContextOp) -> bool:
    """Say whether a query reads a context; one that nobody reads stops nothing."""
    workflow = context.parent_op()
    queries = (op for op in workflow.walk() if isinstance(op, QueryOp)) if workflow else ()
    return any(op.context_name == context.symbol for op in queries)


def settings_of(op: SourceOp | TargetOp) -> dict[str, Any]:
    """Return the settings of an op as plain data."""
    return {key: from_setting(value) for key, value in op.settings.data.items()}


def _is_odd(auth: Any) -> bool:
    return not isinstance(auth, Mapping) or set(cast(Mapping[str, Any], auth)) not in _CREDENTIALS
