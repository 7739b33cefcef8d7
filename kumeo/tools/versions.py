"""Judges two versions: the facts that changed, and a run of both on generated events."""

from dataclasses import dataclass
from typing import Any

from xdsl.dialects.builtin import ModuleOp

from kumeo.analysis.versions.changes import Change, compare_versions
from kumeo.analysis.versions.facts import Version, read_version
from kumeo.interp.oracle import Difference, Oracle, make_trials

EVENTS_EACH = 8
"""Events of one trial."""


@dataclass(frozen=True)
class Verdict:
    """What is to be told about two versions."""

    changes: tuple[Change, ...]
    tried: int
    """How many events both versions were run on; 0 when they were not run."""
    difference: Difference | None = None
    """What the two versions do differently on one of the events."""

    @property
    def is_same(self) -> bool:
        """Whether nothing that counts has changed, and no run showed a difference."""
        if self.difference is not None or any(change.counts for change in self.changes):
            return False
        return self.tried > 0 or not any(change.is_computed for change in self.changes)

    @property
    def evidence(self) -> list[str]:
        """What the runs showed, in lines for people."""
        if self.difference is not None:
            return [
                f"on a generated event, {line}" if i == 0 else line
                for i, line in enumerate(str(self.difference).splitlines())
            ] + [""]
        if self.tried:
            return [f"both versions do the same on {self.tried} generated events; this is no proof"]
        return []

    def to_json(self) -> dict[str, Any]:
        """Return the verdict as JSON data."""
        changes = [
            {
                "sign": change.sign,
                "area": change.area,
                "name": change.name,
                "text": change.text,
                "breaking": change.is_breaking,
                "computed": change.is_computed,
            }
            for change in self.changes
        ]
        run = None if self.difference is None else str(self.difference).splitlines()
        return {"same": self.is_same, "changes": changes, "events": self.tried, "difference": run}


def judge_versions(old: ModuleOp, new: ModuleOp, events: int, seed: int) -> Verdict:
    """Compare the facts of two modules, and run both where their interfaces are the same."""
    before, after = normal_form(old), normal_form(new)
    versions = read_version(before), read_version(after)
    changes = tuple(compare_versions(*versions))
    if not events or not _comparable(*versions):
        return Verdict(changes, 0)
    if before.is_structurally_equivalent(after):
        return Verdict(changes, 0)
    count = max(1, -(-events // (2 * EVENTS_EACH)))
    # Events that matter to only one of the versions are made from that one.
    trials = [t for m in (before, after) for t in make_trials(m, EVENTS_EACH, seed, count)]
    found = Oracle(before, trials=tuple(trials)).check(after)
    return Verdict(changes, sum(len(trial.events) for trial in trials), found)


def normal_form(module: ModuleOp) -> ModuleOp:
    """Return a copy in which equal things look alike."""
    from kumeo.passes.canonicalize import CanonicalizePass
    from kumeo.passes.cse import CsePass
    from kumeo.tools.catalog import make_catalog

    copy, ctx = module.clone(), make_catalog().ctx
    for step in (CanonicalizePass(), CsePass(), CanonicalizePass()):
        step.apply(ctx, copy)
    return copy


def _comparable(old: Version, new: Version) -> bool:
    """Say whether both versions read the same events."""
    return old.sources == new.sources
