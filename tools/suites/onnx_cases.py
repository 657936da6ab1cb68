"""Writes ONNX's own operator tests, as its Python package generates them, for onnx.ts to run.

    python tools/suites/onnx_cases.py <directory>      # needs: pip install onnx

Leaves cases.json and tensors.bin there. A case is a test of one operator, or of the graph of simpler ones that ONNX
defines it by ("expanded"): its nodes, and the tensors that go in and should come out. Types we do not have become ours
where nothing is lost but digits or width: float64 is f32, every integer that fits is i32. What cannot be expressed
carries the reason as "skip". The calls of onnx_sweep.py follow, named sweep_….
"""

import json
import sys
import warnings
from pathlib import Path

import numpy as np
import onnx
from onnx import AttributeProto, TensorProto, helper, numpy_helper
from onnx.backend.test.case.node import collect_testcases
from onnx.backend.test.loader import load_model_tests

import onnx_sweep

FLOATS = {TensorProto.FLOAT, TensorProto.DOUBLE}
INTEGERS = {
    TensorProto.INT8, TensorProto.INT16, TensorProto.INT32, TensorProto.INT64,
    TensorProto.UINT8, TensorProto.UINT16, TensorProto.UINT32, TensorProto.UINT64,
}  # fmt: skip
LIMITS = np.iinfo(np.int32)


class Skip(Exception):
    pass


class Tensors:
    """One file of little-endian elements, each tensor at a multiple of four bytes."""

    def __init__(self):
        self.parts: list[bytes] = []
        self.size = 0

    def add(self, tensor: TensorProto) -> dict:
        kind = dtype_of(tensor.data_type)
        values = numpy_helper.to_array(tensor)
        if kind == "i32":
            # "As far as it goes" is written as the ends of 64 bits; our ends do the same.
            wide = values.astype(object)
            reach = np.array([abs(int(v)) for v in wide.reshape(-1)], dtype=object)
            if any(LIMITS.max + 1 < r < 2**62 for r in reach):
                raise Skip("type: an integer beyond i32")
            values = np.array([min(max(int(v), LIMITS.min), LIMITS.max) for v in wide.reshape(-1)]).reshape(wide.shape)
        data = values.astype({"f32": "<f4", "i32": "<i4", "bool": "u1"}[kind]).tobytes()
        entry = {"dtype": kind, "shape": list(values.shape), "at": self.size}
        data += b"\0" * (-len(data) % 4)
        self.parts.append(data)
        self.size += len(data)
        return entry


def dtype_of(data_type: int) -> str:
    if data_type in FLOATS:
        return "f32"
    if data_type in INTEGERS:
        return "i32"
    if data_type == TensorProto.BOOL:
        return "bool"
    raise Skip(f"type: {TensorProto.DataType.Name(data_type).lower()}")


def attribute(op: str, a: AttributeProto, tensors: Tensors):
    if a.type in (AttributeProto.GRAPH, AttributeProto.GRAPHS):
        raise Skip("control flow")
    if a.type == AttributeProto.TENSOR:
        return tensors.add(a.t)
    if a.type in (AttributeProto.TYPE_PROTO, AttributeProto.SPARSE_TENSOR):
        raise Skip("optional, sequence or sparse")
    value = helper.get_attribute_value(a)
    if a.name in ("to", "dtype", "output_datatype") or (a.name == "stash_type"):
        return dtype_of(value)
    if isinstance(value, bytes):
        return value.decode()
    if a.type == AttributeProto.STRINGS:
        return [item.decode() for item in value]
    if a.name.startswith("value_string"):
        raise Skip("type: string")
    return list(value) if not isinstance(value, (int, float)) else value


def node(n, tensors: Tensors) -> dict:
    if n.domain not in ("", "ai.onnx"):
        raise Skip(f"domain: {n.domain}")
    attributes = {a.name: attribute(n.op_type, a, tensors) for a in n.attribute}
    return {"op": n.op_type, "inputs": list(n.input), "outputs": list(n.output), "attributes": attributes}


