"""Writes a scikit-learn model as `.skops` with the same bytes on every run.

skops numbers objects by their addresses in memory and stamps the time of writing. Here objects are
numbered in the order in which they are found, and the time is fixed.
"""

import io
import json
import re
import zipfile
from typing import Any

import skops.io


def to_bytes(model: Any) -> bytes:
    """Return the model in the form of skops."""
    with zipfile.ZipFile(io.BytesIO(skops.io.dumps(model))) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    schema = json.dumps(json.loads(parts.pop("schema.json")), separators=(",", ":"))
    ids: dict[str, str] = {}
    for found in re.findall(r'"__id__":(\d+)|"(\d+)\.npy"', schema):
        ids.setdefault(found[0] or found[1], str(len(ids)))
    schema = re.sub(r'("__id__":)(\d+)', lambda m: m[1] + ids[m[2]], schema)
    schema = re.sub(r'"(\d+)\.npy"', lambda m: f'"{ids[m[1]]}.npy"', schema)
    renamed = {f"{ids[name.removesuffix('.npy')]}.npy": data for name, data in parts.items()}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as written:
        for name, data in sorted({**renamed, "schema.json": schema.encode()}.items()):
            written.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), data)
    return out.getvalue()
