"""`HumanReview`: a person decides, may change a value, and is asked again or replaced in time."""

from typing import Any, cast

from xdsl.ir import Attribute, SSAValue

from kumeo.diagnostics import nearest
from kumeo.dialects import agent
from kumeo.dialects.agent.outside import EDITED
from kumeo.dialects.data import STR, TIME, EnumType, RecordType, is_nullable
from kumeo.frontend import tree
from kumeo.frontend.elaborate.agents.kind import AgentCall, Kind
from kumeo.frontend.elaborate.arguments import Parameter, Role
from kumeo.frontend.elaborate.context import is_poison
from kumeo.frontend.elaborate.settings import pairs_of
from kumeo.frontend.elaborate.type_arguments import type_argument
from kumeo.frontend.errors.sections import InvalidSetting, MissingArgument

_ON_TIMEOUT = ("escalate", "fail")
_OWN = ("decision", "by", "at")
"""Fields of the result that every review has."""


def build_review(call: AgentCall) -> agent.AgentOp | SSAValue:
    """Return the `agent.review` of a `HumanReview`."""
    value, edit = call.input("input"), call.build("edit")
    decisions = _decisions(call)
    form = _form(call, edit is not None)
    settings = _settings(call)
    on_timeout = call.arguments.constant("on_timeout")
    if "timeout_us" in settings:
        _check_on_timeout(call, on_timeout, decisions)
    if on_timeout in decisions:
        _check_empty_form(call, form)
    if on_timeout is not None:
        settings["on_timeout"] = on_timeout
    if on_timeout in (None, "fail", *decisions):  # A misspelt `escalate` is one mistake.
        _check_escalation(call, on_timeout)
    edited = {} if edit is None else {EDITED: edit.type}
    fields: dict[str, Attribute] = {"decision": EnumType.of(*decisions), "by": STR, "at": TIME}
    fields |= {**edited, **form}
    if is_poison(value) or any(is_poison(kind) for kind in fields.values()):
        return call.poison()
    result = RecordType.of(fields)
    return agent.ReviewOp(call.name, call.site, value, result, settings, edit)


def _settings(call: AgentCall) -> dict[str, Any]:
    """Return texts, people and times; those in the order of the language, these in microseconds."""
    found = call.arguments.settings("title", "instructions", "assignees", "group", "priority")
    found |= call.arguments.settings("escalate_to")
    for name in ("assignees", "escalate_to"):
        if name in found and not _are_people(found[name]):
            _refuse(call, name, "a name, or a list of names of people and groups")
    for name in ("timeout", "due", "reminder"):
        time = call.arguments.raw(name)
        if isinstance(time, tree.Duration) and time.value_us > 0:
            found[f"{name}_us"] = time.value_us
        elif time is not None and name != "timeout":
            _refuse(call, name, "a duration above zero, such as `20h`")
    return found


def _are_people(value: Any) -> bool:
    names = cast(list[Any], value) if isinstance(value, list) else [value]
    return bool(names) and all(isinstance(name, str) and name for name in names)


def _refuse(call: AgentCall, name: str, expected: str) -> None:
    node = call.arguments.raw(name)
    assert node is not None, "only what is given can be wrong"
    call.body.ctx.report(InvalidSetting(node.span, name, expected))


def _check_escalation(call: AgentCall, on_timeout: object) -> None:
    if "escalate_to" in call.arguments and on_timeout != "escalate":
        _refuse(call, "escalate_to", 'nothing without `on_timeout: "escalate"`')


def _decisions(call: AgentCall) -> list[str]:
    name = call.arguments.first_of("decisions", "options")
    if name is None:
        return ["approve", "reject"]
    node = call.arguments.raw(name)
    items = node.items if isinstance(node, tree.Array) else ()
    texts = [_name(item) for item in items]
    names = [text for text in texts if text is not None]
    if len(names) != len(items) or not names or len(set(names)) != len(names):
        assert node is not None
        report = InvalidSetting(node.span, name, 'a list such as `["approve", "reject"]`')
        call.body.ctx.report(report)
        return ["approve", "reject"]
    return names


def _name(node: tree.Expr) -> str | None:
    if isinstance(node, tree.String):
        return node.value
    return node.name if isinstance(node, tree.Variable) else None


def _form(call: AgentCall, is_editing: bool) -> dict[str, Attribute]:
    """Return the fields of `form: { reason: string, limit: float? }`."""
    node = call.arguments.raw("form")
    if node is None:
        return {}
    if not isinstance(node, tree.Object):
        call.body.ctx.report(InvalidSetting(node.span, "form", "`{ field: type }`"))
        return {}
    taken = (*_OWN, EDITED) if is_editing else _OWN
    fields: dict[str, Attribute] = {}
    for name, pair in pairs_of(call.body.ctx, node).items():
        kind = type_argument(call.body.ctx, pair.value)
        if kind is None or name in taken:
            call.body.ctx.report(InvalidSetting(pair.span, f"form.{name}", "a new field's type"))
        else:
            fields[name] = kind
    return fields


def _check_on_timeout(call: AgentCall, given: object, decisions: list[str]) -> None:
    known = (*_ON_TIMEOUT, *decisions)
    shown = ", ".join(f'`"{each}"`' for each in known)
    node = call.arguments.raw("on_timeout")
    if node is None:
        meaning = f"one of {shown}"
        report = MissingArgument(call.arguments.place, call.arguments.owner, "on_timeout", meaning)
        call.body.ctx.report(report)
    elif given is not None and given not in known:
        close = nearest(str(given), ("escalate", "fail", *decisions))
        fix = f'write `"{close}"`' if close else ""
        call.body.ctx.report(InvalidSetting(node.span, "on_timeout", f"one of {shown}", fix))


def _check_empty_form(call: AgentCall, form: dict[str, Attribute]) -> None:
    """Report a decision without a person when a person would have to fill in fields."""
    required = [name for name, kind in form.items() if not is_nullable(kind)]
    node = call.arguments.raw("on_timeout")
    if required and node is not None:
        shown = ", ".join(f"`{name}`" for name in required)
        expected = f'`"escalate"` or `"fail"`: nobody fills in {shown}'
        call.body.ctx.report(InvalidSetting(node.span, "on_timeout", expected))


HUMAN_REVIEW = Kind(
    "asks a person to decide",
    {
        "input": Parameter(Role.REFERENCE, "what the person sees"),
        "edit": Parameter(Role.REFERENCE, "a value that the person may change"),
        "title": Parameter(Role.TEXT, "a line that names the task"),
        "instructions": Parameter(Role.TEXT, "what to look at"),
        "assignees": Parameter(Role.SETTINGS, "people who may take the task"),
        "group": Parameter(Role.TEXT, "a group that may take the task"),
        "decisions": Parameter(Role.RAW, 'the answers; `["approve", "reject"]` when left out'),
        "options": Parameter(Role.RAW, "the same, in the draft's style"),
        "form": Parameter(Role.RAW, "fields that the person fills in, as `{ field: type }`"),
        "priority": Parameter(Role.INTEGER, "the higher, the earlier in the list; 0 when left out"),
        "due": Parameter(Role.DURATION, "when it should be done; nothing happens then"),
        "reminder": Parameter(Role.DURATION, "when to remind"),
        "on_timeout": Parameter(Role.TEXT, "`escalate`, `fail` or a decision"),
        "escalate_to": Parameter(Role.SETTINGS, "people and groups who get it after the timeout"),
    },
    build_review,
    is_acting=True,
    waits=True,
)
