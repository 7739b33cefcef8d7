"""`compare`: do two modules mean the same? Runs both on generated events.

    difference = compare(before, after)          # None, or what differs and on which event

Beyond the rules of `observe`, the reference is run again on the journal of the transformed run:
with the answers that `after` got, and with every other attempt failing, `before` must send and
report the same. A pass that dropped a call whose answer somebody reads is found by that even where
the answer made no difference.

From the first pass on that rounds numbers, floats in payloads may differ by as much as it says.
"""

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TypeVar

from xdsl.dialects.builtin import ModuleOp

from kumeo.analysis.places import point_of
from kumeo.analysis.walk import walk_ops
from kumeo.diagnostics import Point
from kumeo.dialects.agent import AgentOp
from kumeo.dialects.workflow import EmitOp, WorkflowOp
from kumeo.interp.oracle.events import Trial, make_trials
from kumeo.interp.oracle.observe import (
    Call,
    Message,
    Observation,
    Report,
    blame_may_move,
    observe,
)
from kumeo.interp.oracle.reduce_input import reduce_trial
from kumeo.interp.oracle.rounding import without_close
from kumeo.interp.world import World

LINES_MAX = 6
"""Messages or calls of one side that a difference shows."""


@dataclass(frozen=True)
class Finding:
    """What differs between two observations; each side in lines for people."""

    what: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    site: str = ""


@dataclass(frozen=True)
class Difference:
    """Two modules do not mean the same: what differs, and a small trial that shows it."""

    finding: Finding
    trial: Trial
    place: Point | None = None
    """Where the emit or agent stands whose messages or calls differ."""

    @property
    def what(self) -> str:
        """One of `messages`, `reports`, `order`, `calls`, `acts`, `replay`, `workflows`."""
        return self.finding.what

    @property
    def before(self) -> tuple[str, ...]:
        """What only the module before does, in lines for people."""
        return self.finding.before

    @property
    def after(self) -> tuple[str, ...]:
        """What only the module after does."""
        return self.finding.after

    def input_text(self) -> str:
        """Return the trial: the world, then one line for each event."""
        return trial_text(self.trial)

    def __str__(self) -> str:
        before = "\n".join(f"  {line}" for line in self.finding.before or ("(nothing)",))
        after = "\n".join(f"  {line}" for line in self.finding.after or ("(nothing)",))
        return (
            f"{self.what} of workflow `{self.trial.workflow}` differ\n"
            f"{self.input_text()}\nbefore:\n{before}\nafter:\n{after}"
        )


def trial_text(trial: Trial) -> str:
    """Return a trial in lines for people."""
    world, lines = trial.world, list[str]()
    if world.fail_one_in or world.fail_work_one_in:
        lines.append(f"world: seed {world.seed}, some attempts fail")
    for event in trial.events:
        lines.append(f"event {event.id} of `{event.source}`: {event.payload!r}")
        changed = world.config_changes.get(event.id)
        lines += [f"  with config {dict(changed)!r}"] if changed else []
    return "\n".join(lines)


@dataclass
class Oracle:
    """Compares a reference module with later states of it. The reference is a copy of its own.

    The trials are made from the first module and stay, so the runs of one state serve twice: as the
    later of two and, once accepted, as the reference of the next.
    """

    module: ModuleOp
    events: int = 8
    seed: int = 0
    trials_each: int = 3
    trials: tuple[Trial, ...] = ()
    _seen: dict[int, Observation] = field(default_factory=dict[int, Observation])

    def __post_init__(self) -> None:
        self.module = self.module.clone()
        if not self.trials:
            self.trials = make_trials(self.module, self.events, self.seed, self.trials_each)

    def check(
        self, after: ModuleOp, *, reduce: bool = True, rounds: float = 0.0
    ) -> Difference | None:
        """Return how `after` differs from the reference; without a difference it is accepted.

        Floats may differ by the largest `rounds` so far.
        """
        self._allow(rounds)
        names = _workflow_names(self.module), _workflow_names(after)
        if names[0] != names[1]:
            return Difference(Finding("workflows", *names), Trial("", (), World()))
        if self.module.is_structurally_equivalent(after):
            return None
        later: dict[int, Observation] = {}
        for number, trial in enumerate(self.trials):
            later[number] = observe(after, trial)
            finding = self._finding(number, trial, later[number])
            if finding is not None:
                return self._difference(finding, trial, after, reduce)
        self.module, self._seen = after.clone(), later
        return None

    def _allow(self, rounds: float) -> None:
        """Compare floats with a tolerance from now on."""
        if all(trial.world.rounds >= rounds for trial in self.trials):
            return
        worlds = [replace(trial.world, rounds=rounds) for trial in self.trials]
        pairs = zip(self.trials, worlds, strict=True)
        self.trials = tuple(replace(trial, world=world) for trial, world in pairs)
        self._seen = {}

    def accept(self, after: ModuleOp) -> None:
        """Take a module as the new reference, whatever it means."""
        self.module, self._seen = after.clone(), {}

    def _finding(self, number: int, trial: Trial, after: Observation) -> Finding | None:
        if number not in self._seen:
            self._seen[number] = observe(self.module, trial)
        rounds = trial.world.rounds
        found = find(self._seen[number], after, rounds)
        return found or _find_on_replay(self.module, trial, after)

    def _difference(
        self, finding: Finding, trial: Trial, after: ModuleOp, reduce: bool
    ) -> Difference:
        if reduce:
            trial = reduce_trial(trial, lambda t: _same_kind(self.module, after, t, finding))
            finding = find_on(self.module, after, trial) or finding
        return Difference(finding, trial, _place_of(finding.site, self.module))


