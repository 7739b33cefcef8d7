"""Agents that ask the outside world (`READ`) or change it (`ACTS`)."""

from collections.abc import Mapping, Sequence
from typing import ClassVar, Unpack

from xdsl.dialects.builtin import (
    ArrayAttr,
    DictionaryAttr,
    IntegerAttr,
    StringAttr,
    SymbolRefAttr,
    f64,
    i64,
)
from xdsl.ir import Attribute, Operation
from xdsl.irdl import (
    irdl_op_definition,
    operand_def,
    opt_operand_def,
    opt_prop_def,
    prop_def,
    var_operand_def,
)
from xdsl.utils.exceptions import VerifyException

from kumeo.dialects.agent.attrs import Cost
from kumeo.dialects.agent.base import (
    AgentOp,
    Shared,
    Value,
    names_attr,
    reference,
    require,
)
from kumeo.dialects.data.types import STR, EnumType, ListType, RecordType
from kumeo.dialects.facts import ACTS, READ, Facts
from kumeo.dialects.settings import Setting, from_setting, strings_of, to_settings
from kumeo.dialects.symbols import Wanted

REDUCERS = ("count", "sum", "min", "max", "mean", "last", "first")
PASSAGE = RecordType.of({"text": STR, "source": STR, "score": f64})
"""One passage that a knowledge base finds."""
EDITED = "value"
"""The field of the result of a review that holds the edited value."""


@irdl_op_definition
class RetrieveOp(AgentOp):
    """Reads a context: the passages that fit a query, or all of its text without one.

    %r = agent.retrieve @policies (query = %q) settings {top = 5 : i64} id "find" site "find"
      : (!data.str) -> !data.list<!data.record<{text: !data.str, source: !data.str, score: f64}>>
    """

    name = "agent.retrieve"

    context = prop_def(SymbolRefAttr)
    settings = prop_def(DictionaryAttr)
    query = opt_operand_def(STR)

    HEAD: ClassVar[tuple[tuple[str, str], ...]] = (("context", "symbol"),)
    SYMBOLS: ClassVar[Mapping[str, tuple[Wanted, ...]]] = {
        "context": (Wanted("context", ("knowledge", "table")),)
    }
    OPERANDS: ClassVar[tuple[str, ...]] = ("query",)
    CLAUSES: ClassVar[tuple[str, ...]] = ("settings",)
    COST: ClassVar[Cost] = Cost(latency_us=50_000)
    FACTS: ClassVar[Facts] = READ

    def __init__(
        self,
        agent_id: str,
        site: str,
        context: str,
        query: Value | None = None,
        settings: Mapping[str, Setting] | None = None,
        **shared: Unpack[Shared],
    ) -> None:
        properties: dict[str, Attribute | None] = {
            "context": reference(context),
            "settings": to_settings(settings),
        }
        result_type = STR if query is None else ListType(PASSAGE)
        self.fill(agent_id, site, [query], properties, result_type, shared)

    @property
    def context_name(self) -> str:
        """Name of the `workflow.context`."""
        return self.context.string_value()

    def verify_agent(self) -> None:
        """Check the result: passages for a query, text without one."""
        wanted = STR if self.query is None else ListType(PASSAGE)
        if self.result.type != wanted:
            when = "without a query" if self.query is None else "for a query"
            raise VerifyException(f"gives {wanted} {when}, not {self.result.type}")


@irdl_op_definition
class QueryOp(AgentOp):
    """Asks a database. Parameters are bound by name and never pasted into the text.

    %r = agent.query @cards (id = %card) sql "select owner from cards where id = :id"
      id "owner" site "owner" : (!data.str) -> !data.list<!data.record<{owner: !data.str}>>

    `effects "acts"` stands behind the query of a database that may be written.
    """

    name = "agent.query"

    context = prop_def(SymbolRefAttr)
    sql = prop_def(StringAttr)
    names = prop_def(ArrayAttr[StringAttr])
    effects = opt_prop_def(StringAttr)
    parameters = var_operand_def()

    HEAD: ClassVar[tuple[tuple[str, str], ...]] = (("context", "symbol"),)
    SYMBOLS: ClassVar[Mapping[str, tuple[Wanted, ...]]] = {
        "context": (Wanted("context", ("database", "table")),)
    }
    NAMES: ClassVar[str | None] = "names"
    CLAUSES: ClassVar[tuple[str, ...]] = ("sql", "effects")
    COST: ClassVar[Cost] = Cost(latency_us=5_000)

    def __init__(
        self,
        agent_id: str,
        site: str,
        context: str,
        sql: str,
        parameters: Sequence[Value],
        names: Sequence[str],
        result_type: Attribute,
        effects: str | None = None,
        **shared: Unpack[Shared],
    ) -> None:
        properties: dict[str, Attribute | None] = {
            "context": reference(context),
            "sql": StringAttr(sql),
            "names": names_attr(names),
            "effects": None if effects is None else StringAttr(effects),
        }
        self.fill(agent_id, site, [list(parameters)], properties, result_type, shared)

    @property
    def context_name(self) -> str:
        """Name of the `workflow.context`."""
        return self.context.string_value()

    def effect_facts(self) -> Facts:
        """Return what a query may do: it acts if its database may be written."""
        return READ if self.effects is None else ACTS

    def verify_symbols(self, declared: Mapping[str, Sequence[Operation]]) -> None:
        """Check that `effects` says whether the database may be written."""
        for context in declared.get("context", ()):
            settings = context.properties.get("settings")
            found = settings.data.get("read_only") if isinstance(settings, DictionaryAttr) else None
            is_written = found is not None and from_setting(found) is False
            says = "may be written" if is_written else "is read only"
            fits = is_written == (self.effects is not None)
            require(fits, f"does not say what it does: `@{self.context_name}` {says}")

    def verify_agent(self) -> None:
        """Check that there is a query and that each parameter has a name."""
        given = None if self.effects is None else self.effects.data
        require(given in (None, "acts"), f"unknown effects `{given}`: write acts, or nothing")
        require(bool(self.sql.data.strip()), "asks nothing: write a query in `sql`")
        count = len(self.parameters)
        require(len(self.names.data) == count, "each parameter needs a name")


