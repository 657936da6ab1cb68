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
from lion import Lion

FIXTURES = "packages/core/test/fixtures/modules"

STEPS = 50
SHAPES = [(3, 7), (7,)]
STORED_STEPS = (1, 2, 10, 50)
SKIPPING = ("SGD momentum", "AdamW decayed", "Adagrad decayed", "NAdam defaults", "RAdam decayed")
# name: optimizer, options
RUNS = {
    "SGD plain": ("SGD", {"lr": 0.05}),
    "SGD momentum": ("SGD", {"lr": 0.05, "momentum": 0.9}),
    "SGD dampened": ("SGD", {"lr": 0.05, "momentum": 0.9, "dampening": 0.3, "weight_decay": 0.02}),
    "SGD nesterov": ("SGD", {"lr": 0.05, "momentum": 0.9, "nesterov": True, "weight_decay": 0.02}),
    "SGD maximize": ("SGD", {"lr": 0.05, "momentum": 0.9, "weight_decay": 0.02, "maximize": True}),
    "AdamW defaults": ("AdamW", {}),
    "AdamW decayed": ("AdamW", {"lr": 0.02, "betas": (0.8, 0.95), "eps": 1e-5, "weight_decay": 0.3}),
    "AdamW amsgrad": ("AdamW", {"lr": 0.02, "betas": (0.8, 0.95), "amsgrad": True}),
    "Adam defaults": ("Adam", {}),
    "Adam decayed": ("Adam", {"lr": 0.02, "betas": (0.3, 0.4), "eps": 1e-5, "weight_decay": 0.3}),
    "Adam amsgrad": ("Adam", {"lr": 0.02, "betas": (0.8, 0.7), "amsgrad": True, "maximize": True}),
    "Adagrad defaults": ("Adagrad", {}),
    "Adagrad decayed": (
        "Adagrad",
        {"lr": 0.1, "lr_decay": 0.05, "weight_decay": 0.1, "initial_accumulator_value": 0.3, "eps": 1e-3},
    ),
    "Adadelta defaults": ("Adadelta", {}),
    "Adadelta decayed": ("Adadelta", {"lr": 0.7, "rho": 0.8, "eps": 1e-3, "weight_decay": 0.1, "maximize": True}),
    "RMSprop defaults": ("RMSprop", {}),
    "RMSprop centered": ("RMSprop", {"lr": 0.01, "alpha": 0.9, "eps": 1e-2, "centered": True, "weight_decay": 0.1}),
    "RMSprop momentum": ("RMSprop", {"lr": 0.01, "alpha": 0.4, "eps": 1e-2, "momentum": 0.8, "centered": True}),
    "RMSprop maximize": ("RMSprop", {"lr": 0.01, "momentum": 0.8, "maximize": True}),
    "Adamax defaults": ("Adamax", {}),
    "Adamax decayed": ("Adamax", {"lr": 0.02, "betas": (0.4, 0.9), "eps": 1e-2, "weight_decay": 0.1, "maximize": True}),
    "NAdam defaults": ("NAdam", {}),
    "NAdam decayed": ("NAdam", {"lr": 0.02, "betas": (0.8, 0.9), "weight_decay": 0.1, "momentum_decay": 0.02}),
    "NAdam decoupled": ("NAdam", {"lr": 0.02, "weight_decay": 0.1, "decoupled_weight_decay": True, "maximize": True}),
    "RAdam defaults": ("RAdam", {}),
    "RAdam decayed": ("RAdam", {"lr": 0.02, "betas": (0.8, 0.9), "eps": 1e-3, "weight_decay": 0.1}),
    "RAdam decoupled": ("RAdam", {"lr": 0.02, "weight_decay": 0.1, "decoupled_weight_decay": True, "maximize": True}),
    "Lion defaults": ("Lion", {}),
    "Lion decayed": ("Lion", {"lr": 0.01, "betas": (0.8, 0.9), "weight_decay": 0.3, "maximize": True}),
}
# Runs that must differ by the end, or the fixture could not tell one formula from another.
FLIPS = [
    ("SGD momentum", "SGD nesterov"),
    ("SGD plain", "SGD momentum"),
    ("SGD momentum", "SGD maximize"),
    ("AdamW defaults", "AdamW decayed"),
    ("Adam defaults", "AdamW defaults"),
    ("Adam defaults", "NAdam defaults"),
    ("Adam defaults", "RAdam defaults"),
    ("Adam amsgrad", "Adam decayed"),
    ("NAdam decayed", "NAdam decoupled"),
    ("RAdam decayed", "RAdam decoupled"),
    ("RMSprop centered", "RMSprop momentum"),
    ("Adagrad defaults", "Adagrad decayed"),
    ("Adadelta defaults", "Adadelta decayed"),
    ("Adamax defaults", "Adamax decayed"),
    ("Lion defaults", "Lion decayed"),
]


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


