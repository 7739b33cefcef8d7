"""The oracle: says whether two modules mean the same, by running both on generated events."""

from kumeo.interp.oracle.compare import Difference, Oracle, compare
from kumeo.interp.oracle.events import Trial, make_trials
from kumeo.interp.oracle.observe import Observation, observe

__all__ = [
    "Difference",
    "Observation",
    "Oracle",
    "Trial",
    "compare",
    "make_trials",
    "observe",
]
