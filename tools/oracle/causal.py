"""What the fixture of any causal language model holds: outputs, loss and gradients of one batch, in both precisions.

`write_architecture` is all that an architecture without peculiarities needs: <out>/tiny is the checkpoint as
save_pretrained writes it, forward and gradients are what transformers computes from it, and each config change in
`flips` is proved to move the logits.
"""

import copy
from collections.abc import Callable
from pathlib import Path

import torch
from torch.nn import functional as F

from fixture import Fixture


def as_dtype(model, dtype: torch.dtype, attention: str = "eager"):
    other = copy.deepcopy(model).to(dtype)
    if other.config._attn_implementation != attention:
        other.set_attn_implementation(attention)
    return other


def causal_loss(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """transformers' loss without its cast of the logits to float32, which would spoil the float64 run."""
    return F.cross_entropy(logits[:, :-1].flatten(0, 1), labels[:, 1:].flatten(), ignore_index=-100)


def outputs(model, ids, labels, attention: str = "eager", rows: list[int] | None = None):
    """A run for Fixture.record: forward, loss, every gradient; `rows` permutes the batch there and back."""

    def run(dtype: torch.dtype) -> dict[str, torch.Tensor]:
        m = as_dtype(model, dtype, attention)
        order = torch.tensor(rows) if rows else torch.arange(len(ids))
        back = order.argsort()
        out = m(ids[order], output_hidden_states=True, output_attentions=attention == "eager")
        loss = causal_loss(out.logits, labels[order])
        loss.backward()
        named = {"logits": out.logits[back], "loss": loss}
        named |= {f"hidden_states.{i}": h[back] for i, h in enumerate(out.hidden_states)}
        named |= {f"attentions.{i}": a[back] for i, a in enumerate(out.attentions or [])}
        return named | {f"grad.{n}": p.grad for n, p in m.named_parameters()}

    return run


def only(run, keep):
    return lambda dtype: {name: tensor for name, tensor in run(dtype).items() if keep(name)}


def write_architecture(out: Path, build: Callable, flips: dict[str, dict], seed: int) -> None:
    model = build()
    model.save_pretrained(out / "tiny")
    vocabulary = model.config.vocab_size
    ids = torch.randint(1, vocabulary, (2, 13), generator=torch.Generator().manual_seed(seed))
    labels = ids.clone()
    labels[0, 3] = labels[1, 7:9] = -100
    runs = [outputs(model, ids, labels), outputs(model, ids, labels, rows=[1, 0])]

    fixture = Fixture("tiny on a 2 x 13 batch; labels as transformers takes them, unshifted")
    fixture.inputs(input_ids=ids, labels=labels)
    exact = fixture.record(*[only(run, lambda n: not n.startswith("grad.")) for run in runs])
    for name, changes in flips.items():
        flipped = as_dtype(build(**changes), torch.float64)(ids).logits
        fixture.flipped(name, "logits", exact["logits"], flipped)
        fixture.facts["flips"][name]["config"] = changes
    fixture.write(out / "forward")

    gradients = Fixture("gradient of the loss of forward.safetensors by every parameter, keyed by its name")
    gradients.record(*[only(run, lambda n: n.startswith("grad.")) for run in runs])
    gradients.write(out / "gradients")