def maker(name: str):
    optimizer, options = RUNS[name]
    kind = Lion if optimizer == "Lion" else getattr(torch.optim, optimizer)
    return lambda params: kind(params, **options)


def optimizers(out: Path) -> None:
    gradients = [[draw(1000 + 2 * s + i, *shape) for i, shape in enumerate(SHAPES)] for s in range(STEPS)]
    fixture = Fixture("<run>.<step>.<parameter> after given gradients; each run's optimizer and settings")
    for i in range(len(SHAPES)):
        fixture.inputs(**{f"gradients.{i}": torch.stack([row[i] for row in gradients])})
        fixture.inputs(**{f"start.{i}": draw(70 + i, *SHAPES[i])})
    groups = [{"lr": 0.1, "weight_decay": 0.5}, {"weight_decay": 0.0}]
    makers = {name: maker(name) for name in RUNS}
    makers["grouped"] = lambda p: torch.optim.AdamW(
        [{"params": [q], **o} for q, o in zip(p, groups, strict=True)], lr=0.01
    )
    exact = {name: fixture.record(optimized(make, gradients), prefix=f"{name}.") for name, make in makers.items()}
    skipped = {(1, 1), (5, 0), (6, 0), (30, 1)}
    for name in SKIPPING:
        run = optimized(makers[name], gradients, skipped)
        fixture.record(run, prefix=f"{name}, skipping.")
    for name, other in FLIPS:
        last = f"{STEPS}.0"
        fixture.flipped(f"{name} as {other}", f"{name}.{last}", exact[name][last], exact[other][last])
    runs = {name: {"optimizer": optimizer, "options": options} for name, (optimizer, options) in RUNS.items()}
    fixture.note(runs=runs, groups=groups, skipped=sorted(skipped), skipping=SKIPPING, steps=STORED_STEPS)
    fixture.write(out / "optimizers")


def clipping(out: Path) -> None:
    gradients = [draw(80, 4100), draw(81, 5), 1e-3 * draw(82, 4, 4)]

    def run(clip):
        def clipped(dtype: torch.dtype) -> dict[str, torch.Tensor]:
            params = [nn.Parameter(torch.zeros_like(g, dtype=dtype)) for g in gradients]
            for parameter, gradient in zip(params, gradients, strict=True):
                parameter.grad = gradient.to(dtype, copy=True)  # clipped in place
            norm = clip(params)
            return ({} if norm is None else {"norm": norm}) | {str(i): p.grad for i, p in enumerate(params)}

        return clipped

    fixture = Fixture("torch.nn.utils.clip_grad_norm_ with limits below and above the norm, of several kinds; clip_grad_value_")
    fixture.inputs(**{f"gradient.{i}": g for i, g in enumerate(gradients)})
    norms = {"clipped": (1.5, 2), "whole": (1e4, 2), "largest": (1.5, math.inf), "absolute": (1.5, 1), "cubic": (1.5, 3)}
    for name, (limit, kind) in norms.items():
        fixture.record(run(lambda p, a=limit, k=kind: nn.utils.clip_grad_norm_(p, a, norm_type=k)), prefix=f"{name}.")
    fixture.record(run(lambda p: nn.utils.clip_grad_value_(p, 0.7)), prefix="value.")
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


