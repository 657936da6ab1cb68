"""PyTorch's side of a training step: the protocol of tools/bench/protocol.ts in Python.

    python3 tools/bench/peers/pytorch.py THREADS

The models as plain PyTorch writes them: fused attention, fused AdamW, `set_to_none`; nanoGPT has GPT-2's biases.
"""

import json
import math
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

MARK = "@bench "
ROUND_MS = 40
WARM_UP_S = 0.3
LEARNING_RATE, BETAS, WEIGHT_DECAY, CLIP = 1e-3, (0.9, 0.99), 0.1, 1.0


class Block(nn.Module):
    """`gelu`: "none" is the exact one, "tanh" GPT-2's."""

    def __init__(self, width: int, heads: int, causal: bool, gelu: str):
        super().__init__()
        self.heads, self.causal, self.gelu = heads, causal, gelu
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.projection = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.widen, self.narrow = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        B, T, C = x.shape
        q, k, v = (p.view(B, T, self.heads, -1).transpose(1, 2) for p in self.qkv(self.norm1(x)).split(C, 2))
        y = F.scaled_dot_product_attention(q, k, v, is_causal=self.causal)  # (B, H, T, D)
        x = x + self.projection(y.transpose(1, 2).reshape(B, T, C))
        return x + self.narrow(F.gelu(self.widen(self.norm2(x)), approximate=self.gelu))


class Gpt(nn.Module):
    def __init__(self, task: dict):
        super().__init__()
        width = task["width"]
        self.tokens = nn.Embedding(task["vocabulary"], width)
        self.positions = nn.Embedding(task["block"], width)
        blocks = (Block(width, task["heads"], True, "tanh") for _ in range(task["layers"]))
        self.blocks = nn.Sequential(*blocks)
        self.norm = nn.LayerNorm(width)
        for name, parameter in self.named_parameters():
            if name.endswith("bias"):
                nn.init.zeros_(parameter)
            elif parameter.dim() >= 2:
                residual = name.endswith(("projection.weight", "narrow.weight"))
                nn.init.normal_(parameter, std=0.02 / math.sqrt(2 * task["layers"]) if residual else 0.02)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        x = self.tokens(ids) + self.positions.weight[: ids.shape[1]]  # (B, T, C)
        return F.linear(self.norm(self.blocks(x)), self.tokens.weight)  # (B, T, V)


class Vit(nn.Module):
    def __init__(self, task: dict):
        super().__init__()
        width, patch = task["width"], task["patch"]
        self.patches = nn.Conv2d(3, width, patch, stride=patch)
        self.class_token = nn.Parameter(torch.empty(1, 1, width))
        self.positions = nn.Parameter(torch.empty(1, (task["size"] // patch) ** 2 + 1, width))
        blocks = (Block(width, task["heads"], False, "none") for _ in range(task["layers"]))
        self.blocks = nn.Sequential(*blocks)
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, task["classes"])
        for name, parameter in self.named_parameters():
            if name.endswith("bias"):
                nn.init.zeros_(parameter)
            elif parameter.dim() >= 2:
                nn.init.normal_(parameter, std=0.02)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        patches = self.patches(images).flatten(2).transpose(1, 2)  # (B, P, C)
        first = self.class_token.expand(len(images), -1, -1)
        x = self.norm(self.blocks(torch.cat([first, patches], 1) + self.positions))  # (B, 1 + P, C)
        return self.head(x[:, 0])  # (B, classes)


class CharacterLstm(nn.Module):
    def __init__(self, task: dict):
        super().__init__()
        width = task["width"]
        self.embedding = nn.Embedding(task["vocabulary"], width)
        self.lstm = nn.LSTM(width, width, task["layers"], batch_first=True)
        self.head = nn.Linear(width, task["vocabulary"])

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        return self.head(self.lstm(self.embedding(ids))[0])  # (B, T, V)


def text_batches(task: dict):
    """Pieces of random text, each with the characters that follow."""
    data = torch.randint(task["vocabulary"], (task["block"] * 400,))
    window = torch.arange(task["block"])
    while True:
        at = torch.randint(len(data) - task["block"], (task["batch"], 1)) + window
        yield data[at], data[at + 1]


def image_batches(task: dict):
    images = torch.rand(task["batch"], 3, task["size"], task["size"]) - 0.5
    labels = torch.arange(task["batch"]) % task["classes"]
    while True:
        yield images, labels


class Training:
    def __init__(self, task: dict):
        torch.manual_seed(0)
        self.model = {"GPT": Gpt, "ViT": Vit, "LSTM": CharacterLstm}[task["model"]](task)
        parameters = list(self.model.parameters())
        groups = [
            {"params": [p for p in parameters if p.dim() >= 2], "weight_decay": WEIGHT_DECAY},
            {"params": [p for p in parameters if p.dim() < 2], "weight_decay": 0.0},
        ]
        self.optimizer = torch.optim.AdamW(groups, lr=LEARNING_RATE, betas=BETAS, fused=True)
        self.batches = image_batches(task) if task["model"] == "ViT" else text_batches(task)

    def step(self) -> float:
        inputs, targets = next(self.batches)
        logits = self.model(inputs)
        loss = F.cross_entropy(logits.flatten(0, -2), targets.flatten())
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), CLIP)
        self.optimizer.step()
        return loss.item()

    def warm_up(self) -> int:
        """Returns how many steps fill a round."""
        began, fastest = time.perf_counter(), math.inf
        while time.perf_counter() - began < WARM_UP_S:
            start = time.perf_counter()
            self.step()
            fastest = min(fastest, time.perf_counter() - start)
        return max(1, round(ROUND_MS / 1000 / fastest))

    def parameters(self) -> int:
        return sum(p.numel() for p in self.model.parameters())


def send(answer: dict) -> None:
    print(MARK + json.dumps(answer), flush=True)


def main() -> None:
    threads = int(sys.argv[1])
    torch.set_num_threads(threads)
    send({"version": torch.__version__, "threads": threads, "threadsReason": ""})
    training, repeats = None, 1
    for line in sys.stdin:
        request = json.loads(line)
        task = request.get("prepare")
        if task is not None and task["op"] != "train":
            send({"unsupported": f"no {task['op']}"})
        elif task is not None:
            training = Training(task)
            checksum = [training.parameters(), 0, training.step()]
            repeats = training.warm_up()
            send({"checksum": checksum})
        elif request.get("time"):
            start = time.perf_counter()
            for _ in range(repeats):
                training.step()
            send({"ms": (time.perf_counter() - start) * 1000 / repeats})
        else:
            training = None
            send({})


main()
