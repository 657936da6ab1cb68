"""What a parity fixture is: float64 values and how far PyTorch's own float32 strays from them.

A computation is a function of the dtype returning named tensors. It runs in float64, whose values are
stored, and in float32, in one or more equally valid orders of arithmetic; d is the largest |f32 - f64| of a
tensor over these runs. An implementation passes when it lies within 8 d + 1e-7 * scale of the stored
values, scale being their largest magnitude. `<name>.safetensors` holds the tensors, `<name>.json` beside it
d and scale for each recorded one, and what else the test has to know.
"""

import json
from collections.abc import Callable
from pathlib import Path

import torch

import checkpoint

torch.set_num_threads(1)
torch.use_deterministic_algorithms(True)

Run = Callable[[torch.dtype], dict[str, torch.Tensor]]


class Fixture:
    def __init__(self, about: str):
        self.facts: dict = {"about": about, "torch": torch.__version__.split("+")[0]}
        self.tensors: dict[str, torch.Tensor] = {}
        self.tolerances: dict[str, dict[str, float]] = {}

    def inputs(self, **tensors: torch.Tensor) -> None:
        """Exact inputs: integers are stored as I32, floats as they are."""
        for name, tensor in tensors.items():
            self._store(name, tensor if tensor.is_floating_point() else tensor.to(torch.int32))

    def record(self, run: Run, *reorderings: Run, prefix: str = "") -> dict[str, torch.Tensor]:
        """Stores run(float64) and d over the float32 runs; a reordering may leave tensors out."""
        exact = run(torch.float64)
        rounded = [variant(torch.float32) for variant in (run, *reorderings)]
        for name, value in exact.items():
            if value.dtype != torch.float64:
                raise TypeError(f"{prefix}{name} is {value.dtype} in the float64 run")
            d = max(deviation(r[name], value) for r in rounded if name in r)
            scale = value.abs().max().item()
            if not d <= 1e-3 * scale:
                raise ValueError(f"{prefix}{name}: d = {d:.2e} at scale {scale:.2e} tests nothing")
            self._store(prefix + name, value)
            self.tolerances[prefix + name] = {"d": d, "scale": scale}
        return exact

    def note(self, **facts) -> None:
        self.facts.update(facts)

    def tolerance(self, name: str) -> float:
        entry = self.tolerances[name]
        return 8 * entry["d"] + 1e-7 * entry["scale"]

    def flipped(self, switch: str, name: str, exact: torch.Tensor, other: torch.Tensor) -> None:
        """Proves sharpness: with the switch flipped the tensor must miss its tolerance by far."""
        delta = deviation(other, exact)
        if delta < 20 * self.tolerance(name):
            raise ValueError(f"{switch} moves {name} by {delta:.2e} only: the fixture is not sharp")
        self.facts.setdefault("flips", {})[switch] = {"tensor": name, "maxAbsDelta": delta}

    def write(self, path: Path) -> None:
        checkpoint.write_safetensors(path.with_suffix(".safetensors"), self.tensors)
        write_json(path.with_suffix(".json"), {**self.facts, "tolerances": self.tolerances})

    def _store(self, name: str, tensor: torch.Tensor) -> None:
        if name in self.tensors:
            raise ValueError(f"{name} is stored twice")
        self.tensors[name] = tensor.detach().clone()


def deviation(a: torch.Tensor, b: torch.Tensor) -> float:
    if a.shape != b.shape:
        raise ValueError(f"shapes {tuple(a.shape)} and {tuple(b.shape)} differ")
    return (a.detach().double() - b.detach().double()).abs().max().item()


def write_json(path: Path, value: dict) -> None:
    """One line per entry two levels deep: readable diffs, without a line per number."""

    def text(node, depth: int) -> str:
        if isinstance(node, dict) and node and depth < 2:
            pad = "  " * (depth + 1)
            rows = [f"{pad}{json.dumps(k)}: {text(v, depth + 1)}" for k, v in node.items()]
            return "{\n" + ",\n".join(rows) + "\n" + "  " * depth + "}"
        return json.dumps(node)

    path.write_text(text(value, 0) + "\n")
