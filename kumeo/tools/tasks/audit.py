"""`kumeo tasks audit`: who has done what with tasks, also with those that are long done."""

import json
from typing import TYPE_CHECKING, Any

import click
import msgspec

from kumeo.tools.console import DONE, REJECTED, Console
from kumeo.tools.running.looking import Asked, asks, beginning, with_client
from kumeo.tools.running.shown import ID_SHOWN, cut, moment, table
from kumeo.tools.tasks.finding import has_tasks, unknown

if TYPE_CHECKING:
    from kumeo_runtime.client import RuntimeClient
    from kumeo_runtime.tasks.audit import Entry, Trail


@click.command("audit", short_help="Show who has done what with tasks.")
@asks
@click.argument("id", required=False)
@click.option("--json", "wants_json", is_flag=True, help="Write JSON lines.")
@click.pass_obj
def audit(
    console: Console, workflow: str, nats: str | None, state: str, id: str | None, wants_json: bool
) -> int:
    """Show who has done what with a task, or with all of them, oldest first.

    Every step is there: it is stored together with what it does. The exit code is 1 when an entry
    was changed or is missing.
    """

    async def work(client: "RuntimeClient") -> int:
        from kumeo_runtime.tasks.store import TaskStore

        from kumeo.tools.tasks.errors import TrailBroken

        trails = await TaskStore(client.shared).trails() if await has_tasks(client) else {}
        if id is not None:
            chosen = beginning(id, list(trails))
            if chosen is None:
                console.show([unknown(client, id)])
                return REJECTED
            trails = {chosen: trails[chosen]}
        _write(console, trails, wants_json)
        broken = [TrailBroken(None, each) for each, trail in trails.items() if not trail.is_intact]
        console.show(broken)
        return REJECTED if broken else DONE

    return with_client(console, Asked(workflow, nats, state), work)


def _write(console: Console, trails: "dict[str, Trail]", wants_json: bool) -> None:
    entries = [entry for trail in trails.values() for entry in trail.entries]
    entries.sort(key=lambda entry: entry.at_us)
    if wants_json:
        console.write("".join(_json(entry) + "\n" for entry in entries))
    elif entries:
        head = ["AT", "TASK", "STEP", "BY", "STATE", "WHAT"]
        console.write(table(head, [_row(entry) for entry in entries]))
    else:
        console.write("no task was ever asked\n")


def _json(entry: "Entry") -> str:
    from kumeo.tools.running.asked import iso

    data: dict[str, Any] = msgspec.to_builtins(entry)
    data["at"] = iso(data.pop("at_us"))
    return json.dumps(data, ensure_ascii=False)


def _row(entry: "Entry") -> list[str]:
    changed = [f"{c.path}: {_text(c.before)} → {_text(c.after)}" for c in entry.changes]
    filled = [] if entry.form is None else [_text(entry.form)]
    to = [f"to {', '.join(entry.to)}"] if entry.to else []
    parts = [entry.decision or "", *to, *filled, *changed, entry.comment]
    what = cut("; ".join(part for part in parts if part))
    return [moment(entry.at_us), entry.task[:ID_SHOWN], entry.action, entry.by, entry.after, what]


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
