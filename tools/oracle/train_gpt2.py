"""Trains transformers' GPT-2 in plain PyTorch on tiny_shakespeare at nanoGPT's published CPU setting.

    python tools/oracle/train_gpt2.py input.txt --weights init.safetensors --offsets offsets.safetensors
    python tools/oracle/train_gpt2.py input.txt --init-random 0 [--iterations 50]

The measure for our own training: given the same initial weights (HF names, lm_head tied) and the same batch
offsets (int32 [iterations, 12] into the training split: tensor `offsets` of a safetensors file, or raw
little-endian), both see the same numbers. --init-random draws weights (as nanoGPT does) and offsets itself.
Prints JSON: the loss every 100 iterations, the loss over the whole validation split, and the seconds of the
training loop alone.
"""

import argparse
import json
import math
import sys
import time
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file
from torch.nn import functional as F
from transformers import GPT2Config, GPT2LMHeadModel
from transformers.utils import logging

logging.disable_progress_bar()

LAYERS, HEADS, WIDTH, BLOCK, BATCH = 4, 4, 128, 64, 12
LEARNING_RATE, MIN_LEARNING_RATE, WARMUP, DECAY_ITERATIONS = 1e-3, 1e-4, 100, 2000
BETAS, WEIGHT_DECAY, CLIP = (0.9, 0.99), 0.1, 1.0


def read_splits(path: Path) -> tuple[torch.Tensor, torch.Tensor, int]:
    """Characters as ids in sorted order; the first 90 % train, the rest validate."""
    text = path.read_text(encoding="utf-8")
    ids = {character: i for i, character in enumerate(sorted(set(text)))}
    data = torch.tensor([ids[character] for character in text])
    cut = int(0.9 * len(data))
    return data[:cut], data[cut:], len(ids)


def build(vocab_size: int) -> GPT2LMHeadModel:
    config = GPT2Config(
        vocab_size=vocab_size,
        n_positions=BLOCK,
        n_embd=WIDTH,
        n_layer=LAYERS,
        n_head=HEADS,
        activation_function="gelu_new",
        resid_pdrop=0.0,
        embd_pdrop=0.0,
        attn_pdrop=0.0,
        bos_token_id=None,
        eos_token_id=None,
    )
    return GPT2LMHeadModel(config)


def init_random(model: GPT2LMHeadModel, seed: int) -> None:
    """nanoGPT's: std 0.02, residual projections 0.02 / sqrt(2 layers), biases 0, gains 1."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name.endswith("bias"):
                parameter.zero_()
            elif parameter.dim() < 2:
                parameter.fill_(1.0)
            else:
                std = 0.02 / math.sqrt(2 * LAYERS) if name.endswith("c_proj.weight") else 0.02
                parameter.normal_(0.0, std, generator=generator)


def load_weights(model: GPT2LMHeadModel, path: Path) -> None:
    result = model.load_state_dict(load_file(path), strict=False)
    missing = [name for name in result.missing_keys if name != "lm_head.weight"]
    if missing or result.unexpected_keys:
        raise ValueError(f"{path}: missing {missing}, unexpected {result.unexpected_keys}")
    model.tie_weights()


def read_offsets(path: Path) -> torch.Tensor:
    if path.suffix == ".safetensors":
        return load_file(path)["offsets"].long()
    return torch.from_numpy(np.fromfile(path, dtype="<i4").reshape(-1, BATCH).astype(np.int64))


def learning_rate(iteration: int) -> float:
    """nanoGPT's get_lr: linear warm-up, then cosine down to the minimum."""
    if iteration < WARMUP:
        return LEARNING_RATE * (iteration + 1) / (WARMUP + 1)
    if iteration > DECAY_ITERATIONS:
        return MIN_LEARNING_RATE
    ratio = (iteration - WARMUP) / (DECAY_ITERATIONS - WARMUP)
    return MIN_LEARNING_RATE + 0.5 * (1 + math.cos(math.pi * ratio)) * (LEARNING_RATE - MIN_LEARNING_RATE)


