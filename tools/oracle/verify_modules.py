"""Loads what our modules save into torch.nn, strictly and by name, and says how many did.

    tools/oracle/.venv/bin/python tools/oracle/verify_modules.py

The other direction, PyTorch's state dicts into ours, is test/modules.test.ts of packages/core.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import safetensors.torch
import torch
from torch import nn

from exported import ROOT


def main() -> int:
    node = ROOT / "node_modules/.bin/node"
    wrong = 0
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "cases.json"
        program = str(ROOT / "packages/core/tools/save-modules.ts")
        subprocess.run([str(node), "--conditions=@saccade/source", program, str(path)], check=True)
        cases = json.loads(path.read_text())
        for case in cases:
            state = safetensors.torch.load_file(case["path"])
            module = eval(case["torch"], {"nn": nn, "torch": torch})
            module.load_state_dict(state, strict=True)
            loaded = module.state_dict()
            differing = [name for name, value in state.items() if not torch.equal(loaded[name], value.to(loaded[name]))]
            if differing:
                print(f"{case['name']}: {', '.join(differing)} changed on the way")
                wrong += 1
    print(f"{len(cases)} modules of ours loaded into torch.nn by name, {wrong} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
