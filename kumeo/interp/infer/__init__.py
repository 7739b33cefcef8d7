"""The meaning of the `infer` dialect, in NumPy: the reference for every backend.

    run_batch(op, {"night": [0, 1]}, files)   ->  {"possible": [True, True], …}

An event in the interpreter is a batch of one row.
"""

from kumeo.interp.infer.run import Files, event_row, run_batch

__all__ = ["Files", "event_row", "run_batch"]