def compare(
    before: ModuleOp,
    after: ModuleOp,
    *,
    events: int = 8,
    seed: int = 0,
    trials: int = 3,
    reduce: bool = True,
    rounds: float = 0.0,
) -> Difference | None:
    """Return how `after` differs from `before` in what it does, or None.

    Both modules are verified and stay as they are. The same arguments give the same answer.
    """
    return Oracle(before, events, seed, trials).check(after, reduce=reduce, rounds=rounds)


def find_on(before: ModuleOp, after: ModuleOp, trial: Trial) -> Finding | None:
    """Return what differs on one trial."""
    later = observe(after, trial)
    found = find(observe(before, trial), later, trial.world.rounds)
    return found or _find_on_replay(before, trial, later)


def find(before: Observation, after: Observation, rounds: float = 0.0) -> Finding | None:
    """Return the first difference of two observations."""
    told = _find_told(before, after, rounds)
    if told is not None:
        return told
    if before.orders != after.orders:
        return _order(before, after)
    more = sorted(after.calls - before.calls)
    if more:
        lines = tuple(map(_shown, more[:LINES_MAX]))
        return Finding("calls", (), lines, after.sites.get(more[0].agent, ""))
    less = sorted(before.acts - after.acts)
    if less:
        lines = tuple(map(_shown, less[:LINES_MAX]))
        return Finding("acts", lines, (), before.sites.get(less[0].agent, ""))
    return None


def _find_on_replay(before: ModuleOp, trial: Trial, after: Observation) -> Finding | None:
    """Run the reference on the journal of the transformed run; other attempts fail."""
    world = replace(trial.world, recordings=after.journal, fail_one_in=1)
    replayed = observe(before, replace(trial, world=world))
    found = _find_told(replayed, after, trial.world.rounds)
    return None if found is None else replace(found, what="replay")


def _find_told(before: Observation, after: Observation, rounds: float) -> Finding | None:
    """Return the first difference of what is sent and reported."""
    sent = _messages(before, after, rounds)
    if sent is not None:
        return sent
    lost, new = _rest(before.reports, after.reports)
    if rounds > 0.0:
        lost, new = without_close(lost, new, rounds)
    for report in list(lost):
        moved = next((n for n in new if blame_may_move(before, after, report, n)), None)
        if moved is not None:
            lost.remove(report)
            new.remove(moved)
    return _finding("reports", lost, new) if lost or new else None


def _messages(before: Observation, after: Observation, rounds: float) -> Finding | None:
    lost, new = _rest(before.messages, after.messages)
    if rounds > 0.0:
        lost, new = without_close(lost, new, rounds)
    if not lost and not new:
        return None
    first = next(iter((*lost, *new)))
    site = before.sites.get(first.id) or after.sites.get(first.id, "")
    return replace(_finding("messages", lost, new), site=site)


_T = TypeVar("_T")


def _rest(before: Counter[_T], after: Counter[_T]) -> tuple[list[_T], list[_T]]:
    """Return what only one side has."""
    return list((before - after).elements()), list((after - before).elements())


def _finding(
    what: str, before: list[Message] | list[Report], after: list[Message] | list[Report]
) -> Finding:
    lines = [tuple(_shown(item) for item in side[:LINES_MAX]) for side in (before, after)]
    return Finding(what, lines[0], lines[1])


def _order(before: Observation, after: Observation) -> Finding:
    key = next(k for k in before.orders if before.orders[k] != after.orders.get(k))
    sides = [o.orders.get(key, ()) for o in (before, after)]
    first, second = (
        tuple(_in_order(side, o)) for side, o in zip(sides, (before, after), strict=True)
    )
    at = next((b for b, a in zip(*sides, strict=False) if a != b), "")
    return Finding("order", first[:LINES_MAX], second[:LINES_MAX], before.sites.get(at, ""))


def _in_order(ids: tuple[str, ...], observation: Observation) -> list[str]:
    return [f"message {id[:8]} from `{observation.sites.get(id, '')}`" for id in ids]


def _shown(item: Message | Report | Call) -> str:
    match item:
        case Message(id, target, payload):
            return f"message {id[:8]} to `{target}`: {payload}"
        case Report(target, code, message, event, agent, payload):
            who = f" of agent `{agent}`" if agent else ""
            where = target or "the dead letters"
            return f"report of `{code}` ({message}){who} for event {event} to {where}: {payload}"
        case Call(event, agent, path, attempt):
            where = f" in iteration {list(path)}" if path else ""
            return f"attempt {attempt} of agent `{agent}`{where} for event {event}"


def _same_kind(before: ModuleOp, after: ModuleOp, trial: Trial, wanted: Finding) -> bool:
    found = find_on(before, after, trial)
    return found is not None and found.what == wanted.what


def _workflow_names(module: ModuleOp) -> tuple[str, ...]:
    return tuple(sorted(op.symbol for op in module.ops if isinstance(op, WorkflowOp)))


def _place_of(site: str, module: ModuleOp) -> Point | None:
    """Return the place of an emit or agent; sites of subworkflows have those of calls in front."""
    wanted = (site, site.rpartition("/")[2])
    for op in walk_ops(module):
        if isinstance(op, EmitOp | AgentOp) and op.site in wanted:
            return point_of(op)
    return None
