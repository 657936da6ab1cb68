// References of maxUnpool.ts.
import { defineRef, exact, normal, numel, type OpRef, type Sample, values } from "../reference.ts";
import { at, type PerAxis } from "./maxPool.ref.ts";

interface Attrs {
  readonly kernelSize: PerAxis;
  readonly stride?: PerAxis;
  readonly padding: PerAxis;
  readonly outputSize?: readonly number[];
}

const plain = { stride: undefined, padding: 0, outputSize: undefined };
/** Distinct places, which a stride of 7 gives for sizes without that factor. */
const sample = (
  shape: number[],
  places: number,
  attrs: Partial<Attrs> & Pick<Attrs, "kernelSize">,
  axes = 2,
): Sample<Attrs> => {
  const n = numel(shape.slice(-axes));
  const index = Array.from({ length: numel(shape) }, (_, i) => ((i % n) * 7 + Math.floor(i / n)) % places);
  return { inputs: [normal(shape), values(index, shape, "i32")], attrs: { ...plain, ...attrs } };
};

const samples = {
  1: [
    sample([2, 3, 5], 10, { kernelSize: 2 }, 1),
    sample([3, 17], 33, { kernelSize: 3, stride: 2, padding: 1 }, 1),
    sample([2, 3, 5], 11, { kernelSize: 2, outputSize: [11] }, 1),
  ],
  2: [
    sample([2, 2, 3, 4], 48, { kernelSize: 2 }),
    sample([2, 5, 5], 81, { kernelSize: [3, 3], stride: 2, padding: 1 }),
    sample([2, 2, 4, 4], 81, { kernelSize: 2, outputSize: [9, 9] }),
    sample([2, 2, 3, 3], 48, { kernelSize: [2, 3], stride: [2, 3], outputSize: [2, 2, 6, 8] }),
    sample([0, 2, 3, 3], 36, { kernelSize: 2 }),
  ],
  3: [
    sample([2, 2, 2, 3, 4], 192, { kernelSize: 2 }, 3),
    sample([2, 3, 3, 2], 75, { kernelSize: 3, stride: 2, padding: 1 }, 3),
    sample([2, 2, 2, 3], 192, { kernelSize: [2, 3, 2], stride: [2, 3, 2], outputSize: [4, 6, 7] }, 3),
  ],
};

const large = {
  1: sample([8, 64, 2048], 4096, { kernelSize: 2 }, 1),
  2: sample([8, 64, 28, 28], 3136, { kernelSize: 2 }),
  3: sample([4, 16, 8, 14, 14], 12544, { kernelSize: 2 }, 3),
};

export const refs: readonly OpRef[] = ([1, 2, 3] as const).map((axes) =>
  defineRef<Attrs>({
    op: `maxUnpool${axes}d`,
    inputs: ["x", "indices"],
    torch: `F.max_unpool${axes}d(x, indices.long(), kernelSize, stride, padding, outputSize)`,
    differentiable: true,
    tolerance: exact,
    forward: ([x, indices], { kernelSize, stride, padding, outputSize }) => {
      const sizes = x.shape.slice(-axes).map((n, i) => {
        const s = at(stride ?? kernelSize, i);
        return outputSize?.slice(-axes)[i] ?? (n - 1) * s - 2 * at(padding, i) + at(kernelSize, i);
      });
      const [n, m] = [numel(x.shape.slice(-axes)), numel(sizes)];
      const shape = [...x.shape.slice(0, -axes), ...sizes];
      const data = new Float64Array(numel(shape));
      for (const [i, value] of x.data.entries()) data[Math.floor(i / n) * m + indices.data[i]] = value;
      return { dtype: "f32", shape, data };
    },
    call: ([x, indices], { kernelSize, ...options }) =>
      x[`maxUnpool${axes}d`](indices, kernelSize, { ...options, outputSize: options.outputSize ?? null }),
    samples: samples[axes],
    large: large[axes],
  }),
);