# name: our class and arguments, torch's scheduler
SCHEDULERS = {
    "StepLR": ([7, 0.3], lambda o: torch.optim.lr_scheduler.StepLR(o, 7, gamma=0.3)),
    "MultiStepLR": ([[3, 9, 9, 20], 0.5], lambda o: torch.optim.lr_scheduler.MultiStepLR(o, [3, 9, 9, 20], gamma=0.5)),
    "ExponentialLR": ([0.93], lambda o: torch.optim.lr_scheduler.ExponentialLR(o, 0.93)),
    "ConstantLR": (
        [{"factor": 0.2, "totalIters": 4}],
        lambda o: torch.optim.lr_scheduler.ConstantLR(o, factor=0.2, total_iters=4),
    ),
    "LinearLR": ([], lambda o: torch.optim.lr_scheduler.LinearLR(o)),
    "PolynomialLR": (
        [{"totalIters": 30, "power": 1.7}],
        lambda o: torch.optim.lr_scheduler.PolynomialLR(o, total_iters=30, power=1.7),
    ),
    "CosineAnnealingLR": (
        [13, {"etaMin": 0.01}],
        lambda o: torch.optim.lr_scheduler.CosineAnnealingLR(o, 13, eta_min=0.01),
    ),
    "CosineAnnealingWarmRestarts": (
        [5, {"tMult": 2, "etaMin": 0.001}],
        lambda o: torch.optim.lr_scheduler.CosineAnnealingWarmRestarts(o, 5, T_mult=2, eta_min=0.001),
    ),
    "CosineAnnealingWarmRestarts of one length": (
        [6],
        lambda o: torch.optim.lr_scheduler.CosineAnnealingWarmRestarts(o, 6),
    ),
    "OneCycleLR": ([0.5, {"totalSteps": 40}], lambda o: torch.optim.lr_scheduler.OneCycleLR(o, 0.5, total_steps=40)),
    "OneCycleLR in three phases": (
        [[0.5, 0.2], {"totalSteps": 40, "threePhase": True, "pctStart": 0.4, "annealStrategy": "linear", "divFactor": 10}],
        lambda o: torch.optim.lr_scheduler.OneCycleLR(
            o, [0.5, 0.2], total_steps=40, three_phase=True, pct_start=0.4, anneal_strategy="linear", div_factor=10
        ),
    ),
}
PLATEAUS = {
    "defaults": ({}, {"patience": 2}),
    "rising": (
        {"mode": "max", "factor": 0.5, "threshold": 0.1, "thresholdMode": "abs", "cooldown": 3, "minLr": [0.02, 0.0]},
        {"mode": "max", "factor": 0.5, "threshold": 0.1, "threshold_mode": "abs", "cooldown": 3, "min_lr": [0.02, 0.0]},
    ),
}


def two_groups() -> torch.optim.SGD:
    groups = [{"params": [nn.Parameter(torch.zeros(1))], "lr": lr} for lr in (0.1, 0.03)]
    return torch.optim.SGD(groups, lr=0.1, momentum=0.9)


def schedulers(out: Path) -> None:
    """Rates and momenta of two groups at each of 40 epochs."""
    runs = []
    for name, (arguments, make) in SCHEDULERS.items():
        optimizer = two_groups()
        scheduler = make(optimizer)
        rates, momenta = [], []
        for _ in range(40):
            rates.append([group["lr"] for group in optimizer.param_groups])
            momenta.append([group["momentum"] for group in optimizer.param_groups])
            optimizer.step()
            if len(rates) < 40:
                scheduler.step()
        runs.append({"name": name, "arguments": arguments, "rates": rates, "momenta": momenta})
    metrics = [abs(math.sin(0.7 * i)) + 3 / (i + 1) for i in range(60)]
    plateaus = []
    for name, (options, torch_options) in PLATEAUS.items():
        ours = options or {"patience": 2}
        optimizer = two_groups()
        scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, **torch_options)
        rates = []
        for metric in metrics:
            scheduler.step(metric)
            rates.append([group["lr"] for group in optimizer.param_groups])
        plateaus.append({"name": name, "options": ours, "rates": rates})
    about = "torch.optim.lr_scheduler over two groups of SGD with rates 0.1 and 0.03"
    write_json(out / "schedulers.json", {"about": about, "runs": runs, "metrics": metrics, "plateaus": plateaus})


def average(out: Path) -> None:
    """torch.optim.swa_utils over ten weights."""
    weights = [draw(500 + i, 3, 5) for i in range(10)]

    def run(dtype: torch.dtype) -> dict[str, torch.Tensor]:
        model = nn.Linear(5, 3, bias=False).to(dtype)
        averaged = torch.optim.swa_utils.AveragedModel(
            model, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(0.7)
        )
        for weight in weights:
            model.weight.data.copy_(weight)
            averaged.update_parameters(model)
        return {"average": averaged.module.weight.detach()}

    fixture = Fixture("An exponential moving average with decay 0.7")
    fixture.inputs(weights=torch.stack(weights))
    fixture.record(run)
    fixture.write(out / "average")


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
    schedulers(out)
    average(out)
    python_file(out)
