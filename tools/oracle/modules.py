"""Module fixtures: every case of packages/core/src/nn/*.ref.ts, run by torch.nn in float64 and float32.

One file per reference file. Of each case it holds the state dict as PyTorch names it (drawn here, exact in float32), and in
float64 the outputs, the cotangents of those, the gradients of inputs and parameters, and buffers the forward changed. The
metadata holds the digest of what it was made from and d, the largest |f32 - f64| of each tensor. Run by generate.py.
"""

import json
import shutil
import zlib
from pathlib import Path

import torch
from torch import nn

import checkpoint
from exported import ROOT, brief, decode, deviation, exported

FIXTURES = "packages/core/test/fixtures/nn"

torch.set_num_threads(1)


def drawn(name: str, like: torch.Tensor) -> torch.Tensor:
    """Values that float32 has exactly; those of a variance are positive, counters stay."""
    if not like.is_floating_point():
        return like
    generator = torch.Generator().manual_seed(zlib.crc32(name.encode()))
    values = 0.5 * torch.randn(like.shape, generator=generator, dtype=torch.float32)
    return values.abs() + 0.5 if name.endswith("running_var") else values


def make(case: dict, dtype: torch.dtype) -> nn.Module:
    torch.set_default_dtype(dtype)
    module = eval(case["torch"], {"nn": nn, "torch": torch})
    module.train(case["training"])
    state = {name: drawn(f"{case['name']}.{name}", value) for name, value in module.state_dict().items()}
    module.load_state_dict(state)
    return module


def evaluate(case: dict, dtype: torch.dtype) -> tuple[dict[str, torch.Tensor], dict[str, torch.Tensor]]:
    """What there is to compare, and the exact cotangents."""
    module = make(case, dtype)
    before = {name: buffer.clone() for name, buffer in module.named_buffers()}
    inputs = {record["name"]: decode(record, dtype) for record in case["inputs"]}
    leaves = {f"gradient.{name}": x.requires_grad_() for name, x in inputs.items() if x.is_floating_point()}
    leaves |= {f"gradient.{name}": p for name, p in module.named_parameters() if p.requires_grad}
    result = eval(case["call"], {"module": module, "torch": torch, **inputs})
    outputs = list(result) if isinstance(result, (tuple, list)) else [result]
    found = {f"output.{i}": y.detach().clone() for i, y in enumerate(outputs)}
    cotangents = {
        f"cotangent.{i}": drawn(f"{case['name']}.cotangent.{i}", y) for i, y in enumerate(outputs) if y.requires_grad
    }
    sources = [y for y in outputs if y.requires_grad]
    if sources and leaves:
        weights = [c.to(dtype) for c in cotangents.values()]
        gradients = torch.autograd.grad(sources, list(leaves.values()), weights, allow_unused=True)
        found |= {n: torch.zeros_like(x) if g is None else g for (n, x), g in zip(leaves.items(), gradients, strict=True)}
    changed = {f"after.{name}": b.clone() for name, b in module.named_buffers() if not torch.equal(b, before[name])}
    return found | changed, cotangents


def generate(out: Path, only: tuple[str, ...] = ()) -> None:
    """Every file of references, or `only` those named; the others' fixtures stay as they are."""
    files: dict[str, dict[str, torch.Tensor]] = {}
    facts: dict[str, dict[str, dict]] = {}
    for kept in (ROOT / FIXTURES).glob("*.safetensors") if only else ():
        if kept.stem not in only:
            shutil.copy(kept, out)
    for case in exported("export-modules.ts"):
        if only and case["file"] not in only:
            continue
        name = case["name"]
        exact, cotangents = evaluate(case, torch.float64)
        rounded, _ = evaluate(case, torch.float32)
        d = {key: brief(deviation(f"{name}: {key}", rounded[key], y)) for key, y in exact.items()}
        state = {f"state.{key}": value for key, value in make(case, torch.float32).state_dict().items()}
        stored = files.setdefault(case["file"], {})
        stored |= {f"{name}/{key}": y.detach() for key, y in {**state, **cotangents, **exact}.items()}
        facts.setdefault(case["file"], {})[name] = {"digest": case["digest"], "d": d}
    for file, tensors in files.items():
        metadata = {"torch": torch.__version__.split("+")[0], "cases": json.dumps(facts[file])}
        checkpoint.write_safetensors(out / f"{file}.safetensors", tensors, metadata)
