"""Writes checkpoint directories as they are met in the wild, not only as today's save_pretrained has them.

Own safetensors writer because the library's sorts by name: files here can have any tensor order, and the
bytes of a file depend on its tensors alone.
"""

import json
import math
from pathlib import Path

import torch

DTYPES = {
    torch.float64: "F64",
    torch.float32: "F32",
    torch.float16: "F16",
    torch.bfloat16: "BF16",
    torch.int64: "I64",
    torch.int32: "I32",
    torch.uint8: "U8",
    torch.bool: "BOOL",
}

Tensors = dict[str, torch.Tensor]


def write_safetensors(path: Path, tensors: Tensors, metadata: dict[str, str] | None = None) -> None:
    """Tensors in the dict's order, wider dtypes first: every one is aligned to its own size."""
    header: dict = {"__metadata__": metadata} if metadata else {}
    order = sorted(tensors, key=lambda name: -tensors[name].element_size())
    offset = 0
    for name in order:
        tensor = tensors[name]
        end = offset + tensor.numel() * tensor.element_size()
        header[name] = {
            "dtype": DTYPES[tensor.dtype],
            "shape": list(tensor.shape),
            "data_offsets": [offset, end],
        }
        offset = end
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with path.open("wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for name in order:
            file.write(tensors[name].detach().contiguous().reshape(-1).view(torch.uint8).numpy().tobytes())


def shuffled(tensors: Tensors, seed: int) -> Tensors:
    names = list(tensors)
    order = torch.randperm(len(names), generator=torch.Generator().manual_seed(seed))
    return {names[i]: tensors[names[i]] for i in order.tolist()}


def write_sharded(directory: Path, tensors: Tensors, shards: int) -> None:
    """Files named as save_pretrained names them, and the index; tensors dealt out in the dict's order."""
    names = list(tensors)
    per_shard = math.ceil(len(names) / shards)
    weight_map = {}
    for shard in range(shards):
        file = f"model-{shard + 1:05}-of-{shards:05}.safetensors"
        part = {name: tensors[name] for name in names[shard * per_shard : (shard + 1) * per_shard]}
        weight_map |= dict.fromkeys(part, file)
        write_safetensors(directory / file, part, {"format": "pt"})
    total = sum(t.numel() * t.element_size() for t in tensors.values())
    index = {"metadata": {"total_size": total}, "weight_map": weight_map}
    (directory / "model.safetensors.index.json").write_text(json.dumps(index, indent=2) + "\n")
