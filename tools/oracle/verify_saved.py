"""Loads a directory that savePretrained wrote with transformers and compares its logits with ours.

    python tools/oracle/verify_saved.py DIR EXPECTED.safetensors [--tolerance 1e-4]

EXPECTED holds `input_ids` (B, T), our `logits` (B, T, V), and optionally `attention_mask`, whose zeros are
left out of the comparison (positions then count the ones, as in generate). Prints JSON; exit status 1 when
a tensor is missing, unexpected or mis-shaped, or the tolerance is exceeded.
"""

import argparse
import json
import sys
from pathlib import Path

import torch
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM
from transformers.utils import logging

logging.set_verbosity_error()
logging.disable_progress_bar()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("dir", type=Path)
    parser.add_argument("expected", type=Path)
    parser.add_argument("--tolerance", type=float, default=float("inf"), help="largest |delta logit| allowed")
    options = parser.parse_args()

    model, info = AutoModelForCausalLM.from_pretrained(
        options.dir, dtype=torch.float32, output_loading_info=True, local_files_only=True
    )
    ours = load_file(options.expected)
    ids = ours["input_ids"].long()
    given = {}
    real = torch.ones_like(ids, dtype=torch.bool)
    if "attention_mask" in ours:
        mask = ours["attention_mask"].long()
        real = mask.bool()
        given = {"attention_mask": mask, "position_ids": (mask.cumsum(-1) - 1).clamp(min=0)}
    with torch.no_grad():
        theirs = model.eval()(ids, **given).logits
    if theirs.shape != ours["logits"].shape:
        print(f"logits {tuple(ours['logits'].shape)}, expected {tuple(theirs.shape)}", file=sys.stderr)
        return 1
    delta = (theirs.double() - ours["logits"].double()).abs()[real].max().item()
    loading = {name: sorted(map(str, keys)) for name, keys in info.items() if keys}
    scale = theirs[real].abs().max().item()
    report = {"class": type(model).__name__, "maxAbsDelta": delta, "scale": scale, "loading": loading}
    print(json.dumps(report))
    return 1 if loading or not delta <= options.tolerance else 0


if __name__ == "__main__":
    sys.exit(main())
