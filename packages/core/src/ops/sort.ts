// Sorted order along one axis and what is selected by it. torch.sort, argsort, topk, kthvalue, median, mode, unique
// Kernels find places only; values are valuesAt by them, and so are gradients. Order is stable and NaN the largest.

import { store } from "../autograd/backward.ts";
import { noGrad } from "../autograd/tape.ts";
import { engine } from "../engine.ts";
import { apply, defineOp } from "../op.ts";
import { scope } from "../scope.ts";
import { axesBut, resized } from "../shape.ts";
import { bytePtr, detach, empty, i32, type Tensor } from "../tensor.ts";
import { dimAndOptions, fail, integerArgument, optionsArgument, tensorArgument } from "./arguments.ts";
import { clone, contiguous } from "./contiguous.ts";
import { checkNotEmpty, shareEqual } from "./extrema.ts";
import { filled } from "./fill.ts";
import { linesOf, runLines, withAxis } from "./lines.ts";
import { pick, type ValuesIndices, valuesAt } from "./pick.ts";
import { numbersOf } from "./reduction.ts";
import { uniqueSlices } from "./uniqueSlices.ts";
import { narrow, reshape } from "./views.ts";

export interface SortOptions {
  readonly dim?: number;
  readonly descending?: boolean;
  /** Equal elements keep their order, whether it is asked for or not. */
  readonly stable?: boolean;
}

export interface TopkOptions {
  readonly dim?: number;
  /** The k largest, which is the default, or the k smallest. */
  readonly largest?: boolean;
  /** They come in order, whether it is asked for or not. */
  readonly sorted?: boolean;
}

/** The rank that stands for the lower median, or the first NaN. */
const MEDIAN = -1;

/** bool as i32; others as they are. */

const isFloat = (x: Tensor): 0 | 1 => (x.dtype === "f32" ? 1 : 0);

/** Bytes of scratch for sorting lines of N, which must stay addressable. */
function scratch(N: number): number {
  if (N >= 2 ** 27) fail("unsupported", `sorting ${N} elements at once takes more than 2 GiB`);
  return engine().kernels.order_work_i32(N);
}

/** Places of the elements of ranks first, first + 1, … along an axis. */
function order(line: Tensor, axis: number, first: number, count: number, down = false): Tensor {
  const N = line.shape[axis];
  const at = empty(resized(line.shape, axis, count), "i32");
  if (at.numel === 0) return at;
  const x = numbersOf(line);
  const flags = [isFloat(x), down ? 1 : 0];
  runLines("order_i32", axis, [at, x], { flags, sizes: [N, first, count], work: scratch(N) });
  return at;
}

/** Sorted elements along `dim` (the last by default) and where they stood. torch.sort */
export function sort(x: Tensor, dim?: number | SortOptions, options?: boolean | SortOptions): ValuesIndices {
  return scope(() => {
    const { dim: given = -1, descending } = dimAndOptions<SortOptions>("sort", dim, options, "descending");
    const { line, axis } = withAxis("sort", x, given);
    return valuesAt(x, line, order(line, axis, 0, line.shape[axis], descending), axis);
  });
}

/** The places (i32) of the elements in sorted order along `dim`. torch.argsort */
export function argsort(x: Tensor, dim?: number | SortOptions, options?: boolean | SortOptions): Tensor {
  return scope(() => {
    const { dim: given = -1, descending } = dimAndOptions<SortOptions>("argsort", dim, options, "descending");
    const { line, axis } = withAxis("argsort", x, given);
    return reshape(order(line, axis, 0, line.shape[axis], descending), x.shape);
  });
}

/** The k largest (or smallest) elements along `dim`, in order, and where they stand. torch.topk */
export function topk(
  x: Tensor,
  k: number,
  dim?: number | TopkOptions,
  options?: boolean | TopkOptions,
): ValuesIndices {
  return scope(() => {
    const { dim: given = -1, largest = true } = dimAndOptions<TopkOptions>("topk", dim, options, "largest");
    const { line, axis } = withAxis("topk", x, given);
    integerArgument("topk", "k", k, x.rank === 0 ? 1 : 0, line.shape[axis]);
    return valuesAt(x, line, order(line, axis, 0, k, largest), axis);
  });
}

