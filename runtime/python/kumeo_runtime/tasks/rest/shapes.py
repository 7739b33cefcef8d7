"""What the REST service takes and answers; the OpenAPI document is made from these."""

from typing import Annotated, Any, Literal, TypeAlias

from msgspec import UNSET, Meta, Struct, UnsetType

from kumeo_runtime.tasks.audit import Action, Change
from kumeo_runtime.tasks.people import Role
from kumeo_runtime.tasks.rules import Act, FieldError

Moment: TypeAlias = Annotated[str, Meta(extra_json_schema={"format": "date-time"})]
Label: TypeAlias = Literal["open", "claimed", "decided", "timeout", "withdrawn"]


# -- answers


class Me(Struct, frozen=True):
    """Who asks, and what there is."""

    name: str
    groups: tuple[str, ...]
    roles: tuple[Role, ...]
    workflow: str
    is_local: bool
    """There is no people file: one user of this machine does everything."""
    people: tuple[str, ...]
    """Who takes tasks that are delegated."""
    teams: tuple[str, ...]
    """Groups that take tasks that are delegated."""


class Row(Struct, frozen=True):
    """A task in a list."""

    id: str
    title: str
    status: Label
    agent: str
    source: str
    event_id: str
    assignees: tuple[str, ...]
    holder: str
    priority: int
    asked: Moment
    due: Moment | None
    until: Moment | None
    """When the timer fires; then `on_timeout` holds."""
    attempt: int
    decision: str | None
    revision: int


class Page(Struct, frozen=True):
    """Tasks, the ones to be done first before."""

    tasks: list[Row]
    next: str | None
    """Give it as `after` to get more."""
    total: int


class Given(Struct, frozen=True):
    """How a task was answered."""

    decision: str | None
    by: str
    at: Moment
    form: Any
    value: Any
    """The edited value; null where nothing was changed."""
    is_edited: bool


class Detail(Struct, frozen=True):
    """Everything about a task."""

    id: str
    title: str
    status: Label
    agent: str
    source: str
    event_id: str
    assignees: tuple[str, ...]
    holder: str
    priority: int
    asked: Moment
    due: Moment | None
    until: Moment | None
    on_timeout: str
    attempt: int
    revision: int
    instructions: str
    text: str
    """The whole question as text."""
    input: Any
    input_schema: Any
    has_edit: bool
    edit: Any
    """The value that may be changed."""
    edit_schema: Any
    form_schema: Any
    decisions: tuple[str, ...]
    may: tuple[Act, ...]
    """What the one who asks may do now."""
    answer: Given | None


class Event(Struct, frozen=True):
    """An entry of the audit trail."""

    number: int
    at: Moment
    action: Action
    by: str
    before: str
    after: str
    attempt: int
    comment: str
    decision: str | None
    to: tuple[str, ...]
    form: Any
    changes: tuple[Change, ...]
    shown: str
    """SHA-256 of what the task showed."""
    via: str


class Audit(Struct, frozen=True):
    """What was done with a task, oldest first."""

    task: str
    entries: list[Event]
    is_intact: bool
    """Whether each entry follows from the one before it."""


class Session(Struct, frozen=True):
    """A session of a browser; the cookie comes beside it."""

    csrf: str
    """Send it as `X-Kumeo-CSRF` with everything that changes something."""
    me: Me


class Problem(Struct, frozen=True, omit_defaults=True):
    """Why something is not done (RFC 9457)."""

    title: str
    status: int
    code: str
    detail: str
    errors: tuple[FieldError, ...] = ()
    revision: int | None = None
    """The revision that is there now."""


# -- bodies


class Empty(Struct, frozen=True, forbid_unknown_fields=True):
    """Nothing."""


class Credentials(Struct, frozen=True, forbid_unknown_fields=True):
    """The token of a person."""

    token: str


class Release(Struct, frozen=True, forbid_unknown_fields=True):
    """Why it is given back."""

    comment: str = ""


class Delegate(Struct, frozen=True, forbid_unknown_fields=True):
    """Who gets it: a person or a group."""

    to: str
    comment: str = ""


class Comment(Struct, frozen=True, forbid_unknown_fields=True):
    """A text for the trail."""

    comment: str


class Decide(Struct, frozen=True, forbid_unknown_fields=True):
    """The answer."""

    decision: str
    form: dict[str, Any] | None = None
    value: Any | UnsetType = UNSET
    """The edited value, whole; left out where nothing was changed."""
    comment: str = ""


class Withdraw(Struct, frozen=True, forbid_unknown_fields=True):
    """Why nobody has to answer any more."""

    reason: str
