"""The Python backend: a workflow at the level `messaging` as an installable package.

    files = build_python(module, read_file=read, origin=Origin("flow.kumeo", "0.1.0"))

`plan` decides, `render` makes text, the rest prints functions: `handlers` the functions of a
service, `statements` and `calls` their statements, `values` expressions, `code` the layout.
"""

from kumeo.backends.python.build import build_python
from kumeo.backends.python.errors import Unprintable
from kumeo.backends.python.plan import Origin, PackagePlan, plan_package
from kumeo.backends.python.render import render

__all__ = ["Origin", "PackagePlan", "Unprintable", "build_python", "plan_package", "render"]
