"""OpenAI GPT (OpenAIGPTLMHeadModel) fixtures: a two-layer checkpoint with sharp weights, and what it computes.

Run by generate.py; the test that reads it is packages/models/test/architectures.test.ts.
"""

from pathlib import Path

import torch
from transformers import OpenAIGPTConfig, OpenAIGPTLMHeadModel

import causal

FIXTURES = "packages/models/test/fixtures/openai-gpt"

TINY = {"vocab_size": 61, "n_positions": 32, "n_embd": 36, "n_layer": 2, "n_head": 4, "initializer_range": 0.3}
FLIPS = {
    "epsilon": {"layer_norm_epsilon": 1e-2},
    "relu": {"afn": "relu"},
    "silu": {"afn": "silu"},
    "twoHeads": {"n_head": 2},
}


def build(**changes) -> OpenAIGPTLMHeadModel:
    """Every parameter is drawn, biases and norm gains too: a model that forgot one would miss its fixture."""
    config = OpenAIGPTConfig(**{**TINY, **changes}, resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0)
    model = OpenAIGPTLMHeadModel(config)
    generator = torch.Generator().manual_seed(40)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            gain = ".ln_" in name and name.endswith("weight")
            parameter.normal_(1.0 if gain else 0.0, 0.2 if gain else 0.3, generator=generator)
    return model.eval()


def generate(out: Path) -> None:
    causal.write_architecture(out, build, FLIPS, seed=41)