def named(protos, infos, tensors: Tensors) -> list[dict]:
    """The values of a data set beside the names that the graph has for them."""
    for proto in protos:
        if not isinstance(proto, TensorProto):
            raise Skip("optional, sequence or sparse")
    return [{"name": info.name, **tensors.add(proto)} for proto, info in zip(protos, infos, strict=True)]


def protos_of(values, infos):
    """Data sets hold arrays or protos; the declared type is what counts."""
    for value, info in zip(values, infos, strict=True):
        kind = info.type.WhichOneof("value")
        if kind != "tensor_type":
            raise Skip("optional, sequence or sparse")
        dtype_of(info.type.tensor_type.elem_type)
        yield value if isinstance(value, TensorProto) else numpy_helper.from_array(np.asarray(value), info.name)


def case(name: str, op: str, model, data: tuple[list, list], tensors: Tensors) -> dict:
    graph = model.graph
    facts = {"name": name.removeprefix("test_"), "op": op}
    facts["opset"] = max((o.version for o in model.opset_import if o.domain in ("", "ai.onnx")), default=0)
    weights = {weight.name for weight in graph.initializer}
    wanted = [info for info in graph.input if info.name not in weights]
    try:
        nodes = [node(n, tensors) for n in graph.node]
        given = named(list(protos_of(data[0], wanted)), wanted, tensors)
        given += [{"name": weight.name, **tensors.add(weight)} for weight in graph.initializer]
        expected = named(list(protos_of(data[1], graph.output)), graph.output, tensors)
    except Skip as reason:
        return {**facts, "skip": str(reason)}
    return {**facts, "nodes": nodes, "inputs": given, "outputs": expected}


def generated(tensors: Tensors) -> list[dict]:
    """The tests of single operators, and of the graphs they expand to."""
    tests = collect_testcases(None)
    ops = {t.name: t.model.graph.node[0].op_type for t in tests if "_expanded" not in t.name}
    named_ops = [(t, ops.get(t.name.split("_expanded")[0], t.model.graph.node[0].op_type)) for t in tests]
    return [case(t.name, op, t.model, t.data_sets[0], tensors) for t, op in named_ops]


def recorded(kind: str, tensors: Tensors) -> list[dict]:
    """Small models that lie in the package, most of them exported from PyTorch long ago."""
    cases = []
    for test in load_model_tests(kind=kind):
        directory = Path(test.model_dir)
        model = onnx.load(directory / "model.onnx")
        data = [read_all(directory / "test_data_set_0", part) for part in ("input", "output")]
        cases.append(case(f"{kind}_{test.name.removeprefix('test_')}", kind, model, data, tensors))
    return sorted(cases, key=lambda c: c["name"])


def read_all(directory: Path, part: str) -> list:
    files = sorted(directory.glob(f"{part}_*.pb"), key=lambda path: int(path.stem.rsplit("_", 1)[1]))
    return [onnx.load_tensor(path) for path in files]


def swept(tensors: Tensors) -> list[dict]:
    """The calls of onnx_sweep.py as cases."""
    cases = []
    for name, op, call, opset, given, expected in onnx_sweep.sweep():
        facts = {"name": name, "op": op, "opset": opset}
        if call is None:
            cases.append({**facts, "skip": f"the evaluator answers with {opset}"})
            continue
        stored = [[{"name": p.name, **tensors.add(p)} for p in protos] for protos in (given, expected)]
        cases.append({**facts, "nodes": [node(call, tensors)], "inputs": stored[0], "outputs": stored[1]})
    return cases


def main(directory: str) -> None:
    warnings.filterwarnings("ignore")
    tensors = Tensors()
    cases = generated(tensors)
    for kind in ("simple", "pytorch-converted", "pytorch-operator"):
        cases += recorded(kind, tensors)
    cases += swept(tensors)
    out = Path(directory)
    (out / "tensors.bin").write_bytes(b"".join(tensors.parts))
    (out / "cases.json").write_text(json.dumps({"version": onnx.__version__, "cases": cases}))


if __name__ == "__main__":
    main(sys.argv[1])
