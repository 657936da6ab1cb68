// References of advancedIndex.ts. `at` is the index as Python writes it, with a, b and c for the tensors: "0, :, a, ::2".
import {
  bools,
  broadcast,
  build,
  defineRef,
  exact,
  integers,
  type Maker,
  normal,
  numel,
  type OpRef,
  type RefTensor,
  read,
  type Sample,
  SIZES,
  values,
} from "../reference.ts";
import type { Tensor } from "../tensor.ts";
import type { AxisIndex } from "./advancedIndex.ts";
import { combined } from "./scatter.ref.ts";

interface At {
  readonly at: string;
}
interface Put extends At {
  readonly accumulate?: boolean;
  readonly number?: number;
}

const NAMES = "abc";

/** A slice as its three numbers, where they are written. */
function sliceParts(text: string): (number | undefined)[] {
  return text.split(":").map((part) => (part === "" ? undefined : Number(part)));
}

/** What our op is called with. */
function entries(at: string, tensors: readonly Tensor[]): AxisIndex[] {
  return at.split(", ").map((token): AxisIndex => {
    if (NAMES.includes(token)) return tensors[NAMES.indexOf(token)];
    if (token === ":") return null;
    if (token === "...") return token;
    if (!token.includes(":")) return Number(token);
    const [start, stop, step] = sliceParts(token);
    return { start, stop, step };
  });
}

/** One axis of what is left before the tensors apply: the steps through it, and the index on it if there is one. */
interface Axis {
  readonly size: number;
  readonly stride: number;
  readonly list?: RefTensor;
}

/** Flat places in x of every element of x[at], in its shape. */
function places(x: RefTensor, at: string, tensors: readonly RefTensor[]): RefTensor {
  const stride = (axis: number): number => numel(x.shape.slice(axis + 1));
  const axes: Axis[] = [];
  let [origin, axis] = [0, 0];
  const tokens = at.split(", ");
  const width = (token: string): number => {
    const tensor = tensors[NAMES.indexOf(token)];
    return NAMES.includes(token) && tensor.dtype === "bool" ? tensor.shape.length : 1;
  };
  const used = tokens.reduce((sum, token) => sum + (token === "..." ? 0 : width(token)), 0);
  const spelled = [...tokens, ...(tokens.includes("...") ? [] : ["..."])].flatMap((token) =>
    token === "..." ? Array.from({ length: x.shape.length - used }, () => ":") : [token],
  );
  for (const token of spelled) {
    const size = x.shape[axis];
    const tensor = NAMES.includes(token) ? tensors[NAMES.indexOf(token)] : undefined;
    if (tensor?.dtype === "bool") {
      const found: number[][] = [];
      build(tensor.shape, (place) => {
        if (read(tensor, place) !== 0) found.push([...place]);
        return 0;
      });
      const column = (i: number): RefTensor => ({
        dtype: "i32",
        shape: [found.length],
        data: Float64Array.from(found, (place) => place[i] ?? 0),
      });
      if (tensor.shape.length === 0) axes.push({ size: 1, stride: 0, list: column(0) });
      for (const i of tensor.shape.keys())
        axes.push({ size: x.shape[axis + i], stride: stride(axis + i), list: column(i) });
      axis += tensor.shape.length;
      continue;
    }
    if (tensor !== undefined && tensor.shape.length > 0) {
      axes.push({ size, stride: stride(axis), list: tensor });
    } else if (tensor !== undefined || !token.includes(":")) {
      const i = tensor === undefined ? Number(token) : tensor.data[0];
      origin += (i < 0 ? i + size : i) * stride(axis);
    } else {
      const [start = 0, stop = size, step = 1] = sliceParts(token);
      const clamp = (i: number): number => Math.min(Math.max(i < 0 ? i + size : i, 0), size);
      origin += clamp(start) * stride(axis);
      axes.push({
        size: Math.max(Math.ceil((clamp(stop) - clamp(start)) / step), 0),
        stride: stride(axis) * step,
      });
    }
    axis++;
  }
  return joined(axes, origin);
}

