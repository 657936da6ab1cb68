// PyTorch's x[…] and x[…] = values with tensors among the indices, as new tensors. Numbers and slices only move the origin
// and the strides; the tensors become one list of positions, and whole slices across their axes go at once.
import { scope } from "../scope.ts";
import {
  broadcastShapes,
  checkShape,
  clampedPlace,
  formatShape,
  numel,
  type Shape,
  sameShape,
} from "../shape.ts";
import { Tensor, viewOf } from "../tensor.ts";
import { fail, optionsArgument, placeArgument, refuse, tensorArgument } from "./arguments.ts";
import { picked } from "./gather.ts";
import { nonzero } from "./masks.ts";
import { checkRange, type IndexedAxis, indexArgument, type Picks, positionsOf } from "./picks.ts";
import { denseForm, sourceOf } from "./scatter.ts";
import { scattered } from "./scatterFold.ts";
import { reshape, select } from "./views.ts";

/** start : stop : step, clamped as in Python; step >= 1. */
export interface Slice {
  readonly start?: number | null;
  readonly stop?: number | null;
  readonly step?: number | null;
}

/** null takes a whole axis, "..." as many as are left over. */
export type AxisIndex = Tensor | number | null | Slice | "...";

interface Form {
  readonly shape: Shape;
  readonly strides: Shape;
}

/** What is left of x behind numbers and slices, and the axes of it that tensors index. */
interface Resolved extends Form {
  readonly offset: number;
  readonly indexed: ReadonlyMap<number, Tensor>;
}

/** How many axes an entry uses up. */
function axesOf(op: string, entry: AxisIndex): number {
  if (entry instanceof Tensor) return entry.dtype === "bool" ? entry.rank : 1;
  const isSlice = typeof entry === "object" && entry !== null && !Array.isArray(entry);
  if (entry === null || typeof entry === "number" || isSlice) return 1;
  return refuse(op, "an index", "an i32 or bool Tensor, a number, null or { start, stop, step }", entry);
}

const inserted = <T>(list: readonly T[], at: number, items: readonly T[]): T[] => [
  ...list.slice(0, at),
  ...items,
  ...list.slice(at),
];

/** The entries without "...", in whose place stand nulls. */
function spelledOut(op: string, x: Form, indices: unknown): Exclude<AxisIndex, "...">[] {
  const list: readonly AxisIndex[] = Array.isArray(indices) ? indices : [indices];
  const given = list.filter((entry): entry is Exclude<AxisIndex, "..."> => entry !== "...");
  const used = given.reduce((sum: number, entry) => sum + axesOf(op, entry), 0);
  const rest = x.shape.length - used;
  if (rest < 0 || list.length - given.length > 1) {
    fail("index", `${op}: the indices name ${used} axes of ${formatShape(x.shape)}`);
  }
  const dots = list.indexOf("...");
  return dots < 0 ? given : inserted(given, dots, new Array<null>(rest).fill(null));
}

function sliceOf(op: string, { start, stop, step }: Slice, size: number) {
  const by = step ?? 1;
  const all = [start ?? 0, stop ?? size, by];
  if (!all.every(Number.isInteger) || by < 1) refuse(op, "a slice", "of integers, the step >= 1", all);
  const begin = clampedPlace(all[0], size);
  return { begin, by, length: Math.max(Math.ceil((clampedPlace(all[1], size) - begin) / by), 0) };
}

function resolve(op: string, x: Form, indices: unknown): Resolved {
  const shape: number[] = [];
  const strides: number[] = [];
  const indexed = new Map<number, Tensor>();
  let offset = 0;
  let axis = 0;
  const keep = (size: number, stride: number, index?: Tensor): void => {
    if (index !== undefined) indexed.set(shape.length, index);
    shape.push(size);
    strides.push(stride);
  };
  for (const entry of spelledOut(op, x, indices)) {
    const [size, stride] = [x.shape[axis], x.strides[axis]];
    if (entry instanceof Tensor && entry.dtype === "bool") {
      const columns = maskColumns(op, entry, x.shape, axis);
      // A 0-d mask is an axis of its own, which it leaves or empties.
      if (entry.rank === 0) keep(1, 0, columns[0]);
      else for (const [i, column] of columns.entries()) keep(x.shape[axis + i], x.strides[axis + i], column);
      axis += entry.rank;
      continue;
    }
    const single = entry instanceof Tensor && indexArgument(op, "an index", entry).rank === 0;
    if (typeof entry === "number" || single) {
      offset +=
        placeArgument(op, `the index of axis ${axis}`, single ? (entry as Tensor).item() : entry, size) *
        stride;
    } else if (entry instanceof Tensor) {
      checkRange(op, `index of axis ${axis}`, entry, size, true);
      keep(size, stride, entry);
    } else if (entry === null) {
      keep(size, stride);
    } else {
      const { begin, by, length } = sliceOf(op, entry as Slice, size);
      offset += length > 0 ? begin * stride : 0;
      keep(length, stride * by);
    }
    axis++;
  }
  for (; axis < x.shape.length; axis++) keep(x.shape[axis], x.strides[axis]);
  return { shape, strides, offset, indexed };
}

