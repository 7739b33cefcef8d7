"""Everything a tool can find by name: dialects, passes and output forms of Kumeo, xDSL, plug-ins.

Kumeo's own tables are asked first, then xDSL's, then installed packages are searched, once.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from xdsl.context import Context
from xdsl.ir import Attribute, Dialect, Operation, TypeAttribute

from kumeo.diagnostics import Diagnostic, nearest
from kumeo.tools.plugins import KINDS, Plugins, find_plugins

if TYPE_CHECKING:
    from xdsl.passes import ModulePass

    from kumeo.interp.evaluate import Rules


class KumeoContext(Context):
    """An xDSL context that searches the installed packages when it meets an unknown dialect."""

    catalog: "Catalog"

    def get_optional_op(
        self, name: str, *, dialect_stack: Iterable[str] = ()
    ) -> type[Operation] | None:
        """Return an op class by name."""
        self.catalog.discover_dialect(name)
        return super().get_optional_op(name, dialect_stack=tuple(dialect_stack))

    def get_optional_type(self, name: str) -> type[TypeAttribute] | None:
        """Return a type class by name."""
        self.catalog.discover_dialect(name)
        return super().get_optional_type(name)

    def get_optional_attr(self, name: str) -> type[Attribute] | None:
        """Return an attribute class by name."""
        self.catalog.discover_dialect(name)
        return super().get_optional_attr(name)


@dataclass
class Catalog:
    """The names known to one run of a tool. It owns the context."""

    ctx: Context
    _plugins: Plugins | None = field(default=None, init=False)

    @property
    def diagnostics(self) -> list[Diagnostic]:
        """What is wrong with the plug-ins that were looked at so far."""
        return [] if self._plugins is None else self._plugins.diagnostics

    @property
    def plugins(self) -> Plugins:
        """What the installed packages offer; searched for at the first use."""
        if self._plugins is None:
            taken: tuple[Collection[str], ...] = (
                list(self.ctx.registered_dialect_names),
                {*self.kumeo_passes, *self.xdsl_passes},
                {*self.kumeo_targets, *self.xdsl_targets},
            )
            self._plugins = find_plugins(dict(zip(KINDS, taken, strict=True)))
        return self._plugins

    @cached_property
    def rules(self) -> "Rules":
        """What the ops of plug-ins do, for the interpreter; searched for at the first use."""
        from kumeo.tools.meanings import find_rules

        return find_rules(self.plugins)

    @cached_property
    def kumeo_passes(self) -> "Mapping[str, Callable[[], type[ModulePass]]]":
        """Kumeo's passes."""
        from kumeo.passes.registry import PASSES

        return PASSES

    @cached_property
    def xdsl_passes(self) -> "Mapping[str, Callable[[], type[ModulePass]]]":
        """xDSL's passes, without those that Kumeo replaces."""
        from xdsl.transforms import get_all_passes

        return {n: load for n, load in get_all_passes().items() if n not in self.kumeo_passes}

    @cached_property
    def kumeo_targets(self) -> Mapping[str, Callable[[], Any]]:
        """Kumeo's output forms, except `mlir`."""
        from kumeo.backends.registry import TARGETS

        return TARGETS

    @cached_property
    def xdsl_targets(self) -> Mapping[str, Callable[[], Any]]:
        """xDSL's output forms, except `mlir`, which Kumeo prints itself."""
        from xdsl.targets import get_all_targets

        return {n: t for n, t in get_all_targets().items() if n != "mlir"}

    def find_pass(self, name: str) -> "type[ModulePass] | None":
        """Return a pass class, or None when nobody has it."""
        from xdsl.passes import ModulePass

        if name in self.kumeo_passes:
            return self.kumeo_passes[name]()
        if name in self.xdsl_passes:
            return self._from_xdsl("pass", name, self.xdsl_passes[name])
        return cast("type[ModulePass] | None", self.plugins.load("pass", name, ModulePass))

    def pass_names(self) -> list[str]:
        """Return the names of all passes."""
        return [*self.kumeo_passes, *self.xdsl_passes, *self.plugins.offers["pass"]]

    def find_target(self, name: str) -> Any | None:
        """Return a target class, or None when nobody has it."""
        from xdsl.utils.target import Target

        if name in self.kumeo_targets:
            return self.kumeo_targets[name]()
        if name in self.xdsl_targets:
            return self._from_xdsl("target", name, self.xdsl_targets[name])
        return self.plugins.load("target", name, Target)

    def target_names(self) -> list[str]:
        """Return the names of all output forms."""
        plugins = self.plugins.offers["target"]
        return ["mlir", *self.kumeo_targets, *self.xdsl_targets, *plugins]

    def nearest_op(self, name: str) -> tuple[bool, str | None]:
        """Return whether an op exists, and the nearest one of its dialect when it does not."""
        if self.ctx.get_optional_op(name) is not None:
            return True, None
        for dialect in list(self.ctx.registered_dialect_names):
            if name.startswith(f"{dialect}."):
                ops = self.ctx.get_dialect(dialect).operations
                return False, nearest(name, [op.name for op in ops])
        return False, None

    def discover_dialect(self, name: str) -> None:
        """Register the dialect of an op, type or attribute name when a plug-in offers it."""
        dialect = name.split(".")[0]
        known = self.ctx.registered_dialect_names
        if "." not in name or dialect in known or dialect not in self.plugins.offers["dialect"]:
            return
        loaded = self.plugins.load("dialect", dialect, Dialect)
        if loaded is not None:
            self._register(dialect, loaded)

    def _from_xdsl(self, kind: str, name: str, loader: Callable[[], Any]) -> Any | None:
        """Return a part of xDSL; some parts need packages that are not installed."""
        try:
            return loader()
        except ImportError as error:
            self.plugins.warn("xdsl", "xdsl", f"cannot load its {kind} `{name}`: {error}")
            return None

    def _register(self, name: str, dialect: Dialect) -> None:
        try:
            # The loading of the ops may fail too, so it is tried on a copy.
            trial = self.ctx.clone()
            trial.load_dialect(dialect)
        except Exception as error:
            # A foreign dialect may be broken in any way; it is reported by its name.
            problem = f"cannot load its dialect `{name}`: {type(error).__name__}: {error}"
            self.plugins.drop("dialect", name, problem)
            return
        self.ctx.register_dialect(name, lambda: dialect)


def make_catalog(*, allow_unregistered: bool = False) -> Catalog:
    """Return a catalog with the dialects of Kumeo and xDSL registered, none of them loaded."""
    from xdsl.dialects import get_all_dialects

    from kumeo.dialects.registry import DIALECTS

    ctx = KumeoContext(allow_unregistered=allow_unregistered)
    ctx.catalog = catalog = Catalog(ctx)
    for name, loader in {**get_all_dialects(), **DIALECTS}.items():
        ctx.register_dialect(name, loader)
    ctx.load_registered_dialect("builtin")
    return catalog