def loss_of(model: GPT2LMHeadModel, x: torch.Tensor, y: torch.Tensor, reduction="mean") -> torch.Tensor:
    """y is x one character on, so all 64 positions count; the labels argument would drop the last."""
    logits = model(x, use_cache=False).logits
    return F.cross_entropy(logits.flatten(0, 1), y.flatten(), reduction=reduction)


def train(model: GPT2LMHeadModel, data: torch.Tensor, offsets: torch.Tensor, fused: bool) -> dict:
    decayed = [p for p in model.parameters() if p.dim() >= 2]
    others = [p for p in model.parameters() if p.dim() < 2]
    groups = [{"params": decayed, "weight_decay": WEIGHT_DECAY}, {"params": others, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=LEARNING_RATE, betas=BETAS, fused=fused)
    window = torch.arange(BLOCK)
    losses = {}
    model.train()
    started = time.perf_counter()
    for iteration, starts in enumerate(offsets):
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(iteration)
        at = starts[:, None] + window  # (12, 64)
        loss = loss_of(model, data[at], data[at + 1])
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), CLIP)
        optimizer.step()
        if iteration % 100 == 0 or iteration + 1 == len(offsets):
            losses[iteration] = loss.item()
            print(f"{iteration}: {losses[iteration]:.4f}", file=sys.stderr, flush=True)
    return {"losses": losses, "seconds": time.perf_counter() - started}


@torch.no_grad()
def validate(model: GPT2LMHeadModel, data: torch.Tensor, batch: int = 64) -> float:
    """Mean over every character but the first, in blocks of 64 that do not overlap; the last is shorter."""
    model.eval()
    x, y = data[:-1], data[1:]
    whole = len(x) // BLOCK * BLOCK
    blocks = (part[:whole].view(-1, BLOCK).split(batch) for part in (x, y))
    pairs = list(zip(*blocks, strict=True))
    if whole < len(x):
        pairs.append((x[None, whole:], y[None, whole:]))
    return sum(loss_of(model, a, b, "sum").item() for a, b in pairs) / len(x)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("text", type=Path, help="tiny_shakespeare's input.txt")
    parser.add_argument("--weights", type=Path, help="initial weights, safetensors with HF names")
    parser.add_argument("--offsets", type=Path, help="batch offsets, .safetensors or raw int32")
    parser.add_argument("--init-random", type=int, metavar="SEED", help="draw what is not given by a file")
    parser.add_argument("--iterations", type=int, help="stop early (the schedule stays that of 2000)")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--fused", action="store_true", help="torch's fused AdamW (nanoGPT: on CUDA only)")
    parser.add_argument("--save", type=Path, help="save_pretrained the result here")
    options = parser.parse_args()
    seed = options.init_random
    if seed is None and not (options.weights and options.offsets):
        parser.error("give --weights and --offsets, or --init-random SEED")

    torch.set_num_threads(options.threads)
    data, validation, vocab_size = read_splits(options.text)
    model = build(vocab_size)
    if options.weights:
        load_weights(model, options.weights)
    else:
        init_random(model, seed)
    if options.offsets:
        offsets = read_offsets(options.offsets)
    else:
        generator = torch.Generator().manual_seed(seed)
        offsets = torch.randint(len(data) - BLOCK, (DECAY_ITERATIONS, BATCH), generator=generator)
    offsets = offsets[: options.iterations]
    result = train(model, data, offsets, options.fused)
    if options.save:
        model.save_pretrained(options.save)
    result |= {"validation": validate(model, validation), "validationCharacters": len(validation) - 1}
    result |= {"iterations": len(offsets), "threads": options.threads, "torch": torch.__version__}
    print(json.dumps(result))
    return 0


if __name__ == "__main__":
    sys.exit(main())
