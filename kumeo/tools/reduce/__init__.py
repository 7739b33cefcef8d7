"""`kumeo-reduce`: makes a module small while something stays wrong with it."""

from kumeo.tools.reduce.reducer import Reducer, reduce_module, size_of

__all__ = ["Reducer", "reduce_module", "size_of"]
