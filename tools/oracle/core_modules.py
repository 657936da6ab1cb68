"""Layers, optimizers and files of @saccade/core: a module tree, fifty optimizer steps, a safetensors file.

Gradients of the optimizer runs are given, not computed, so that every step is compared alone. The layers'
weights stand under the names torch's state_dict gives them. Run by generate.py.
"""

import math
from pathlib import Path

import safetensors.torch
import torch
from torch import nn

from fixture import Fixture, write_json

FIXTURES = "packages/core/test/fixtures/modules"

STEPS = 50
SHAPES = [(3, 7), (7,)]
STORED_STEPS = (1, 2, 10, 50)
SGD_RUNS = {
    "plain": {"lr": 0.05},
    "momentum": {"lr": 0.05, "momentum": 0.9},
    "dampened": {"lr": 0.05, "momentum": 0.9, "dampening": 0.3, "weight_decay": 0.02},
    "nesterov": {"lr": 0.05, "momentum": 0.9, "nesterov": True, "weight_decay": 0.02},
}
ADAMW_RUNS = {
    "defaults": {},
    "decayed": {"lr": 0.02, "betas": (0.8, 0.95), "eps": 1e-5, "weight_decay": 0.3},
}


def draw(seed: int, *shape: int) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


class Block(nn.Module):
    def __init__(self, width: int):
        super().__init__()
        self.ln = nn.LayerNorm(width, eps=1e-3)
        self.up = nn.Linear(width, 2 * width)
        self.down = nn.Linear(2 * width, width, bias=False)

    def forward(self, x):
        return x + self.down(torch.relu(self.up(self.ln(x))))


class Tree(nn.Module):
    """What a small language model is made of: a tied embedding, a list of blocks, a Sequential head."""

    def __init__(self):
        super().__init__()
        self.wte = nn.Embedding(11, 5)
        self.h = nn.ModuleList([Block(5), Block(5)])
        self.norm = nn.LayerNorm((4, 5), elementwise_affine=False)
        self.head = nn.Sequential(nn.Linear(5, 5), nn.Dropout(0.5), nn.Linear(5, 11, bias=False))
        self.head[2].weight = self.wte.weight
        self.register_buffer("offset", torch.zeros(5))

    def forward(self, ids):
        x = self.wte(ids) + self.offset
        for block in self.h:
            x = block(x)
        return self.head(self.norm(x))


def layers(out: Path) -> None:
    model = Tree().eval()
    with torch.no_grad():
        for i, tensor in enumerate(model.state_dict().values()):
            tensor.copy_(0.6 * draw(40 + i, *tensor.shape))
        model.head[2].weight.copy_(model.wte.weight)
    ids = torch.tensor([[3, 0, 10, 3], [7, 7, 1, 9]])
    dy = draw(60, 2, 4, 11)

    def run(dtype: torch.dtype) -> dict[str, torch.Tensor]:
        m = Tree().eval()
        m.load_state_dict(model.state_dict())
        m = m.to(dtype)
        y = m(ids)
        y.backward(dy.to(dtype))
        return {"y": y} | {f"grad.{name}": p.grad for name, p in m.named_parameters()}

    fixture = Fixture("Tree in evaluation mode on `ids`, and every gradient for the output gradient `dy`")
    fixture.inputs(ids=ids, dy=dy)
    fixture.inputs(**{f"state.{name}": tensor for name, tensor in model.state_dict().items()})
    exact = fixture.record(run)
    changed = Tree().eval().double()
    changed.load_state_dict(model.state_dict())
    changed.h[1].ln.eps = 1e-5
    fixture.flipped("eps = 1e-5 in one LayerNorm", "y", exact["y"], changed(ids))
    fixture.write(out / "layers")


def optimized(make, gradients: list[list[torch.Tensor]], skipped=frozenset()):
    """Parameters after STORED_STEPS; `skipped` holds (step, parameter) pairs without a gradient."""

    def run(dtype: torch.dtype) -> dict[str, torch.Tensor]:
        params = [nn.Parameter(draw(70 + i, *shape).to(dtype)) for i, shape in enumerate(SHAPES)]
        optimizer = make(params)
        seen = {}
        for step, row in enumerate(gradients, 1):
            for i, (parameter, gradient) in enumerate(zip(params, row, strict=True)):
                parameter.grad = None if (step, i) in skipped else gradient.to(dtype)
            optimizer.step()
            if step in STORED_STEPS:
                seen |= {f"{step}.{i}": p.detach().clone() for i, p in enumerate(params)}
        return seen

    return run