/** The k-th smallest element along `dim`, k from 1 on, and where it stands. torch.kthvalue */
export function kthvalue(x: Tensor, k: number, dim = -1, keepdim = false): ValuesIndices {
  return scope(() => {
    const { line, axis } = withAxis("kthvalue", x, dim);
    checkNotEmpty("kthvalue", line, axis);
    integerArgument("kthvalue", "k", k, 1, line.shape[axis]);
    return valuesAt(x, line, order(line, axis, k - 1, 1), axis, keepdim);
  });
}

const medianOp = defineOp<readonly [Tensor]>({
  name: "median",
  forward([x], _attrs, call) {
    const line = noGrad(() => reshape(x, [x.numel]));
    const y = noGrad(() => reshape(pick(line, order(line, 0, MEDIAN, 1), 0), []));
    call.save(x, y);
    return y;
  },
  // Shared by all elements that equal it.
  backward(dy, [x, y], _attrs, into) {
    const target = into.target(0);
    if (target !== null) store(target, shareEqual(dy, x, y, axesBut(x.rank), true));
  },
});

/** What `median` is as a method; as a function it takes the tensor before. */
export interface MedianMethod {
  (): Tensor;
  (dim: number, keepdim?: boolean): ValuesIndices;
}

export function median(x: Tensor): Tensor;
export function median(x: Tensor, dim: number, keepdim?: boolean): ValuesIndices;
/**
 * median(x): the lower median of all elements. median(x, dim, keepdim?): { values, indices } along an axis. NaN where
 * there is a NaN. torch.median
 */
export function median(x: Tensor, dim?: number | null, keepdim = false): Tensor | ValuesIndices {
  tensorArgument("median", "input", x);
  return scope((): Tensor | ValuesIndices => {
    if (dim === undefined || dim === null) {
      if (x.numel > 0 || x.dtype !== "f32") {
        checkNotEmpty("median", x, undefined);
        return apply(medianOp, [x], undefined);
      }
      return filled([], Number.NaN);
    }
    const { line, axis } = withAxis("median", x, dim);
    checkNotEmpty("median", line, axis);
    return valuesAt(x, line, order(line, axis, MEDIAN, 1), axis, keepdim);
  });
}

/** The most frequent element along `dim`, the smallest of several, and where its last one stands. torch.mode */
export function mode(x: Tensor, dim = -1, keepdim = false): ValuesIndices {
  return scope(() => {
    const { line, axis } = withAxis("mode", x, dim);
    checkNotEmpty("mode", line, axis);
    const N = line.shape[axis];
    const at = empty(resized(line.shape, axis, 1), "i32");
    const numbers = numbersOf(line);
    const { layout, units, steps } = linesOf(axis, at, numbers);
    engine().run(
      "mode_i32",
      units,
      scratch(N),
      i32(at),
      bytePtr(numbers),
      isFloat(numbers),
      layout,
      N,
      steps[1],
    );
    return valuesAt(x, line, at, axis, keepdim);
  });
}

export interface Unique {
  /** Each different element once, in ascending order. */
  readonly values: Tensor;
  /** In the shape of the input, or (n) of its n slices: where in `values` each of its elements is (i32). */
  readonly inverse: Tensor;
  /** How often each of `values` occurs (i32). */
  readonly counts: Tensor;
}

/**
 * The different elements of a tensor in ascending order, or with `dim` its different slices along that axis, without a
 * gradient. Every NaN is different. torch.unique(sorted=True, …)
 */
export function unique(x: Tensor, options: { dim?: number | null } = {}): Unique {
  tensorArgument("unique", "input", x);
  const { dim = null } = optionsArgument("unique", options);
  if (dim !== null) return uniqueSlices(x, dim);
  return scope(() => {
    const n = x.numel;
    const line = reshape(detach(x), [n]);
    const [inverse, heads, counts] = [empty([n], "i32"), empty([n], "i32"), empty([n], "i32")];
    const groups = filled([], 0, "i32");
    if (n > 0) {
      const numbers = contiguous(numbersOf(line));
      const results = [i32(inverse), i32(heads), i32(counts), i32(groups)] as const;
      const places = i32(order(numbers, 0, 0, n));
      engine().run("unique_i32", 1, 0, ...results, bytePtr(numbers), isFloat(numbers), places, n);
    }
    const found = groups.item();
    return {
      values: pick(line, narrow(heads, 0, 0, found), 0),
      inverse: reshape(inverse, x.shape),
      counts: clone(narrow(counts, 0, 0, found)),
    };
  });
}
