// Reference of repeatInterleave.ts.
import {
  bools,
  defineRef,
  exact,
  integers,
  normal,
  type OpRef,
  type Sample,
  SIZES,
  values,
} from "../reference.ts";
import { moved, reshaped, resolve } from "./views.ref.ts";

interface Attrs {
  /** For all elements, where there are no counts. */
  readonly repeats?: number;
  readonly dim?: number;
}

const counts = (list: readonly number[]) => values(list, [list.length], "i32");
const cycle = (n: number): number[] => Array.from({ length: n }, (_, i) => [1, 0, 3, 2, 1, 7][i % 6]);
const even = (shape: readonly number[], repeats: number, dim?: number): Sample<Attrs> => ({
  inputs: [normal(shape), null],
  attrs: { repeats, dim },
});
const uneven = (shape: readonly number[], list: readonly number[], dim?: number): Sample<Attrs> => ({
  inputs: [normal(shape), counts(list)],
  attrs: { repeats: undefined, dim },
  note: `counts ${list.slice(0, 6)}`,
});

export const refs: readonly OpRef[] = [
  defineRef<Attrs>({
    op: "repeatInterleave",
    inputs: ["x", "counts"],
    torch: "torch.repeat_interleave(x, repeats if counts is None else counts, dim)",
    differentiable: true,
    tolerance: exact,
    forward([x, list], { repeats = 1, dim }) {
      const source = dim === undefined ? reshaped(x, [-1]) : x.shape.length === 0 ? reshaped(x, [1]) : x;
      const axis = resolve(dim ?? 0, source.shape.length);
      const places: number[] = [];
      for (let i = 0; i < source.shape[axis]; i++) {
        const times = list === null ? repeats : list.data[list.data.length === 1 ? 0 : i];
        for (let k = 0; k < times; k++) places.push(i);
      }
      const shape = source.shape.map((size, a) => (a === axis ? places.length : size));
      return moved(source, shape, (index) => index.map((i, a) => (a === axis ? places[i] : i)));
    },
    call: ([x, list], { repeats, dim }) => x.repeatInterleave(list ?? (repeats as number), dim),
    samples: [
      ...[0, 1, 2, -1, -3].map((dim) => even([3, 4, 5], 2, dim)),
      ...[0, 1, 3].map((repeats) => even([3, 5], repeats, 1)),
      even([3, 5], 2),
      even([], 3),
      { ...even([], 3, 0), torch: false },
      even([1], 4, 0),
      even([0, 3], 2, 0),
      ...SIZES.map((n) => uneven([n], cycle(n), 0)),
      ...SIZES.map((n) => uneven([3, n], [2, 0, 3], 0)),
      ...[15, 16, 17].map((n) => uneven([2, n, 3], cycle(n), 1)),
      uneven([3, 4, 2], [1, 0, 0, 2], -2),
      uneven([2, 3], [0, 1, 2, 3, 0, 1]),
      uneven([3, 4], [2], 1),
      uneven([1, 4], [2], 0),
      uneven([3, 4], [0, 0, 0], 0),
      uneven([0, 4], [], 0),
      uneven(
        [2, 300],
        Array.from({ length: 300 }, (_, i) => i % 5),
        1,
      ),
      { inputs: [integers([3, 5], -9, 9), counts([2, 0, 1])], attrs: { repeats: undefined, dim: 0 } },
      { inputs: [bools([3, 5]), counts([2, 0, 1, 1, 3])], attrs: { repeats: undefined, dim: 1 } },
      { inputs: [bools([3, 5]), null], attrs: { repeats: 2, dim: 1 } },
      { inputs: [integers([3, 5], -9, 9), null], attrs: { repeats: 2, dim: undefined } },
    ],
    large: {
      inputs: [normal([64, 2048]), counts(Array.from({ length: 64 }, (_, i) => i % 20))],
      attrs: { repeats: undefined, dim: 0 },
    },
  }),
];
