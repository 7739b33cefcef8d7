"""Outside packages in tests: known to the tools as if pip had installed them, without a build.

Entry points are found through a folder `NAME-VERSION.dist-info` on the search path; that folder is
all that is written here. The code stays where it is, as after `pip install --editable`.
"""

import importlib
import sys
import tomllib
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path


def write_dist_info(pyproject: str, site: Path) -> None:
    """Write what pip would about a package, from the text of its `pyproject.toml`."""
    project = tomllib.loads(pyproject)["project"]
    name, version = project["name"], project["version"]
    info = site / f"{name.replace('-', '_')}-{version}.dist-info"
    info.mkdir(parents=True, exist_ok=True)
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    (info / "METADATA").write_text(metadata, encoding="utf-8")
    groups = project.get("entry-points", {}).items()
    lines = [f"[{group}]\n" + "".join(f"{k} = {v}\n" for k, v in p.items()) for group, p in groups]
    (info / "entry_points.txt").write_text("".join(lines), encoding="utf-8")


@contextmanager
def installed(package: Path, site: Path) -> Generator[None]:
    """Make a package importable and known by its entry points inside the `with` block."""
    write_dist_info((package / "pyproject.toml").read_text(encoding="utf-8"), site)
    added = [str(package), str(site)]
    sys.path[:0] = added
    importlib.invalidate_caches()
    try:
        yield
    finally:
        sys.path[:] = [entry for entry in sys.path if entry not in added]
        forget(package)


def forget(package: Path) -> None:
    """Forget the modules whose files are inside a folder, so that they are read again."""
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if file is not None and Path(file).is_relative_to(package):
            del sys.modules[name]
    importlib.invalidate_caches()