def optimizers(out: Path) -> None:
    gradients = [[draw(1000 + 2 * s + i, *shape) for i, shape in enumerate(SHAPES)] for s in range(STEPS)]
    fixture = Fixture("<run>.<step>.<parameter> after given gradients; both optimizers' runs and settings")
    for i in range(len(SHAPES)):
        fixture.inputs(**{f"gradients.{i}": torch.stack([row[i] for row in gradients])})
        fixture.inputs(**{f"start.{i}": draw(70 + i, *SHAPES[i])})
    groups = [{"lr": 0.1, "weight_decay": 0.5}, {"weight_decay": 0.0}]
    makers = {name: (lambda p, o=o: torch.optim.SGD(p, **o)) for name, o in SGD_RUNS.items()}
    makers |= {name: (lambda p, o=o: torch.optim.AdamW(p, **o)) for name, o in ADAMW_RUNS.items()}
    makers["grouped"] = lambda p: torch.optim.AdamW(
        [{"params": [q], **o} for q, o in zip(p, groups, strict=True)], lr=0.01
    )
    exact = {name: fixture.record(optimized(make, gradients), prefix=f"{name}.") for name, make in makers.items()}
    skipped = {(1, 1), (5, 0), (6, 0), (30, 1)}
    for name in ("momentum", "decayed"):
        run = optimized(makers[name], gradients, skipped)
        fixture.record(run, prefix=f"{name}Skipping.")
    for name, other in (("momentum", "nesterov"), ("plain", "momentum"), ("defaults", "decayed")):
        last = f"{STEPS}.0"
        fixture.flipped(f"{name} as {other}", f"{name}.{last}", exact[name][last], exact[other][last])
    fixture.note(sgd=SGD_RUNS, adamw=ADAMW_RUNS, groups=groups, skipped=sorted(skipped), steps=STORED_STEPS)
    fixture.write(out / "optimizers")


def clipping(out: Path) -> None:
    gradients = [draw(80, 4100), draw(81, 5), 1e-3 * draw(82, 4, 4)]

    def run(limit: float):
        def clip(dtype: torch.dtype) -> dict[str, torch.Tensor]:
            params = [nn.Parameter(torch.zeros_like(g, dtype=dtype)) for g in gradients]
            for parameter, gradient in zip(params, gradients, strict=True):
                parameter.grad = gradient.to(dtype, copy=True)  # clipped in place
            norm = nn.utils.clip_grad_norm_(params, limit)
            return {"norm": norm} | {str(i): p.grad for i, p in enumerate(params)}

        return clip

    fixture = Fixture("torch.nn.utils.clip_grad_norm_ with a limit below and one above the norm")
    fixture.inputs(**{f"gradient.{i}": g for i, g in enumerate(gradients)})
    fixture.record(run(1.5), prefix="clipped.")
    fixture.record(run(1e4), prefix="whole.")
    fixture.write(out / "clipping")


def get_lr(it: int, lr: float, min_lr: float, warmup_iters: int, lr_decay_iters: int) -> float:
    """nanoGPT's train.py, word for word but for the arguments."""
    if it < warmup_iters:
        return lr * (it + 1) / (warmup_iters + 1)
    if it > lr_decay_iters:
        return min_lr
    decay_ratio = (it - warmup_iters) / (lr_decay_iters - warmup_iters)
    coeff = 0.5 * (1.0 + math.cos(math.pi * decay_ratio))
    return min_lr + coeff * (lr - min_lr)


def schedules(out: Path) -> None:
    runs = [(6e-4, 6e-5, 10, 100), (1e-3, 1e-4, 0, 37), (0.3, 0.0, 5, 5 + 1)]
    rates = [
        {
            "options": dict(zip(("lr", "minLr", "warmupSteps", "totalSteps"), run, strict=True)),
            "rates": [get_lr(it, *run) for it in range(run[3] + 4)],
        }
        for run in runs
    ]
    write_json(out / "schedules.json", {"about": "nanoGPT's get_lr in float64", "runs": rates})


def python_file(out: Path) -> None:
    """Every type, written by the Python library; the values beside it as numbers."""
    halves = [0.0, -0.0, 1.0, -2.5, 65504.0, 6.103515625e-05, 5.960464477539063e-08, 0.333251953125]
    tensors = {
        "f64": torch.tensor([0.1, -1e30, 3.5], dtype=torch.float64),
        "f32": torch.tensor([[0.1, -1e30], [3.5, 1e-42]]),
        "f16": torch.tensor(halves, dtype=torch.float16),
        "bf16": torch.tensor([1.0, -3.0, 3.3895313892515355e38, 1e-40], dtype=torch.bfloat16),
        "i64": torch.tensor([0, -1, 2**31 - 1, -(2**31)], dtype=torch.int64),
        "i32": torch.tensor([[7], [-8]], dtype=torch.int32),
        "i16": torch.tensor([-(2**15), 2**15 - 1], dtype=torch.int16),
        "i8": torch.tensor([-128, 127, 0], dtype=torch.int8),
        "u8": torch.tensor([0, 128, 255], dtype=torch.uint8),
        "bool": torch.tensor([True, False, True]),
        "scalar": torch.tensor(2.5),
        "empty": torch.empty(2, 0, 3),
        "ünïcode \"quoted\"\\": torch.tensor([1.0]),
        "0": torch.tensor([4.0]),
        "__proto__": torch.tensor([5.0]),
    }
    path = out / "python.safetensors"
    safetensors.torch.save_file(tensors, path, {"format": "pt", "__proto__": "kept"})
    values = {name: tensor.double().flatten().tolist() for name, tensor in tensors.items()}
    shapes = {name: list(tensor.shape) for name, tensor in tensors.items()}
    rows = [[name, shapes[name], values[name]] for name in tensors]
    write_json(out / "python.json", {"about": "name, shape, values of python.safetensors", "tensors": rows})


def generate(out: Path) -> None:
    layers(out)
    optimizers(out)
    clipping(out)
    schedules(out)
    python_file(out)