/** The axes of the tensors become those of their common shape: in their place if they are neighbours, else in front. */
function joined(axes: readonly Axis[], origin: number): RefTensor {
  const listed = axes.flatMap((a, i) => (a.list === undefined ? [] : [i]));
  const common = broadcast([], ...axes.flatMap((a) => (a.list === undefined ? [] : [a.list.shape])));
  const neighbours = listed.every((axis, i) => axis === listed[0] + i);
  const front = neighbours ? axes.slice(0, listed[0] ?? 0).length : 0;
  const kept = axes.filter((a) => a.list === undefined);
  const sizes = kept.map((a) => a.size);
  const shape = [...sizes.slice(0, front), ...common, ...sizes.slice(front)];
  return build(
    shape,
    (place) => {
      const inner = place.slice(front, front + common.length);
      const outer = [...place.slice(0, front), ...place.slice(front + common.length)];
      let flat = origin;
      for (const [i, a] of kept.entries()) flat += outer[i] * a.stride;
      for (const a of axes) {
        if (a.list === undefined) continue;
        const i = read(a.list, inner);
        flat += (i < 0 ? i + a.size : i) * a.stride;
      }
      return flat;
    },
    "i32",
  );
}

const pick = (x: Maker, at: string, ...tensors: Maker[]): Sample<At> => ({
  inputs: [x, ...tensors],
  attrs: { at },
});
const cube = normal([4, 5, 6]);

const picks: Sample<At>[] = [
  ...SIZES.map((n) => pick(normal([5, n]), "a", integers([7], -5, 5))),
  ...SIZES.map((n) => pick(normal([3, n]), ":, a", integers([2, 4], -n, n))),
  pick(cube, "a, b", integers([3], -4, 4), integers([3], -5, 5)),
  pick(cube, "a, :, b", integers([3], 0, 4), integers([3], 0, 6)),
  pick(cube, ":, a, b", integers([3, 1], 0, 5), integers([2], 0, 6)),
  pick(cube, "a, b, c", integers([2, 1], 0, 4), integers([3], 0, 5), integers([], 0, 6)),
  pick(cube, "a, 2, b", integers([3], 0, 4), integers([3], 0, 6)),
  pick(cube, "1, :, a", integers([3], 0, 6)),
  pick(cube, "1, a", integers([3], 0, 5)),
  pick(cube, "1:3, a, ::2", integers([3, 2], 0, 5)),
  pick(cube, "-3:, ::3, a", integers([4], -6, 6)),
  pick(cube, "..., a", integers([3], 0, 6)),
  pick(cube, "a, ..., b", integers([3], 0, 4), integers([3], 0, 6)),
  pick(cube, "..., 1"),
  pick(cube, "-1, 1:4"),
  pick(cube, ":"),
  pick(cube, "2, 3, 4"),
  pick(cube, "3:1, a", integers([3], 0, 5)),
  pick(cube, "a", integers([], 0, 4)),
  pick(cube, "a, b", integers([], -4, 4), integers([2], 0, 5)),
  pick(cube, "a", bools([4])),
  pick(cube, ":, a", bools([5])),
  pick(cube, "a", bools([4, 5])),
  pick(cube, ":, a", bools([5, 6])),
  pick(cube, "a", bools([4, 5, 6])),
  pick(cube, "a", bools([])),
  pick(cube, ":, a", values([0], [], "bool")),
  pick(cube, "a, :, b", values([1, 0, 1, 0], [4], "bool"), integers([2], 0, 6)),
  pick(cube, "a, b", values([1, 0, 1, 0], [4], "bool"), integers([5, 1], 0, 5)),
  pick(normal([2, 3, 4, 5]), ":, a, :, b", integers([3], 0, 3), integers([2, 1], 0, 5)),
  pick(normal([2, 3, 4, 5]), ":, a, b", integers([3], 0, 3), integers([2, 1], 0, 4)),
  pick(normal([2, 3, 2, 3, 2]), "a, 0, :, b, 1:", integers([4], 0, 2), integers([4], 0, 3)),
  pick(normal([9]), "a", integers([200], 0, 9)),
  pick(normal([3, 4]), "a", integers([0], 0, 3)),
  pick(normal([3, 4]), "a, b", integers([2, 0], 0, 3), integers([1], 0, 4)),
  pick(normal([3, 0]), "a", integers([2], 0, 3)),
  pick(values([1, NaN, -0, Infinity], [2, 2]), "a", integers([3], 0, 2)),
  pick(integers([4, 5], 0, 99), "a, b", integers([3], 0, 4), integers([3], 0, 5)),
  pick(bools([4, 33]), "a", integers([3], 0, 4)),
  pick(bools([4, 5]), ":, a", integers([3], 0, 5)),
];

const put = (
  x: Maker,
  at: string,
  value: Maker | number,
  tensors: Maker[],
  accumulate?: boolean,
): Sample<Put> => ({
  inputs: [x, typeof value === "number" ? null : value, ...tensors],
  attrs: { at, accumulate, number: typeof value === "number" ? value : undefined },
});
const list = (...of: number[]): Maker => values(of, [of.length], "i32");

