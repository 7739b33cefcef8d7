"""Workflows of this folder as `kumeo build` makes them, and the records they read."""

import atexit
import json
import random
import shutil
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from kumeo_runtime.spec import Workflow

SIZE = 1024
HERE = Path(__file__).parent
FILES = {
    "five stages": HERE.parent / "five_stages.kumeo",
    "one stage": HERE / "workflows" / "one_stage.kumeo",
    "five hops": HERE / "workflows" / "five_hops.kumeo",
}


@cache
def built(name: str, passes: str) -> Workflow:
    """Compile a workflow, import its package and return what it says about itself."""
    from kumeo.tools.running.package import load_workflow

    folder = folder_of(name, passes)
    workflow = load_workflow(folder)
    # Two levels of one workflow have the same package name: the printed modules stay as they are.
    for module in [each for each in sys.modules if each.partition(".")[0] == package_of(folder)]:
        if module != package_of(folder):
            del sys.modules[module]
    return workflow


@cache
def folder_of(name: str, passes: str) -> Path:
    """Compile a workflow and return the folder with its package."""
    from kumeo.tools.running.package import make_package
    from kumeo.tools.running.tree import write_tree

    made, found = make_package(str(FILES[name]), "", passes, None)
    assert made is not None, [each.headline for each in found]
    folder = Path(tempfile.mkdtemp(prefix="kumeo-bench-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    write_tree(folder, made.files, force=True)
    return folder


def package_of(folder: Path) -> str:
    """Return the name of the package in a folder."""
    return next(path.parent.name for path in folder.glob("*/workflow.py"))


def payments(count: int) -> list[bytes]:
    """Return JSON records of exactly 1 KiB: mostly structure, little padding."""
    rng = random.Random(11)
    return [_payment(rng, number) for number in range(count)]


def _payment(rng: random.Random, number: int) -> bytes:
    value: dict[str, Any] = {
        "tx_id": f"tx-{number:012d}",
        "amount": round(rng.lognormvariate(5, 1.5), 2),
        "merchant_id": f"m-{rng.randrange(10_000):05d}",
        "card_hash": f"{rng.getrandbits(128):032x}",
        "country": rng.choice(("CL", "AR", "PE", "BR")),
        "ts": 1_700_000_000 + number,
        "device": {"system": rng.choice(("ios", "android")), "age_days": rng.randrange(2000)},
        "items": [
            {
                "article": f"a-{rng.randrange(10**6):06d}",
                "count": rng.randrange(1, 9),
                "price": round(rng.random() * 90, 2),
            }
            for _ in range(13)
        ],
        "note": "",
    }
    value["note"] = "." * (SIZE - len(json.dumps(value, separators=(",", ":"))))
    return json.dumps(value, separators=(",", ":")).encode()