/** One index per axis of a mask: where it is true; for a 0-d one zeros, as many as it is true. */
function maskColumns(op: string, mask: Tensor, shape: Shape, axis: number): Tensor[] {
  const covered = shape.slice(axis, axis + mask.rank);
  if (!sameShape(mask.shape, covered))
    refuse(op, "a mask", `${formatShape(covered)} as the axes from ${axis} on`, mask, "index");
  if (mask.rank === 0) return [select(nonzero(reshape(mask, [1])), 1, 0)];
  const places = nonzero(mask);
  return mask.shape.map((_, i) => select(places, 1, i));
}

interface Plan {
  readonly picks: Picks;
  readonly place: Tensor;
  /** Of x[…]. */
  readonly shape: Shape;
}

/** Picks for the tensors: their axes, now one, stand where they stood if they are neighbours, else in front. */
function planOf(op: string, { shape, strides, offset, indexed }: Resolved): Plan {
  const axes = [...indexed.keys()];
  const first = axes[0] ?? 0;
  const together = axes.every((axis, i) => axis === first + i);
  const common = [...indexed.values()].reduce(
    (all: Shape, index) => broadcastShapes(op, all, index.shape),
    [],
  );
  const at = together ? first : 0;
  const kept = (values: Shape): number[] => values.filter((_, axis) => !indexed.has(axis));
  const insert = (values: Shape, ...items: readonly number[]): number[] => inserted(kept(values), at, items);
  const full = checkShape(op, insert(shape, ...common));
  const list = axes.map(
    (axis): IndexedAxis => ({
      index: indexed.get(axis) as Tensor,
      size: shape[axis],
      stride: strides[axis],
    }),
  );
  const picks: Picks = {
    shape: insert(shape, numel(common)),
    axis: at,
    whole: insert(strides, 1),
    offset,
    index: insert(
      shape.map(() => 0),
      1,
    ),
  };
  return { picks, place: positionsOf(common, list), shape: full };
}

/**
 * x[indices] as in PyTorch: one entry per axis, each an i32 tensor (negative from the end; several broadcast together), a
 * bool tensor (a mask over as many axes as it has), a number, null (":"), { start, stop, step } or "...". The axes of
 * the tensors stand where the indexed axes stood if those are neighbours, else in front. torch.Tensor.__getitem__
 */
export function index(x: Tensor, indices: AxisIndex | readonly AxisIndex[]): Tensor {
  tensorArgument("index", "input", x);
  return scope(() => {
    const resolved = resolve("index", x, indices);
    if (resolved.indexed.size === 0) {
      const { shape, strides, offset } = resolved;
      return viewOf(x, { shape, strides, offset: x.offset + offset }, "some");
    }
    const { picks, place, shape } = planOf("index", resolved);
    return reshape(picked(x, place, picks), shape);
  });
}

/**
 * x with x[indices] set to `values` (a tensor that broadcasts to x[indices], or a number), or with them added if
 * `accumulate`. Indices as in `index`. torch.Tensor.index_put, and x[…] = values
 */
export function indexPut(
  x: Tensor,
  indices: AxisIndex | readonly AxisIndex[],
  values: Tensor | number,
  options: { accumulate?: boolean } = {},
): Tensor {
  tensorArgument("indexPut", "input", x);
  const { accumulate = false } = optionsArgument("indexPut", options);
  return scope(() => {
    const { picks, place, shape } = planOf("indexPut", resolve("indexPut", denseForm(x), indices));
    const source = sourceOf("indexPut", "values", x, values, shape);
    return scattered(x, reshape(source, picks.shape), place, picks, Boolean(accumulate));
  });
}
