"""What `--list-passes`, `--show-dialects` and `--version` print."""

import inspect
import platform
import sys
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import MISSING, Field
from importlib.metadata import version
from typing import Any, get_type_hints

from xdsl.ir import Dialect
from xdsl.passes import ModulePass

from kumeo.passes.manager import Statistic
from kumeo.passes.options import describe_type, option_fields
from kumeo.tools.catalog import Catalog

_WIDTH = 96


def version_text() -> str:
    """Return one line with the versions that matter for a report."""
    import kumeo

    python = platform.python_version()
    return f"kumeo-opt {kumeo.__version__} (xdsl {version('xdsl')}, Python {python})\n"


def list_passes(catalog: Catalog) -> str:
    """Return all passes: those of Kumeo and of plug-ins with a line each, xDSL's by name."""
    own = [(name, load()) for name, load in sorted(catalog.kumeo_passes.items())]
    lines = ["Passes of Kumeo:", *_pass_lines(own)]
    offers = catalog.plugins.offers["pass"]
    for package in sorted({offer.package for offer in offers.values()}):
        names = sorted(name for name, offer in offers.items() if offer.package == package)
        loaded = [(name, catalog.plugins.load("pass", name, ModulePass)) for name in names]
        found = list(_pass_lines((name, cls) for name, cls in loaded if cls is not None))
        lines += ["", f"Passes of {package}:", *found] if found else []
    lines += ["", "Passes of xDSL:", *_columns(sorted(catalog.xdsl_passes))]
    return "\n".join(lines) + "\n"


def show_dialects(catalog: Catalog) -> str:
    """Return all dialects: those of Kumeo and of plug-ins with a line each, xDSL's by name."""
    from kumeo.dialects.registry import DIALECTS

    lines = ["Dialects of Kumeo:"]
    lines += [_dialect_line(name, catalog.ctx.get_dialect(name)) for name in sorted(DIALECTS)]
    offers = dict(catalog.plugins.offers["dialect"])
    upstream = set(catalog.ctx.registered_dialect_names) - set(DIALECTS)
    for package in sorted({offer.package for offer in offers.values()}):
        names = sorted(name for name, offer in offers.items() if offer.package == package)
        found = list(_plugin_dialects(catalog, names))
        lines += ["", f"Dialects of {package}:", *found] if found else []
    lines += ["", "Dialects of xDSL:", *_columns(sorted(upstream))]
    return "\n".join(lines) + "\n"


def _plugin_dialects(catalog: Catalog, names: Iterable[str]) -> Iterator[str]:
    for name in names:
        catalog.discover_dialect(f"{name}.")
        dialect = catalog.ctx.get_optional_dialect(name)
        if dialect is not None:
            yield _dialect_line(name, dialect)


def _dialect_line(name: str, dialect: Dialect) -> str:
    ops, attributes = len(list(dialect.operations)), len(list(dialect.attributes))
    summary = f"{ops} ops, {attributes} attributes and types"
    ops_seen = next(iter(dialect.operations), None)
    module = sys.modules.get(ops_seen.__module__.rpartition(".")[0]) if ops_seen else None
    doc = _first_sentence(module.__doc__) if module is not None else ""
    return f"  {name:<20} {summary}{': ' + doc if doc else ''}"


def _pass_lines(passes: Iterable[tuple[str, type[ModulePass]]]) -> Iterator[str]:
    for name, cls in passes:
        yield f"  {name:<20} {summary_of(cls)}"
        hints = get_type_hints(cls)
        for option in option_fields(cls):
            yield f"    {_option_line(option, hints[option.name])}"


def summary_of(cls: type[ModulePass]) -> str:
    """Return the first sentence of a pass's own docstring."""
    own = cls.__dict__.get("__doc__") or ""
    # `dataclass` writes a docstring of its own when there is none: the signature.
    return "" if own.startswith(f"{cls.__name__}(") else _first_sentence(own)


def _option_line(option: Field[Any], hint: Any) -> str:
    name = option.name.replace("_", "-")
    default = "" if option.default in (MISSING, None) else f", default {option.default!r}"
    return f"{name:<18} {describe_type(hint)}{default}"


def _first_sentence(text: str | None) -> str:
    return inspect.cleandoc(text or "").split("\n\n")[0].replace("\n", " ")


def _columns(names: Iterable[str]) -> list[str]:
    text = ", ".join(names)
    lines = textwrap.wrap(text, _WIDTH, break_on_hyphens=False)
    return [f"  {line}" for line in lines]


def statistics_text(statistics: Iterable[Statistic]) -> str:
    """Return what the passes counted; the runs of a pass are added up."""
    totals: dict[str, dict[str, int]] = {}
    for name, what, amount in statistics:
        counts = totals.setdefault(name, {})
        counts[what] = counts.get(what, 0) + amount
    lines = ["===- pass statistics -==="]
    for name, counts in totals.items():
        lines += [f"  {name}", *(f"{n:>8}  {what}" for what, n in counts.items())]
    return "\n".join(lines) + "\n"
