"""The meaning of ops of other packages, for `--check-semantics`: rules of the interpreter.

A package offers them with an entry point in the group `kumeo.rules`, a table from op classes to
rules (`kumeo.interp.evaluate`):

    [project.entry-points."kumeo.rules"]
    mine = "my_package.meaning:RULES"

A dialect does not need them: without a rule its ops fail when they are run, and its agents are
answered from outside. As with universes, what is wrong with a package is a `broken-plugin` warning.
"""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, cast

from xdsl.ir import Operation

from kumeo.interp.evaluate import Rule
from kumeo.interp.run import all_rules
from kumeo.tools.plugins import call_safely, package_of

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

    from kumeo.tools.plugins import Plugins

GROUP = "kumeo.rules"


def find_rules(
    plugins: "Plugins", entry_points: "Iterable[EntryPoint] | None" = None
) -> dict[type[Operation], Rule]:
    """Return the rules of all installed packages; what is wrong with one is told to `plugins`."""
    found: dict[type[Operation], Rule] = {}
    points = installed() if entry_points is None else entry_points
    for point in sorted(points, key=lambda point: (package_of(point), point.name)):
        table, problem = call_safely(point.load)
        problem = f"cannot be loaded: {problem}" if problem else _fault(table, point.value, found)
        if problem is None:
            found.update(cast(Mapping[type[Operation], Rule], table))
        else:
            plugins.warn(point.name, package_of(point), problem)
    return found


def installed() -> "Iterable[EntryPoint]":
    """Return the entry points of all installed packages."""
    from importlib.metadata import entry_points

    return entry_points(group=GROUP)


def _fault(table: Any, name: str, found: Mapping[type[Operation], Rule]) -> str | None:
    """Return what is wrong with a table of rules; then none of it is used."""
    if not isinstance(table, Mapping):
        return f"`{name}` is not a table of rules"
    known = {*all_rules(), *found}
    for kind, rule in cast(Mapping[Any, Any], table).items():
        if not (isinstance(kind, type) and issubclass(kind, Operation)):
            return f"gives a meaning to `{kind}`, which is no class of ops"
        if not callable(rule):
            return f"gives `{kind.name}` a meaning that cannot be called"
        if kind in known:
            return f"gives a meaning to `{kind.__name__}`, which has one already"
    return None
