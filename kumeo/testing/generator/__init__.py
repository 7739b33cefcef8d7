"""Random typed workflows: valid modules that hold every construct, made from a seed.

    module = random_module(seed=7, size=15)

`size` is about the number of statements. Equal arguments give equal modules. What the modules do
gives optimisations something to find: equal agents, unread results, constant conditions, values
that may fail.
"""

from kumeo.testing.generator.modules import random_module

__all__ = ["random_module"]
