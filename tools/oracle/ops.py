"""Op fixtures: every case of packages/core/src/ops/*.ref.ts, evaluated by PyTorch in float64 and float32.

The cases (inputs, cotangents, the PyTorch expression) come from packages/core/tools/export-cases.ts, run with the
repository's Node. One file per reference file; in it one flat F64 tensor per case: the outputs, then the gradients of
sum(y * cotangent) for each float input. The metadata holds, per case, the digest of what it was made from and d, the
largest |f32 - f64| of each tensor over two orders of the inputs in memory. Run by generate.py.
"""

import json
import shutil
from pathlib import Path

import torch
from torch.nn import functional as F

import checkpoint
from exported import ROOT, brief, decode, deviation, exported
from recurrent_reference import recurrent, recurrent_cell

FIXTURES = "packages/core/test/fixtures/ops"

torch.set_num_threads(1)


def evaluate(case: dict, dtype: torch.dtype, turned: bool = False) -> list[torch.Tensor]:
    """Outputs and gradients. The default type follows, as it is what integers are divided in."""
    torch.set_default_dtype(dtype)
    inputs = [decode(record, dtype, turned) for record in case["inputs"]]
    cotangents = [decode(record, dtype) for record in case["cotangents"]]
    wanted = []
    if any(c is not None for c in cotangents):
        wanted = [x.requires_grad_() for x, leaf in zip(inputs, case["leaves"], strict=True) if leaf]
    scope = {**dict.fromkeys(case["names"]), **dict(zip(case["names"], inputs))}
    scope |= {name: value for name, value in eval(case["attrs"]).items() if scope.get(name) is None}
    scope |= {"torch": torch, "F": F, "inputs": inputs, "floating": dtype}
    scope |= {"recurrent": recurrent, "recurrent_cell": recurrent_cell}
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


def generate(out: Path, only: tuple[str, ...] = ()) -> None:
    """Every file of references, or `only` those named; the others' fixtures stay as they are."""
    files: dict[str, dict[str, torch.Tensor]] = {}
    facts: dict[str, dict[str, dict]] = {}
    for kept in (ROOT / FIXTURES).glob("*.safetensors") if only else ():
        if kept.stem not in only:
            shutil.copy(kept, out)
    for case in exported("export-cases.ts"):
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