const puts: Sample<Put>[] = [
  ...SIZES.map((n) => put(normal([5, n]), "a", normal([3, n]), [list(-1, 0, 2)])),
  ...SIZES.map((n) => put(normal([3, n]), ":, a", normal([3, 9]), [integers([9], -n, n)], true)),
  put(cube, "a, :, b", normal([3, 5]), [list(0, 1, 0), list(5, 4, 4)]),
  put(cube, "a, :, b", normal([3, 5]), [integers([3], 0, 2), integers([3], 0, 2)], true),
  put(cube, ":, a, b", normal([4, 2, 3]), [integers([2, 1], 0, 5), integers([3], 0, 6)], true),
  put(cube, "1:3, a, ::2", normal([2, 2, 3]), [list(4, 1)]),
  put(cube, "1:3, a, ::2", normal([3]), [list(4, 1)]),
  put(cube, "2, a", normal([]), [list(4, 1)]),
  put(cube, "a", normal([1, 5, 1]), [bools([4])]),
  put(cube, "a", 2.5, [bools([4, 5, 6])]),
  put(cube, ":, a", -1, [bools([5, 6])]),
  put(cube, "1, 2:4", normal([2, 6]), []),
  put(cube, "-1, 2, 3", 7, []),
  put(cube, "..., a", normal([4, 5, 2]), [list(3, 0)]),
  put(normal([3, 4]), "a", normal([0, 4]), [integers([0], 0, 3)]),
  put(normal([7]), "a", normal([60]), [integers([60], -7, 7)], true),
  put(integers([4, 5], 0, 9), "a", integers([3, 5], 0, 9), [integers([3], 0, 4)], true),
  put(integers([4, 5], 0, 9), "a, 1", 3, [list(2, 0)]),
  put(bools([4, 33]), "a", bools([2, 33]), [list(2, 0)]),
  put(bools([4, 5]), "a", bools([3, 5]), [integers([3], 0, 4)], true),
  { ...put(normal([4, 5]), "a", normal([9, 5]), [integers([9], -4, 4)]), torch: false },
  { ...put(normal([4, 5]), ":, a", normal([4, 9]), [integers([9], -5, 5)]), torch: false },
];

const written = (
  [x, value, ...tensors]: readonly RefTensor[],
  { at, accumulate, number }: Put,
): RefTensor => {
  const to = places(x, at, tensors);
  const brought: [number, number][] = [];
  build(to.shape, (place) => {
    brought.push([read(to, place), value === null ? (number as number) : read(value, place)]);
    return 0;
  });
  return combined(x, brought, accumulate ? "sum" : "none");
};

// Python's own x[at] = value, on a copy; index_put where it adds.
const python =
  "(lambda y, names: (exec('y[' + at + '] = v', {'y': y, 'v': number if value is None else value, **names}), y)[1]" +
  " if not accumulate else (lambda place: y.reshape(-1).index_put((place.reshape(-1),), " +
  "value.expand(place.shape).reshape(-1), True).reshape(y.shape))" +
  "(eval('p[' + at + ']', {'p': torch.arange(y.numel()).reshape(y.shape), **names})))" +
  "(x.clone(), dict(zip('abc', inputs[2:])))";

export const refs: readonly OpRef[] = [
  defineRef<At>({
    op: "index",
    inputs: ["x", "a", "b", "c"],
    torch: "eval('x[' + at + ']', {'x': x, **dict(zip('abc', inputs[1:]))})",
    differentiable: true,
    tolerance: exact,
    forward([x, ...tensors], { at }) {
      const from = places(x, at, tensors);
      return { ...from, dtype: x.dtype, data: from.data.map((place) => x.data[place]) };
    },
    call: ([x, ...tensors], { at }) => x.index(entries(at, tensors)),
    samples: picks,
    large: pick(normal([64, 64, 128]), "a, b", integers([4096], 0, 64), integers([4096], 0, 64)),
  }),
  defineRef<Put>({
    op: "indexPut",
    inputs: ["x", "value", "a", "b", "c"],
    torch: python,
    differentiable: true,
    tolerance: { units: (_inputs, { accumulate }) => (accumulate ? 4 : 0) },
    forward: written,
    call: ([x, value, ...tensors], { at, accumulate, number }) =>
      x.indexPut(entries(at, tensors), value ?? (number as number), { accumulate }),
    samples: puts,
    large: put(normal([2048, 256]), "a", normal([1024, 256]), [integers([1024], 0, 2048)], true),
  }),
];
