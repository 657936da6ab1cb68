"""More tests of operators: attributes in combination, ranks and sizes that the tests of the package leave out, above all
those that the operators of W3C's WebNN share. What should come out is computed by ONNX's own reference evaluator.
"""

import itertools
from collections.abc import Iterator

import numpy as np
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

OPSET = 21
KINDS = {"float32": TensorProto.FLOAT, "int32": TensorProto.INT32, "int64": TensorProto.INT64, "bool": TensorProto.BOOL}
random = np.random.default_rng(1)


def floats(*shape: int) -> np.ndarray:
    return random.normal(size=shape).astype(np.float32)


def ints(*values) -> np.ndarray:
    return np.array(values, dtype=np.int64)


def every(**choices) -> Iterator[dict]:
    """All combinations; None leaves an attribute out."""
    for values in itertools.product(*choices.values()):
        yield {name: value for name, value in zip(choices, values, strict=True) if value is not None}


Call = tuple[str, list, dict, int]


def call(op: str, *inputs, results: int = 1, **attributes) -> Call:
    return op, list(inputs), attributes, results


SHAPES = [(), (5,), (3, 4), (2, 1, 4), (1, 3, 1, 2), (2, 1, 2, 3, 2)]


def elementwise() -> Iterator[Call]:
    pairs = [((), (3,)), ((3, 1), (1, 4)), ((2, 3, 4), (3, 1)), ((2, 1, 1, 5), (4, 1)), ((0, 3), (1, 3)), ((17,), (1,))]
    for (a, b), op in itertools.product(pairs, ["Add", "Sub", "Mul", "Div", "Max", "Min", "Less", "Equal", "GreaterOrEqual"]):
        yield call(op, floats(*a), floats(*b))
        x, y = (random.integers(1, 9, size=shape).astype(np.int32) for shape in (a, b))
        yield call(op, x, y)
    for a, b in pairs:
        yield call("Pow", np.abs(floats(*a)) + 0.5, floats(*b))
        yield call("PRelu", floats(*np.broadcast_shapes(a, b)), floats(*b))
        yield call("Where", random.random(size=a) < 0.5, floats(*b), floats(*a))
        for fmod in (0, 1):
            yield call("Mod", random.integers(-9, 9, size=a).astype(np.int32), random.integers(1, 9, size=b).astype(np.int32), fmod=fmod)
    for shape in SHAPES:
        x = floats(*shape) * 3
        for op in ["Abs", "Ceil", "Floor", "Neg", "Sign", "Relu", "Sigmoid", "Tanh", "Erf", "Exp", "Softsign", "Softplus", "Round", "HardSwish"]:
            yield call(op, x)
        for alpha in (None, 0.5, 2.0):
            for op in ["Elu", "LeakyRelu", "Celu", "ThresholdedRelu", "Selu", "HardSigmoid"]:
                yield call(op, x, **({} if alpha is None else {"alpha": alpha}))
        yield call("Clip", x, np.float32(-1), np.float32(2))
        yield call("Clip", x, np.float32(0.5))
        yield call("Gelu", x)


def reductions() -> Iterator[Call]:
    names = ["L1", "L2", "LogSum", "LogSumExp", "Max", "Mean", "Min", "Prod", "Sum", "SumSquare"]
    for shape in SHAPES:
        rank = len(shape)
        choices = [None, *[ints(a) for a in range(rank)], *([ints(-1), ints(0, -1)] if rank > 1 else [])]
        for name, axes, keep in itertools.product(names, choices, (0, 1)):
            x = floats(*shape) if name != "LogSum" else np.abs(floats(*shape)) + 0.1
            yield call(f"Reduce{name}", x, *([] if axes is None else [axes]), keepdims=keep)
        for axis, keep in itertools.product(range(-rank, rank), (0, 1)):
            for op in ("ArgMax", "ArgMin"):
                yield call(op, np.round(floats(*shape)), axis=axis, keepdims=keep)
        for axis in range(-rank, rank):
            for op in ("Softmax", "LogSoftmax"):
                yield call(op, floats(*shape) * 4, axis=axis)
            for options in every(exclusive=(0, 1), reverse=(0, 1)):
                yield call("CumSum", floats(*shape), np.int64(axis), **options)
            # The evaluator forgets the absolute value for p = 1.
            yield call("LpNormalization", floats(*shape), axis=axis, p=2)
            for largest in (0, 1):
                yield call("TopK", floats(*shape), ints(min(2, shape[axis])), axis=axis, largest=largest, results=2)


