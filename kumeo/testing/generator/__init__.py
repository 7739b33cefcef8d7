"""Random typed workflows: valid modules that hold every construct, made from a seed.

    module = random_module(seed=7, size=15)

`size` is about the number of statements. Equal arguments give equal modules. What the modules do
gives optimisations something to find: equal agents, unread results, constant conditions, values
that may fail.

`random_files(seed)` reads the files of their models.
"""

from kumeo.testing.generator.files import random_files
from kumeo.testing.generator.modules import random_module

__all__ = ["random_files", "random_module"]
