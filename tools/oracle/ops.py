"""Op fixtures: every case of packages/core/src/ops/*.ref.ts, evaluated by PyTorch in float64 and float32.

The cases (inputs, cotangents, the PyTorch expression) come from packages/core/tools/export-cases.ts, run with the
repository's Node. One file per reference file; in it one flat F64 tensor per case: the outputs, then the gradients of
sum(y * cotangent) for each float input. The metadata holds, per case, the digest of what it was made from and d, the
largest |f32 - f64| of each tensor over two orders of the inputs in memory. Run by generate.py.
"""

import base64
import json
import math
import shutil
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

import checkpoint

FIXTURES = "packages/core/test/fixtures/ops"

ROOT = Path(__file__).resolve().parents[2]
INTEGERS = {"i32": torch.int32, "bool": torch.bool}

torch.set_num_threads(1)


def exported_cases() -> list[dict]:
    node = ROOT / "node_modules/.bin/node"
    script = ROOT / "packages/core/tools/export-cases.ts"
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "cases.json"
        runtime = str(node) if node.exists() else "node"
        subprocess.run([runtime, "--conditions=@saccade/source", str(script), str(path)], check=True)
        return json.loads(path.read_text())


def decode(record: dict | None, dtype: torch.dtype, turned: bool = False) -> torch.Tensor | None:
    """A tensor of the record; `turned` lays it out with its first axis last in memory."""
    if record is None:
        return None
    flat = np.frombuffer(base64.b64decode(record["data"]), dtype="<f8").copy()
    x = torch.from_numpy(flat).reshape(record["shape"]).to(INTEGERS.get(record["dtype"], dtype))
    return x.movedim(0, -1).contiguous().movedim(-1, 0) if turned and x.dim() > 1 else x


def evaluate(case: dict, dtype: torch.dtype, turned: bool = False) -> list[torch.Tensor]:
    """Outputs and gradients. The default type follows, as it is what integers are divided in."""
    torch.set_default_dtype(dtype)
    inputs = [decode(record, dtype, turned) for record in case["inputs"]]
    cotangents = [decode(record, dtype) for record in case["cotangents"]]
    wanted = []
    if any(c is not None for c in cotangents):
        wanted = [x.requires_grad_() for x in inputs if x is not None and x.is_floating_point()]
    scope = {name: x for name, x in zip(case["names"], inputs)}
    scope |= {name: value for name, value in eval(case["attrs"]).items() if scope.get(name) is None}
    scope |= {"torch": torch, "F": F, "inputs": inputs, "floating": dtype}
    result = eval(case["torch"], scope)
    outputs = list(result) if isinstance(result, (tuple, list)) else [result]
    shapes = [list(y.shape) for y in outputs]
    if shapes != case["shapes"]:
        raise ValueError(f"{case['name']}: PyTorch gives {shapes}, the reference {case['shapes']}")
    return [*(y.detach() for y in outputs), *gradients(outputs, cotangents, wanted)]


def gradients(outputs, cotangents, wanted) -> list[torch.Tensor]:
    if not wanted:
        return []
    pairs = [(y, c) for y, c in zip(outputs, cotangents) if y.requires_grad]
    found = torch.autograd.grad([y for y, _ in pairs], wanted, [c for _, c in pairs], allow_unused=True)
    return [torch.zeros_like(x) if g is None else g for x, g in zip(wanted, found)]


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


def generate(out: Path, only: tuple[str, ...] = ()) -> None:
    """Every file of references, or `only` those named; the others' fixtures stay as they are."""
    files: dict[str, dict[str, torch.Tensor]] = {}
    facts: dict[str, dict[str, dict]] = {}
    for kept in (ROOT / FIXTURES).glob("*.safetensors") if only else ():
        if kept.stem not in only:
            shutil.copy(kept, out)
    for case in exported_cases():
        if only and case["file"] not in only:
            continue
        name = case["name"]
        exact = evaluate(case, torch.float64)
        runs = [evaluate(case, torch.float32, turned) for turned in (False, True)]
        d = [max(deviation(name, run[i], y) for run in runs) for i, y in enumerate(exact)]
        values = torch.cat([y.double().flatten() for y in exact])
        files.setdefault(case["file"], {})[name] = values
        facts.setdefault(case["file"], {})[name] = {"digest": case["digest"], "d": [brief(x) for x in d]}
    for file, tensors in files.items():
        metadata = {"torch": torch.__version__.split("+")[0], "cases": json.dumps(facts[file])}
        checkpoint.write_safetensors(out / f"{file}.safetensors", tensors, metadata)


def brief(d: float) -> float:
    """Three digits, rounded up."""
    if d == 0:
        return 0.0
    unit = 10.0 ** (math.floor(math.log10(d)) - 2)
    return float(f"{math.ceil(d / unit) * unit:.3g}")