def windows() -> Iterator[Call]:
    for axes, group in itertools.product((1, 2, 3), (1, 2, 4)):
        image, kernel = [7, 6, 5][:axes], [3, 2, 2][:axes]
        pads = [[0] * 2 * axes, [1, 0, 2][:axes] + [0, 2, 1][:axes]]
        for options in every(pads=pads, strides=([1] * axes, [2, 1, 3][:axes]), dilations=([1] * axes, [2] * axes)):
            x = floats(2, 4, *image)
            yield call("Conv", x, floats(8, 4 // group, *kernel), floats(8), group=group, **options)
            yield call("ConvTranspose", x, floats(4, 8 // group, *kernel), floats(8), group=group, **options)
        for auto in ("SAME_UPPER", "SAME_LOWER", "VALID"):
            yield call("Conv", floats(1, 4, *image), floats(4, 4 // group, *kernel), auto_pad=auto, strides=[2] * axes, group=group)
    for axes in (1, 2, 3):
        image, kernel = [9, 8, 5][:axes], [3, 2, 2][:axes]
        pads = [[0] * 2 * axes, [1] * 2 * axes, [2, 0, 1][:axes] + [1, 1, 0][:axes]]
        for options in every(pads=pads, strides=([1] * axes, [2, 3, 2][:axes]), dilations=(None, [2] * axes), ceil_mode=(0, 1)):
            x = floats(2, 3, *image)
            # At stride 1 the evaluator counts some windows too many or too few.
            if options["strides"] != [1] * axes:
                yield call("MaxPool", x, kernel_shape=kernel, **options)
            for include in (0, 1):
                yield call("AveragePool", x, kernel_shape=kernel, count_include_pad=include, **options)
            for p in (1, 2, 3):
                yield call("LpPool", x, kernel_shape=kernel, p=p, **options)


def movements() -> Iterator[Call]:
    modes = ("constant", "reflect", "edge", "wrap")
    for shape, mode in itertools.product([(5,), (3, 4), (4, 3, 5), (3, 3, 4, 3), (3, 4, 3, 3, 4)], modes):
        rank = len(shape)
        for pads in ([1] * 2 * rank, [0, 2, 1, 0, 1][:rank] + [2, 0, 1, 1, 0][:rank]):
            yield call("Pad", floats(*shape), ints(*pads), mode=mode)
    for starts, ends, steps in [((0,), (9,), (2,)), ((-1,), (-99,), (-1,)), ((4,), (0,), (-2,)), ((-3,), (99,), (1,)), ((9,), (9,), (1,)), ((1,), (-1,), (3,))]:
        for axis in (0, 1, -1):
            yield call("Slice", floats(5, 6, 7), ints(*starts), ints(*ends), ints(axis), ints(*steps))
    for axis in range(-3, 3):
        yield call("Gather", floats(4, 3, 5), random.integers(-3, 3, size=(2, 3)), axis=axis)
        yield call("Gather", floats(4, 3, 5), np.int64(-1), axis=axis)
        yield call("GatherElements", floats(4, 3, 5), random.integers(-3, 3, size=(2, 2, 3)), axis=axis)
        yield call("Concat", floats(2, 2, 2), floats(2, 2, 2), axis=axis)
        yield call("Split", floats(6, 6, 6), ints(1, 2, 3), axis=axis, results=3)
        yield call("Flatten", floats(2, 3, 4), axis=axis)
        yield call("OneHot", random.integers(-4, 4, size=(2, 3)), np.int64(4), np.array([0.5, 2], dtype=np.float32), axis=axis)
        for reduction in ("none", "add", "mul", "max", "min"):
            places = np.argsort(random.random(size=(3, 3, 3)), axis=axis)
            yield call("ScatterElements", floats(3, 3, 3), places, floats(3, 3, 3), axis=axis, reduction=reduction)
    for k, upper in itertools.product((-9, -2, 0, 1, 9), (0, 1)):
        for shape in ((3, 5), (2, 4, 3), (2, 0, 3)):
            yield call("Trilu", floats(*shape), np.int64(k), upper=upper)
    for permutation in itertools.permutations(range(4)):
        yield call("Transpose", floats(2, 3, 1, 4), perm=list(permutation))
    for repeats in ((1, 2), (3, 1), (0, 2)):
        yield call("Tile", floats(2, 3), ints(*repeats))
    for mode, (scales, axes) in itertools.product(("nearest", "linear"), [((2, 2), (2, 3)), ((0.5, 3), (2, 3)), ((1.5, 0.75), (2, 3)), ((2, 2), (1, 2))]):
        for options in every(coordinate_transformation_mode=("half_pixel", "asymmetric"), nearest_mode=("round_prefer_floor", "floor", "ceil") if mode == "nearest" else (None,)):
            yield call("Resize", floats(1, 4, 4, 4), None, np.array(scales, dtype=np.float32), axes=axes, mode=mode, **options)


def products() -> Iterator[Call]:
    for a, b in [((3,), (3,)), ((3,), (3, 2)), ((2, 3), (3,)), ((2, 3), (3, 4)), ((2, 2, 3), (3, 4)), ((2, 1, 2, 3), (4, 3, 1)), ((5, 1, 3), (3,)), ((0, 3), (3, 2)), ((2, 0), (0, 3))]:
        yield call("MatMul", floats(*a), floats(*b))
    for options in every(alpha=(None, 0.5), beta=(None, 2.0), transA=(0, 1), transB=(0, 1)):
        a = floats(4, 3) if options["transA"] else floats(3, 4)
        b = floats(5, 4) if options["transB"] else floats(4, 5)
        for c in ((), (1,), (5,), (3, 1), (1, 5), (3, 5)):
            yield call("Gemm", a, b, floats(*c), **options)
        yield call("Gemm", a, b, **options)
    for equation, *shapes in [
        ("ij->ji", (2, 3)), ("ii->i", (3, 3)), ("ii", (3, 3)), ("i,j->ij", (3,), (4,)), ("bij,bjk->bik", (2, 3, 4), (2, 4, 5)),
        ("...ij,...jk->...ik", (2, 1, 3, 4), (5, 4, 2)), ("ijk,jl,kl->il", (2, 3, 4), (3, 5), (4, 5)), ("i...->...", (3, 2, 4)),
    ]:  # fmt: skip
        yield call("Einsum", *(floats(*shape) for shape in shapes), equation=equation)


def norms() -> Iterator[Call]:
    for spatial in ((), (5,), (4, 3), (2, 3, 2)):
        x = floats(3, 4, *spatial)
        mean, variance = floats(4), np.abs(floats(4)) + 0.5
        for eps in (None, 0.1):
            options = {} if eps is None else {"epsilon": eps}
            yield call("BatchNormalization", x, floats(4), floats(4), mean, variance, **options)
            if spatial:
                yield call("InstanceNormalization", x, floats(4), floats(4), **options)
            for groups in (1, 2, 4):
                yield call("GroupNormalization", x, floats(4), floats(4), num_groups=groups, **options)
            for axis in range(-x.ndim, x.ndim):
                shape = x.shape[axis:]
                yield call("LayerNormalization", x, floats(*shape), floats(*shape), axis=axis, **options)
    for size in (1, 3, 5):
        # The evaluator takes as many channels as there are images.
        yield call("LRN", floats(4, 4, 4, 3), size=size, alpha=0.5, beta=0.6, bias=2.0)


def recurrent() -> Iterator[Call]:
    T, B, I, H = 4, 3, 2, 5
    for op, gates in (("RNN", 1), ("GRU", 3), ("LSTM", 4)):
        for direction, layout, states, biases in itertools.product(("forward", "reverse", "bidirectional"), (0, 1), (0, 1), (0, 1)):
            D = 2 if direction == "bidirectional" else 1
            x = floats(B, T, I) if layout else floats(T, B, I)
            state = (B, D, H) if layout else (D, B, H)
            inputs = [x, floats(D, gates * H, I), floats(D, gates * H, H), floats(D, 2 * gates * H) if biases else None, None]
            inputs += [floats(*state)] * states + ([floats(*state)] * states if op == "LSTM" else [])
            variants = every(linear_before_reset=(0, 1)) if op == "GRU" else [{}]
            for options in variants:
                results = 3 if op == "LSTM" else 2
                yield call(op, *inputs, hidden_size=H, direction=direction, layout=layout, results=results, **options)
            if op == "LSTM" and states:
                yield call(op, *inputs, floats(D, 3 * H), hidden_size=H, direction=direction, layout=layout, results=3)


def integers() -> Iterator[Call]:
    """Operators whose integers stay integers, and those that only move elements, of every type."""

    def whole(*shape: int) -> np.ndarray:
        return random.integers(-9, 9, size=shape).astype(np.int32)

    extremes = np.array([-(2**31), 2**31 - 1, 0, -1, 2**24 + 1, -(2**24) - 1], dtype=np.int32)
    for x in (whole(3, 17), extremes):
        for op in ("Abs", "Neg", "Sign", "Relu", "Identity"):
            yield call(op, x)
        yield call("Clip", x, np.int32(-3), np.int32(5))
        for other in (np.int32(3), np.int32(-7), np.int32(2**24 + 1)):
            for op in ("Add", "Sub", "Mul", "Max", "Min", "Equal", "Less", "Greater", "LessOrEqual", "Mod"):
                yield call(op, x, other)
            yield call("Mod", x, other, fmod=1)
            yield call("Div", x, other)
        for exponent in (0, 1, 2, 3):
            yield call("Pow", x, np.int32(exponent))
        for to in (TensorProto.FLOAT, TensorProto.INT64, TensorProto.BOOL):
            yield call("Cast", x, to=to)
    for axes, keep in itertools.product((ints(0), ints(1), ints(0, 2), ints(-1)), (0, 1)):
        for name in ("Sum", "Prod", "Max", "Min", "SumSquare", "L1"):
            yield call(f"Reduce{name}", whole(3, 4, 5), axes, keepdims=keep)
    for axis in (0, 1, 2):
        for op in ("ArgMax", "ArgMin"):
            for last in (0, 1):
                yield call(op, whole(4, 5, 6), axis=axis, select_last_index=last)
        yield call("CumSum", whole(3, 4, 5), np.int64(axis))
        yield call("TopK", np.argsort(floats(4, 5, 6), axis=axis).astype(np.int32), ints(3), axis=axis, results=2)
    yield call("MatMul", whole(2, 3, 4), whole(4, 5))
    yield call("Cast", np.array([-2.5, -0.4, 0, 0.9, 3.99, 1e9], dtype=np.float32), to=TensorProto.INT32)
    yield call("Cast", np.array([-2.5, -0.0, 0, np.nan, np.inf], dtype=np.float32), to=TensorProto.BOOL)
    for x in (whole(3, 4, 5), random.random(size=(3, 4, 5)) < 0.5):
        yield call("Transpose", x, perm=[2, 0, 1])
        yield call("Slice", x, ints(-1, 0), ints(-9, 9), ints(1, 2), ints(-2, 2))
        yield call("Concat", x, x, axis=1)
        yield call("Expand", x[:, :1], ints(2, 3, 4, 5))
        yield call("Tile", x, ints(2, 1, 3))
        yield call("Gather", x, ints(1, -1), axis=2)
        yield call("GatherND", x, np.array([[0, 1], [2, -1]]))
        yield call("ScatterND", x, np.array([[0, 1], [2, -1]]), x[:2, 0])
        yield call("Where", random.random(size=(4, 1)) < 0.5, x, x[:1])
        yield call("Pad", x, ints(1, 0, 2, 0, 1, 1), mode="edge")
        yield call("NonZero", x)
        yield call("Trilu", x, np.int64(1))
        yield call("Compress", x, np.array([True, False, True]), axis=0)


def empties() -> Iterator[Call]:
    """Axes of nothing."""
    for shape in ((0,), (0, 3), (3, 0), (2, 0, 4)):
        x = floats(*shape)
        for op in ("Relu", "Exp", "Sigmoid", "Abs", "Sign"):
            yield call(op, x)
        for axis, keep in itertools.product(range(len(shape)), (0, 1)):
            for name in ("Sum", "Prod", "L1", "SumSquare"):
                yield call(f"Reduce{name}", x, ints(axis), keepdims=keep)
        for axis in range(len(shape)):
            yield call("CumSum", x, np.int64(axis))
            yield call("Concat", x, x, axis=axis)
            yield call("Flatten", x, axis=axis)
            yield call("Gather", x, np.zeros((0, 2), dtype=np.int64), axis=axis)
            yield call("Softmax", x, axis=axis)
        yield call("Transpose", x, perm=list(range(len(shape)))[::-1])
        yield call("Tile", x, ints(*[2] * len(shape)))
        yield call("Pad", x, ints(*[1] * 2 * len(shape)))
        yield call("NonZero", x)
        yield call("Add", x, floats(1))
        yield call("Where", x > 0, x, x)
    for a, b in (((0, 3), (3, 4)), ((2, 0), (0, 4)), ((0, 2, 3), (3, 4)), ((2, 3), (3, 0))):
        yield call("MatMul", floats(*a), floats(*b))
    for op in ("Conv", "ConvTranspose"):
        yield call(op, floats(0, 2, 5), floats(2, 2, 3))


FAMILIES = (integers, empties, elementwise, reductions, windows, movements, products, norms, recurrent)


def model(op: str, inputs: list, attributes: dict, results: int):
    names = ["" if x is None else f"x{i}" for i, x in enumerate(inputs)]
    node = helper.make_node(op, names, [f"y{i}" for i in range(results)], **attributes)
    given = [(name, np.asarray(x)) for name, x in zip(names, inputs, strict=True) if x is not None]
    values = [helper.make_tensor_value_info(name, KINDS[str(x.dtype)], x.shape) for name, x in given]
    outputs = [helper.make_tensor_value_info(name, TensorProto.UNDEFINED, None) for name in node.output]
    graph = helper.make_graph([node], "sweep", values, outputs)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)]), given


def sweep():
    """(name, op, node, opset, inputs, outputs) of each call that the evaluator can answer; the others are counted."""
    for family in FAMILIES:
        for number, (op, inputs, attributes, results) in enumerate(family()):
            name = f"sweep_{family.__name__}_{number}_{op}"
            built, given = model(op, inputs, attributes, results)
            try:
                outputs = ReferenceEvaluator(built).run(None, dict(given))
            except Exception as error:  # what the evaluator cannot do is no test
                yield name, op, None, type(error).__name__, (), ()
                continue
            named = [(f"y{i}", np.asarray(y)) for i, y in enumerate(outputs)]
            protos = [[numpy_helper.from_array(value, key) for key, value in part] for part in (given, named)]
            yield name, op, built.graph.node[0], OPSET, *protos
