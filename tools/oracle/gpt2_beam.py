"""When beam search ends: prompts of tiny for which early_stopping True, False and "never" find other ids.

In generation.json of the gpt2 family False and "never" agree, as they usually do. Run by generate.py.
"""

from pathlib import Path

import torch
from transformers import GenerationConfig

import generation
import gpt2
from causal import as_dtype
from fixture import write_json

FIXTURES = "packages/models/test/fixtures/gpt2-beam"

STEPS, WANTED = 16, 3
AMPLITUDE = 2e-4  # of the jitter that the ids must survive: 50 times what float32 moves the logits
STOPPING = {"true": True, "false": False, "never": "never"}


def endings(models: list, prompt: list[int], eos: int, penalty: float) -> dict | None:
    """The ids under each early_stopping if all differ and no rounding could change them."""
    options = {"num_beams": 3, "eos_token_id": eos, "length_penalty": penalty}
    found = {
        name: generation.generate(models[1], prompt, STEPS, early_stopping=value, **options)
        for name, value in STOPPING.items()
    }
    if len({tuple(ids) for ids in found.values()}) < len(STOPPING):
        return None
    try:
        for value in STOPPING.values():
            generation.sure_ids(models, prompt, STEPS, AMPLITUDE, early_stopping=value, **options)
    except ValueError:
        return None
    return {"prompt": prompt, "eos": eos, "lengthPenalty": penalty, **found}


def generate(out: Path) -> None:
    model = as_dtype(gpt2.tiny(), torch.float32)
    model.generation_config = GenerationConfig()
    models = [model, as_dtype(model, torch.float64)]
    cases = []
    for seed in range(100):
        prompt = gpt2.draw(300 + seed, 6).tolist()
        plain = generation.generate(models[1], prompt, STEPS, num_beams=3)
        trials = ((eos, penalty) for eos in sorted(set(plain[2:8])) for penalty in (1.0, 2.0))
        case = next(filter(None, (endings(models, prompt, *trial) for trial in trials)), None)
        if case:
            cases.append(case)
        if len(cases) == WANTED:
            break
    else:
        raise ValueError(f"only {len(cases)} prompts end differently")
    about = "new ids of tiny by early_stopping; num_beams 3"
    write_json(out / "endings.json", {"about": about, "maxNewTokens": STEPS, "beams": 3, "cases": cases})
