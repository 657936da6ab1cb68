"""PyTorch's own operator and module samples (torch.testing's op_db and module_db) as files for opinfo.ts.

usage: python3 opinfo.py OUT NAME…      one OUT/NAME.jsonl and OUT/NAME.bin per name that PyTorch has samples of

A line is one call: its arguments with tensors by number, and the places in the .bin of inputs, outputs (computed in
float64 and in float32 from the same values), cotangents and gradients of sum(y * cotangent). All numbers are float64.
"""

import copy
import itertools
import json
import sys
import warnings
from pathlib import Path

import torch

SAMPLES = 60
REFERENCES = 30
ELEMENTS = 20_000
DTYPES = (torch.float32, torch.int32, torch.int64, torch.bool)

torch.set_num_threads(1)
warnings.filterwarnings("ignore")


class Unsupported(Exception):
    """A value that no other engine is asked for: complex, sparse, another type."""


class Writer:
    """One file of numbers and the places of tensors in it."""

    def __init__(self, path: Path) -> None:
        self.file = path.open("wb")
        self.at = 0

    def put(self, x: torch.Tensor) -> int:
        values = x.detach().to(torch.float64).reshape(-1).numpy()
        self.file.write(values.tobytes())
        self.at += values.size
        return self.at - values.size


def dtype_name(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")


class Call:
    """One call: its arguments as JSON, its tensors by number (the same tensor twice has one number)."""

    def __init__(self, args: tuple, kwargs: dict) -> None:
        self.tensors: list[torch.Tensor] = []
        self.seen: dict[int, int] = {}
        self.args = [self.encode(x) for x in args]
        self.kwargs = {name: self.encode(x) for name, x in kwargs.items()}

    def encode(self, x):
        if isinstance(x, torch.Tensor):
            return {"tensor": self.number(x)}
        if isinstance(x, (bool, str)) or x is None:
            return x
        if isinstance(x, int):
            return x
        if isinstance(x, float):
            return {"float": str(x)}
        if isinstance(x, torch.dtype):
            return {"dtype": dtype_name(x)}
        if isinstance(x, slice):
            return {"slice": [self.encode(part) for part in (x.start, x.stop, x.step)]}
        if x is Ellipsis:
            return {"ellipsis": True}
        if isinstance(x, (list, tuple)):
            return [self.encode(item) for item in x]
        if isinstance(x, torch.device) or isinstance(x, torch.layout) or isinstance(x, torch.memory_format):
            return None
        raise Unsupported(type(x).__name__)

    def number(self, x: torch.Tensor) -> int:
        if x.layout is not torch.strided or x.is_quantized:
            raise Unsupported("sparse or quantized")
        if x.device.type != "cpu":
            raise Unsupported(f"device {x.device.type}")
        if x.dtype not in DTYPES:
            raise Unsupported(dtype_name(x.dtype))
        if x.numel() > ELEMENTS:
            raise Unsupported("large")
        if x.dtype is torch.int64 and x.numel() and x.abs().max() >= 2**31:
            raise Unsupported("int64 beyond int32")
        if id(x) not in self.seen:
            self.seen[id(x)] = len(self.tensors)
            self.tensors.append(x)
        return self.seen[id(x)]

    def record(self, writer: Writer) -> dict:
        records = []
        for x in self.tensors:
            order = sorted(range(x.dim()), key=lambda axis: -x.stride(axis))
            records.append(
                {
                    "dtype": dtype_name(x.dtype),
                    "shape": list(x.shape),
                    "at": writer.put(x),
                    "order": order,
                    "grad": x.requires_grad,
                }
            )
        return {"args": self.args, "kwargs": self.kwargs, "tensors": records}

    def run(self, function, args: tuple, kwargs: dict, floating: torch.dtype):
        """The outputs with copies of the tensors in another float type, and those copies."""
        copies = []
        for x in self.tensors:
            mine = x.detach().clone().to(floating if x.is_floating_point() else x.dtype)
            copies.append(mine.requires_grad_(x.requires_grad))

        def again(x):
            if isinstance(x, torch.Tensor):
                return copies[self.seen[id(x)]]
            if isinstance(x, (list, tuple)):
                return type(x)(map(again, x)) if type(x) in (list, tuple) else [again(item) for item in x]
            return floating if x is torch.float32 else x

        torch.set_default_dtype(floating)
        try:
            torch.manual_seed(0)
            result = function(*map(again, args), **{name: again(x) for name, x in kwargs.items()})
        finally:
            torch.set_default_dtype(torch.float32)
        return list(flat(result)), copies


def flat(result):
    if isinstance(result, (list, tuple)):
        for item in result:
            yield from flat(item)
    elif isinstance(result, torch.Tensor):
        yield result
    elif isinstance(result, (bool, int, float)):
        yield torch.tensor(result)
    else:
        raise Unsupported(f"result {type(result).__name__}")


def gradients(outputs, cotangents, leaves):
    pairs = [(y, c.to(y.dtype)) for y, c in zip(outputs, cotangents) if c is not None]
    if not pairs or not leaves:
        return []
    found = torch.autograd.grad([y for y, _ in pairs], leaves, [c for _, c in pairs], allow_unused=True)
    return [torch.zeros_like(x) if g is None else g for x, g in zip(leaves, found)]


def judged(writer: Writer, call: Call, make, args, kwargs) -> dict:
    """The record of a call with outputs and gradients of both float types; `make` gives function and parameters."""
    record = call.record(writer)
    runs, left = [], []
    for floating in (torch.float64, torch.float32):
        function, parameters = make(floating)
        outputs, copies = call.run(function, args, kwargs, floating)
        runs.append((outputs, [x for x in (*copies, *parameters) if x.requires_grad]))
        left.append(copies)
    for tensor, x, exact, single in zip(record["tensors"], call.tensors, *left, strict=True):
        if not torch.allclose(x.detach(), single.detach(), 0, 0, equal_nan=True):
            tensor["after"] = {"exact": writer.put(exact), "single": writer.put(single)}
    exact, single = runs
    allowed = (*DTYPES, torch.float64)
    if wrong := [y for y in (*exact[0], *single[0]) if y.dtype not in allowed or y.layout is not torch.strided]:
        raise Unsupported(f"result {dtype_name(wrong[0].dtype)}")
    if sum(y.numel() for y in exact[0]) > 4 * ELEMENTS:
        raise Unsupported("large")
    generator = torch.Generator().manual_seed(1)
    cotangents = []
    for y in exact[0]:
        random = torch.randn(y.shape, generator=generator, dtype=torch.float32)
        cotangents.append(random if y.requires_grad and y.is_floating_point() else None)
    record["outputs"] = [
        {
            "dtype": dtype_name(low.dtype),
            "shape": list(y.shape),
            "exact": writer.put(y),
            "single": writer.put(low),
            "cotangent": None if c is None else writer.put(c),
        }
        for y, low, c in zip(exact[0], single[0], cotangents, strict=True)
    ]
    try:
        found = [gradients(outputs, cotangents, leaves) for outputs, leaves in runs]
        record["gradients"] = [{"exact": writer.put(g), "single": writer.put(low)} for g, low in zip(*found)]
    except (RuntimeError, NotImplementedError) as error:
        record["gradients"] = []
        record["noGradient"] = str(error).split("\n")[0]
    return record


def spaced(items: list, most: int) -> list:
    """At most `most` of the items, evenly from first to last."""
    if len(items) <= most:
        return items
    return [items[i * (len(items) - 1) // (most - 1)] for i in range(most)]


def samples_of(op, dtype):
    """(kind, sample) of one op and type."""
    wanted = dtype is torch.float32 and op.supports_autograd
    torch.manual_seed(7)
    for sample in spaced(list(op.sample_inputs("cpu", dtype, requires_grad=wanted)), SAMPLES):
        yield "sample", sample
    if op.reference_inputs_func is None:
        return
    try:
        references = list(itertools.islice(op.reference_inputs("cpu", dtype, requires_grad=wanted), 400))
    except Exception:  # PyTorch makes none of this type
        return
    small = [x for x in references if all(t.numel() <= ELEMENTS for t in flat_tensors((x.input, x.args)))]
    for sample in spaced(small, REFERENCES):
        yield "reference", sample


def indices(x):
    """An index with tensors in place of lists, which JSON would not tell from tuples."""
    if isinstance(x, tuple):
        return tuple(torch.tensor(item) if isinstance(item, list) else item for item in x)
    return torch.tensor(x) if isinstance(x, list) else x


def flat_tensors(x):
    if isinstance(x, torch.Tensor):
        yield x
    elif isinstance(x, (list, tuple)):
        for item in x:
            yield from flat_tensors(item)


def types_of(op) -> list[torch.dtype]:
    taken = op.supported_dtypes("cpu")
    integer = torch.int64 if torch.int64 in taken else torch.int32
    return [dtype for dtype in (torch.float32, integer, torch.bool) if dtype in taken]


def op_lines(op, writer: Writer):
    head = {"variant": op.variant_test_name}
    for dtype in types_of(op):
        try:
            samples = list(samples_of(op, dtype))
        except Exception as error:  # samples that need another library
            yield {**head, "kind": "sample", "skip": f"no samples: {brief(error)}"}
            continue
        for kind, sample in samples:
            args, kwargs = (sample.input, *sample.args), sample.kwargs
            if op.name == "__getitem__":
                args = (args[0], indices(args[1]))
            line = {**head, "kind": kind, "dtype": dtype_name(dtype)}
            try:
                yield line | judged(writer, Call(args, kwargs), lambda _: (op.op, ()), args, kwargs)
            except Unsupported as why:
                yield line | {"skip": str(why)}
            except Exception as error:  # PyTorch itself refuses
                yield line | {"skip": f"PyTorch fails: {brief(error)}"}
    yield from error_lines(op, writer, head)


def error_lines(op, writer: Writer, head: dict):
    if op.error_inputs_func is None:
        return
    try:
        errors = list(op.error_inputs("cpu"))
    except Exception as error:
        yield {**head, "kind": "error", "skip": f"no samples: {brief(error)}"}
        return
    for error in spaced(errors, SAMPLES):
        sample = error.sample_input
        line = {**head, "kind": "error", "error": str(error.error_regex)}
        try:
            yield line | Call((sample.input, *sample.args), sample.kwargs).record(writer)
        except Unsupported as why:
            yield line | {"skip": str(why)}


def module_lines(info, writer: Writer):
    for training in (False, True) if info.train_and_eval_differ else (False,):
        torch.manual_seed(7)
        inputs = info.module_inputs_func(info, "cpu", torch.float32, requires_grad=True, training=training)
        for given in spaced(list(inputs), SAMPLES):
            line = {"variant": "", "kind": "module", "dtype": "float32", "training": training}
            try:
                yield line | module_record(info.module_cls, given, training, writer)
            except Unsupported as why:
                yield line | {"skip": str(why)}
            except Exception as error:
                yield line | {"skip": f"PyTorch fails: {brief(error)}"}


def module_record(module_class, given, training: bool, writer: Writer) -> dict:
    construction = Call(given.constructor_input.args, given.constructor_input.kwargs)
    torch.manual_seed(3)
    module = module_class(*given.constructor_input.args, **given.constructor_input.kwargs).train(training)
    if training and any(isinstance(m, torch.nn.Dropout) and m.p > 0 for m in module.modules()):
        raise Unsupported("random")
    state = {name: x.detach().clone() for name, x in module.state_dict().items()}
    args, kwargs = given.forward_input.args, given.forward_input.kwargs

    def make(floating):
        mine = copy.deepcopy(module).to(floating)
        return mine, tuple(mine.parameters())

    record = judged(writer, Call(args, kwargs), make, args, kwargs)
    record["parameters"] = [name for name, x in module.named_parameters() if x.requires_grad]
    record["construct"] = construction.record(writer)
    record["state"] = {
        name: {"shape": list(x.shape), "dtype": dtype_name(x.dtype), "at": writer.put(x)}
        for name, x in state.items()
    }
    return record


def brief(error: Exception) -> str:
    return f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"[:120]


def text(line: dict) -> str:
    return json.dumps(line, allow_nan=False)


def main(out: Path, names: list[str]) -> None:
    from torch.testing._internal.common_methods_invocations import op_db
    from torch.testing._internal.common_modules import module_db

    out.mkdir(parents=True, exist_ok=True)
    for name in names:
        ops = [op for op in op_db if op.name == name]
        modules = [info for info in module_db if info.name == name]
        writer = Writer(out / f"{name}.bin")
        lines = itertools.chain(
            *(op_lines(op, writer) for op in ops), *(module_lines(info, writer) for info in modules)
        )
        written = "\n".join(map(text, lines))
        writer.file.close()
        (out / f"{name}.jsonl").write_text(written)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
