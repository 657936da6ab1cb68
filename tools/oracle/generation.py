"""Greedy and beam search written out, so that the gaps behind every choice can be measured.

A generated id is only a fair test if no rounding could have changed it: the chosen token must lead the
second, and the last beam kept the first one dropped, by far more than float32 arithmetic moves them.
Both searches assume that nothing ends early (no eos); transformers' own generate confirms the ids.
"""

from dataclasses import dataclass

import torch
from transformers import LogitsProcessor

Ids = list[int]


@dataclass
class Greedy:
    ids: Ids
    gap: float  # smallest lead of the chosen token over the second, in logits
    logits: torch.Tensor  # (steps, vocab): what each id was chosen from


@dataclass
class Beam:
    ids: Ids
    score: float  # sum of log probabilities of the winner
    gap: float  # smallest lead of the last beam kept over the first dropped, in summed log probabilities
    final_gap: float  # lead of the winner over the second best
    kept: torch.Tensor  # (steps, beams): summed log probabilities of the beams kept


@torch.no_grad()
def greedy(model, prompts: list[Ids], steps: int) -> list[Greedy]:
    """All prompts, of equal length, in one batch."""
    ids, cache, rows = torch.tensor(prompts), None, []
    for _ in range(steps):
        out = model(ids, past_key_values=cache, use_cache=True)
        cache = out.past_key_values
        rows.append(out.logits[:, -1])  # (batch, vocab)
        ids = rows[-1].argmax(-1, keepdim=True)
    logits = torch.stack(rows, dim=1)  # (batch, steps, vocab)
    top = logits.topk(2, dim=-1)
    gaps = (top.values[..., 0] - top.values[..., 1]).min(dim=-1).values
    return [Greedy(top.indices[b, :, 0].tolist(), gaps[b].item(), logits[b]) for b in range(len(prompts))]


@torch.no_grad()
def beam(model, prompt: Ids, steps: int, beams: int) -> Beam:
    out = model(torch.tensor([prompt]), use_cache=True)
    cache = out.past_key_values
    cache.batch_repeat_interleave(beams)
    scores = out.logits[0, -1].log_softmax(-1)[None]  # (1, vocab): the beams still are one
    sequences = torch.empty(1, 0, dtype=torch.long)
    gap, history = float("inf"), []
    for step in range(steps):
        vocab = scores.shape[1]
        top = scores.flatten().topk(beams + 1)
        gap = min(gap, (top.values[-2] - top.values[-1]).item())
        source, token = top.indices[:beams] // vocab, top.indices[:beams] % vocab
        kept = top.values[:beams]
        history.append(kept)
        sequences = torch.cat([sequences[source], token[:, None]], dim=1)
        if step + 1 < steps:
            cache.reorder_cache(source)
            out = model(token[:, None], past_key_values=cache, use_cache=True)
            scores = kept[:, None] + out.logits[:, -1].log_softmax(-1)  # (beams, vocab)
    final_gap = (kept[0] - kept[1]).item()
    return Beam(sequences[0].tolist(), kept[0].item(), gap, final_gap, torch.stack(history))


@torch.no_grad()
def continuation_logits(model, prompt: Ids, ids: Ids) -> torch.Tensor:
    """(len(ids), vocab): the logits that every id was chosen from, in one pass without a cache."""
    return model(torch.tensor([prompt + ids[:-1]])).logits[0, len(prompt) - 1 :]


@torch.no_grad()
def generate(model, prompt: Ids, steps: int, **options) -> Ids:
    """transformers' own generate, without an eos unless the options name one; only the new ids."""
    ids = torch.tensor([prompt])
    mask = torch.ones_like(ids)
    out = model.generate(ids, attention_mask=mask, do_sample=False, max_new_tokens=steps, **options)
    return out[0, len(prompt) :].tolist()


@torch.no_grad()
def padded_batch(model, prompts: list[Ids], steps: int) -> list[Ids]:
    """Greedy generate of prompts of unequal lengths, left-padded with 0; only the new ids."""
    longest = max(len(p) for p in prompts)
    ids = torch.tensor([[0] * (longest - len(p)) + p for p in prompts])
    mask = torch.tensor([[0] * (longest - len(p)) + [1] * len(p) for p in prompts])
    out = model.generate(ids, attention_mask=mask, do_sample=False, max_new_tokens=steps, pad_token_id=0)
    return out[:, longest:].tolist()


class Jitter(LogitsProcessor):
    """Uniform noise on every score: an id that survives it does not hang on rounding."""

    def __init__(self, amplitude: float, seed: int):
        self.amplitude = amplitude
        self.generator = torch.Generator().manual_seed(seed)

    def __call__(self, input_ids, scores):
        noise = torch.rand(scores.shape, generator=self.generator, dtype=scores.dtype)
        return scores + self.amplitude * (2 * noise - 1)


def sure_ids(models: list, prompt: Ids, steps: int, amplitude: float, trials: int = 5, **options) -> Ids:
    """What generate returns for every model (float32, float64) and under every jitter alike."""
    ids = generate(models[0], prompt, steps, **options)
    again = [generate(model, prompt, steps, **options) for model in models]
    for seed in range(trials):
        jitter = [Jitter(amplitude, seed)]
        again += [generate(model, prompt, steps, logits_processor=jitter, **options) for model in models]
    if any(other != ids for other in again):
        raise ValueError(f"the ids with {options} change with rounding")
    return ids
