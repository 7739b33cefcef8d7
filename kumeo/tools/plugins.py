"""Dialects, passes and outputs that other installed packages offer, each loaded in isolation.

A package offers them with an entry point in the group `xdsl.universe`:

    [project.entry-points."xdsl.universe"]
    mine = "my_package.universe:UNIVERSE"

Whatever is wrong with one package is a `broken-plugin` warning that names it; the others and
Kumeo go on. Looking for packages costs 50 ms, so it is done only when a name is not known.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from kumeo.diagnostics import Diagnostic

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "xdsl.universe"
KINDS = ("dialect", "pass", "target")
_BUILT_IN = ("kumeo.", "xdsl.")
"""Universes of these packages are known without a search."""

Loader = Callable[[], Any]


class Offer(NamedTuple):
    """One thing that a package offers."""

    plugin: str
    package: str
    loader: Loader


@dataclass
class Plugins:
    """What the installed packages offer, by kind and name, and what is wrong with them."""

    offers: dict[str, dict[str, Offer]]
    diagnostics: list[Diagnostic] = field(default_factory=list[Diagnostic])

    def load(self, kind: str, name: str, wanted: type) -> Any | None:
        """Return an offered thing, or None when there is none or it cannot be loaded.

        `wanted` is the type that the thing, or for a class its base, must have.
        """
        offer = self.offers[kind].get(name)
        if offer is None:
            return None
        loaded, problem = call_safely(offer.loader)
        if problem is None and not _is_a(loaded, wanted):
            problem = f"offers a {kind} `{name}` that is not a `{wanted.__name__}`"
        elif problem is None and getattr(loaded, "name", None) != name:
            problem = f"offers a {kind} `{name}` that calls itself `{loaded.name}`"
        elif problem is not None:
            problem = f"cannot load its {kind} `{name}`: {problem}"
        if problem is None:
            return loaded
        self.drop(kind, name, problem)
        return None

    def drop(self, kind: str, name: str, problem: str) -> None:
        """Take back an offer that turned out to be broken."""
        offer = self.offers[kind].pop(name)
        self.warn(offer.plugin, offer.package, problem)

    def warn(self, plugin: str, package: str, problem: str) -> None:
        """Report that something of a package cannot be used."""
        from kumeo.tools.errors import BrokenPlugin

        self.diagnostics.append(BrokenPlugin(None, plugin, package, problem))


def find_plugins(
    taken: Mapping[str, Collection[str]], entry_points: "Iterable[EntryPoint] | None" = None
) -> Plugins:
    """Return what the entry points offer, without the names of each kind that are `taken`."""
    plugins = Plugins({kind: {} for kind in KINDS})
    points = installed() if entry_points is None else entry_points
    for point in sorted(points, key=lambda point: (package_of(point), point.name)):
        if not point.value.startswith(_BUILT_IN):
            _add_universe(plugins, taken, point)
    return plugins


def installed() -> "Iterable[EntryPoint]":
    """Return the entry points of all installed packages."""
    from importlib.metadata import entry_points

    return entry_points(group=GROUP)


def _add_universe(
    plugins: Plugins, taken: Mapping[str, Collection[str]], point: "EntryPoint"
) -> None:
    from xdsl.universe import Universe

    universe, problem = call_safely(point.load)
    if problem is None and not isinstance(universe, Universe):
        problem = f"`{point.value}` is not a `Universe`"
    if problem is not None:
        plugins.warn(point.name, package_of(point), f"cannot be loaded: {problem}")
        return
    tables = (universe.all_dialects, universe.all_passes, universe.all_targets)
    for kind, table in zip(KINDS, tables, strict=True):
        for name, loader in cast(dict[str, Loader], table).items():
            _add_offer(plugins, taken, kind, name, Offer(point.name, package_of(point), loader))


def _add_offer(
    plugins: Plugins, taken: Mapping[str, Collection[str]], kind: str, name: str, offer: Offer
) -> None:
    known = plugins.offers[kind].get(name)
    if known is None and name not in taken[kind]:
        plugins.offers[kind][name] = offer
        return
    owner = "Kumeo or xDSL" if known is None else f"package `{known.package}`"
    problem = f"offers a {kind} `{name}` that {owner} already has"
    plugins.warn(offer.plugin, offer.package, problem)


def call_safely(loader: Loader) -> tuple[Any, str | None]:
    """Return what foreign code gives, or what it raised, in words."""
    try:
        return loader(), None
    except (Exception, SystemExit) as error:
        # A foreign package may raise anything while it is imported; it is reported by its name.
        return None, f"{type(error).__name__}: {error}"


def _is_a(loaded: Any, wanted: type) -> bool:
    return isinstance(loaded, wanted) or (isinstance(loaded, type) and issubclass(loaded, wanted))


def package_of(point: "EntryPoint") -> str:
    """Return the name of the package that has an entry point."""
    return point.dist.name if point.dist is not None else point.value.split(".")[0]
