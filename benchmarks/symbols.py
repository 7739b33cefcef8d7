"""`symbols`: verifying uses of symbols must not search the table once for each use."""

from functools import partial
from typing import TYPE_CHECKING

from benchmarks.tables import Cell, Options, Table
from benchmarks.timing import growth_exponent, timed

if TYPE_CHECKING:
    from xdsl.dialects.builtin import ModuleOp

SIZES = (1_000, 10_000, 100_000)


def measure(options: Options) -> Table:
    """Return the CPU seconds of verification by number of uses; each use has its own symbol."""
    from kumeo.analysis.text import parse_module
    from kumeo.analysis.verify import verify_module
    from kumeo.dialects.registry import make_context

    sizes = SIZES if options.large else SIZES[:2]
    rows: list[list[Cell]] = []
    for size in sizes:
        module, found = parse_module(module_text(size), "symbols.mlir", make_context())
        assert module is not None, found[0].headline
        runs = range(options.best_of)
        whole = min(timed(partial(verify_module, module))[0] for _ in runs)
        alone = min(timed(partial(check_symbols, module))[0] for _ in runs)
        rows.append([f"{size:,}", whole, alone, alone / size * 1e6])
    exponent = growth_exponent(sizes, [float(row[2]) for row in rows])
    notes = [f"growth exponent of the symbol check: {exponent:.3f} (1 is linear)"]
    columns = ["uses", "verify", "symbols alone", "µs per use"]
    return Table("symbols: CPU seconds, as many symbols as uses", columns, rows, notes)


def check_symbols(module: "ModuleOp") -> None:
    """Make the index and check every use: all that verification does about symbols."""
    from kumeo.analysis.symbols import SymbolIndex, find_symbol_faults

    assert not find_symbol_faults(module, SymbolIndex(module)), "the generated module is right"


def module_text(uses: int) -> str:
    """Return a module in which `uses` emits name a target each."""
    targets = "\n".join(f'  workflow.target @t{k} nats("t{k}")' for k in range(uses))
    emits = "\n".join(
        f'    workflow.emit %event : i64 to @t{k} site "emit:{k}"' for k in range(uses)
    )
    return f"""builtin.module attributes {{kumeo.level = "workflow"}} {{
workflow.workflow @W {{
  workflow.source @s nats("s") : i64
{targets}
  workflow.on @s (%event: i64) {{
{emits}
    workflow.return
  }}
}}
}}
"""
