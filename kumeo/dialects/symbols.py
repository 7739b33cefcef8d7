"""How an op says which symbols it uses: the class variable `SYMBOLS` and `verify_symbols`.

    SYMBOLS = {"target": (Wanted("target"),)}

`kumeo.analysis.symbols` resolves every reference once and hands the declarations to the op.
"""

from collections.abc import Mapping, Sequence
from typing import ClassVar, NamedTuple

from xdsl.ir import Operation

from kumeo.dialects.base import KumeoOp


class Wanted(NamedTuple):
    """What a reference may lead to: a declaration by its noun, and perhaps its kinds."""

    noun: str
    kinds: tuple[str, ...] = ()


class SymbolUser(KumeoOp):
    """An op that refers to declarations."""

    SYMBOLS: ClassVar[Mapping[str, tuple[Wanted, ...]]] = {}
    """Properties that hold references, and what each may lead to."""

    def verify_symbols(self, declared: Mapping[str, Sequence[Operation]]) -> None:
        """Check that the op agrees with what it refers to; raise VerifyException if not.

        `declared` holds the declarations of each property, in order; all have been found.
        """
