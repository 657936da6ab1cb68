"""Random GPT-2 models whose every parameter matters, and the directories they are written to.

`build` draws biases and norm gains as well as weights: with transformers' own initialisation (biases 0, gains
1) a model that forgot them would pass. The hub form is that of the first files of 2019.
"""

import json
import math
from pathlib import Path

import torch
from transformers import GPT2Config, GPT2LMHeadModel
from transformers.initialization import no_init_weights
from transformers.utils import logging

import checkpoint

logging.set_verbosity_error()
logging.disable_progress_bar()


def build(seed: int, **config) -> GPT2LMHeadModel:
    """A model without dropout, every parameter drawn from one generator in state-dict order."""
    settings = GPT2Config(resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0, **config)
    settings._attn_implementation = "eager"
    with no_init_weights():
        model = GPT2LMHeadModel(settings)
    model.tie_weights()
    std = settings.initializer_range
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if ".ln_" in name and name.endswith("weight"):
                parameter.normal_(1.0, 0.2, generator=generator)
            elif name.endswith("c_proj.weight"):
                parameter.normal_(0.0, std / math.sqrt(2 * settings.n_layer), generator=generator)
            else:
                parameter.normal_(0.0, std, generator=generator)
    return model.eval()


def hub_state(model: GPT2LMHeadModel, mask_dtype: torch.dtype) -> checkpoint.Tensors:
    """The names of the first GPT-2 files on the hub: no base prefix, no head, the causal masks as buffers."""
    state = {}
    length = model.config.n_positions
    mask = torch.ones(length, length).tril().to(mask_dtype).view(1, 1, length, length)
    for name, tensor in model.transformer.state_dict().items():
        state[name] = tensor
        if name.endswith("ln_1.bias"):
            attention = name.removesuffix("ln_1.bias") + "attn"
            state[f"{attention}.bias"] = mask
            state[f"{attention}.masked_bias"] = torch.tensor(-1e4, dtype=tensor.dtype)
    return state


def write_hub_config(directory: Path, config: GPT2Config) -> None:
    """config.json as it was written in 2019: n_ctx, task_specific_params, no dtype, no tie, no version."""
    fields = {
        "activation_function": config.activation_function,
        "architectures": ["GPT2LMHeadModel"],
        "attn_pdrop": config.attn_pdrop,
        "bos_token_id": config.bos_token_id,
        "embd_pdrop": config.embd_pdrop,
        "eos_token_id": config.eos_token_id,
        "initializer_range": config.initializer_range,
        "layer_norm_epsilon": config.layer_norm_epsilon,
        "model_type": "gpt2",
        "n_ctx": config.n_positions,
        "n_embd": config.n_embd,
        "n_head": config.n_head,
        "n_layer": config.n_layer,
        "n_positions": config.n_positions,
        "resid_pdrop": config.resid_pdrop,
        "summary_activation": None,
        "summary_first_dropout": 0.1,
        "summary_proj_to_labels": True,
        "summary_type": "cls_index",
        "summary_use_proj": True,
        "task_specific_params": {"text-generation": {"do_sample": True, "max_length": 50}},
        "vocab_size": config.vocab_size,
    }
    (directory / "config.json").write_text(json.dumps(fields, indent=2) + "\n")


def write_hub(directory: Path, model: GPT2LMHeadModel, mask_dtype: torch.dtype, seed: int) -> None:
    directory.mkdir(parents=True)
    state = checkpoint.shuffled(hub_state(model, mask_dtype), seed)
    checkpoint.write_safetensors(directory / "model.safetensors", state, {"format": "pt"})
    write_hub_config(directory, model.config)
