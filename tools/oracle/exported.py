"""Cases that packages/core/tools/export-*.ts write, with their tensors; read by ops.py and modules.py."""

import base64
import json
import math
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import torch

ROOT = Path(__file__).resolve().parents[2]
INTEGERS = {"i32": torch.int32, "bool": torch.bool}


def exported(script: str) -> list[dict]:
    """What a script of packages/core/tools exports, run with the repository's Node."""
    node = ROOT / "node_modules/.bin/node"
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "cases.json"
        runtime = str(node) if node.exists() else "node"
        program = str(ROOT / "packages/core/tools" / script)
        subprocess.run([runtime, "--conditions=@saccade/source", program, str(path)], check=True)
        return json.loads(path.read_text())


def decode(record: dict | None, dtype: torch.dtype, turned: bool = False) -> torch.Tensor | None:
    """A tensor of the record; `turned` lays it out with its first axis last in memory."""
    if record is None:
        return None
    flat = np.frombuffer(base64.b64decode(record["data"]), dtype="<f8").copy()
    x = torch.from_numpy(flat).reshape(record["shape"]).to(INTEGERS.get(record["dtype"], dtype))
    return x.movedim(0, -1).contiguous().movedim(-1, 0) if turned and x.dim() > 1 else x


def deviation(name: str, rounded: torch.Tensor, exact: torch.Tensor) -> float:
    """max |f32 - f64| over finite values; both must be NaN and infinite (in float32's range) at the same places."""
    a, b = rounded.double(), exact.double()
    narrow = exact.float().double()
    if not torch.equal(a.nan_to_num(0.5, 1, -1)[~narrow.isfinite()], narrow.nan_to_num(0.5, 1, -1)[~narrow.isfinite()]):
        raise ValueError(f"{name}: float32 and float64 disagree about infinity: {rounded} {exact}")
    finite = narrow.isfinite()
    if not a[finite].isfinite().all():
        raise ValueError(f"{name}: float32 overflows: {rounded} {exact}")
    return (a - b)[finite].abs().max().item() if finite.any() else 0.0


def brief(d: float) -> float:
    """Three digits, rounded up."""
    if d == 0:
        return 0.0
    unit = 10.0 ** (math.floor(math.log10(d)) - 2)
    return float(f"{math.ceil(d / unit) * unit:.3g}")