@irdl_op_definition
class ReviewOp(AgentOp):
    """Asks a person. The activation is parked until the answer or the timeout.

    %r = agent.review (input = %case) settings {title = "Large payment"} id "check" site "check"
      : (!case) -> !data.record<{decision: !answer, by: !data.str, at: !data.time}>

    `edit` is a value that the person may change; the field `value` of the result is that value as
    the person left it.
    """

    name = "agent.review"

    settings = prop_def(DictionaryAttr)
    input = operand_def()
    edit = opt_operand_def()

    OPERANDS: ClassVar[tuple[str, ...]] = ("input", "edit")
    CLAUSES: ClassVar[tuple[str, ...]] = ("settings",)
    JUDGES: ClassVar[bool] = True
    COST: ClassVar[Cost] = Cost(latency_us=3_600_000_000)
    PARKS: ClassVar[bool] = True
    FACTS: ClassVar[Facts] = ACTS

    def __init__(
        self,
        agent_id: str,
        site: str,
        input: Value,
        result_type: Attribute,
        settings: Mapping[str, Setting] | None = None,
        edit: Value | None = None,
        **shared: Unpack[Shared],
    ) -> None:
        properties: dict[str, Attribute | None] = {"settings": to_settings(settings)}
        self.fill(agent_id, site, [input, edit], properties, result_type, shared)

    def verify_agent(self) -> None:
        """Check that the person decides something, what may be changed, and the times."""
        kind = self.result.type
        decision = kind.field("decision") if isinstance(kind, RecordType) else None
        is_enum = isinstance(decision, EnumType)
        require(is_enum, "the result is a record with an enum field `decision`")
        if self.edit is not None and isinstance(kind, RecordType):
            wanted = self.edit.type
            is_kept = kind.field(EDITED) == wanted
            require(is_kept, f"the result has no field `{EDITED}` of the type {wanted} of `edit`")
        for word in ("timeout", "due", "reminder"):
            time = self.settings.data.get(f"{word}_us")
            us = time.value.data if isinstance(time, IntegerAttr) else 1
            require(us > 0, f"the {word} is {us} us: write a positive time")


@irdl_op_definition
class AggregateOp(AgentOp):
    """Keeps state for each key over a window of time and gives the state after this event.

    %r = agent.aggregate (key = %card, n = %tx, total = %amount) reducers ["count", "sum"]
      window_us 600000000 : i64 id "recent" site "recent"
      : (!data.str, !tx, f64) -> !data.record<{n: i64, total: f64}>
    """

    name = "agent.aggregate"

    names = prop_def(ArrayAttr[StringAttr])
    reducers = prop_def(ArrayAttr[StringAttr])
    window = opt_prop_def(IntegerAttr, prop_name="window_us")
    key = operand_def()
    values = var_operand_def()

    OPERANDS: ClassVar[tuple[str, ...]] = ("key",)
    NAMES: ClassVar[str | None] = "names"
    CLAUSES: ClassVar[tuple[str, ...]] = ("reducers", "window_us")
    COST: ClassVar[Cost] = Cost(latency_us=1_000)
    FACTS: ClassVar[Facts] = ACTS

    def __init__(
        self,
        agent_id: str,
        site: str,
        key: Value,
        window_us: int | None,
        values: Sequence[Value],
        reducers: Sequence[str],
        names: Sequence[str],
        result_type: Attribute,
        **shared: Unpack[Shared],
    ) -> None:
        properties: dict[str, Attribute | None] = {
            "names": names_attr(names),
            "reducers": names_attr(reducers),
            "window_us": None if window_us is None else IntegerAttr(window_us, i64),
        }
        self.fill(agent_id, site, [key, list(values)], properties, result_type, shared)

    @property
    def window_us(self) -> int | None:
        """Length of the window, or None for all time."""
        return None if self.window is None else self.window.value.data

    def verify_agent(self) -> None:
        """Check the reducers, the window and the record that they give."""
        reducers, names = strings_of(self.reducers), strings_of(self.names)
        for reducer in reducers:
            known = ", ".join(REDUCERS)
            require(reducer in REDUCERS, f"unknown reducer `{reducer}`: write one of {known}")
        require(bool(reducers), "reduces nothing: give at least one reducer")
        count = len(self.values)
        require(len(reducers) == count, f"has {count} values but {len(reducers)} reducers")
        require(len(names) == count, "each reducer needs a name")
        positive = self.window_us is None or self.window_us > 0
        require(positive, f"the window is {self.window_us} us: write a positive time")
        types = [_reduced(r, v.type) for r, v in zip(reducers, self.values, strict=True)]
        wanted = RecordType.of(dict(zip(names, types, strict=True)))
        require(self.result.type == wanted, f"gives {wanted}, not {self.result.type}")


def _reduced(reducer: str, type: Attribute) -> Attribute:
    """Return the type of a reduced value; the window holds at least this event."""
    if reducer == "count":
        return i64
    if reducer in ("sum", "mean", "min", "max"):
        require(type in (i64, f64), f"`{reducer}` needs numbers, not {type}")
    return f64 if reducer == "mean" else type
