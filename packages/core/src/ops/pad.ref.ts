// Reference of pad.ts: for each place of the result, the element it shows.
import { bools, integers, normal, type OpRef, type Sample, SIZES, values } from "../reference.ts";
import { moved, viewRef } from "./views.ref.ts";

interface Attrs {
  readonly pads: readonly number[];
  readonly mode: "constant" | "reflect" | "replicate" | "circular";
  readonly value?: number;
}

/** Which of the `size` elements of an axis place `i` shows, -1 for none. */
function shown(mode: Attrs["mode"], i: number, size: number, before: number, after: number): number {
  const at = i - before;
  if (mode === "constant") return at < 0 || at >= size ? -1 : at;
  if (mode === "replicate") return Math.min(Math.max(at, 0), size - 1);
  if (mode === "reflect") return at < 0 ? -at : at >= size ? 2 * (size - 1) - at : at;
  const first = Math.max(-before, 0);
  const left = size - first - Math.max(-after, 0);
  return first + ((((at - first) % left) + left) % left);
}

const sample = (shape: readonly number[], pads: readonly number[], mode: Attrs["mode"] = "constant") =>
  ({ inputs: [normal(shape)], attrs: { pads, mode, value: undefined } }) satisfies Sample<Attrs>;

const surrounding = (["reflect", "replicate", "circular"] as const).flatMap((mode) => [
  ...SIZES.filter((n) => n > 2).map((n) => sample([2, 3, n], [2, 1], mode)),
  ...(mode === "circular" ? [] : [sample([3, 5], [2, 2], mode), sample([3, 4, 5], [2, 2, 1, 3], mode)]),
  ...[
    [0, 4],
    [4, 0],
    [4, 4],
    [-1, 2],
    [2, -1],
    [-2, -2],
    [0, 0],
    [-2, 2],
  ].map((pads) => sample([1, 2, 5], pads, mode)),
  sample([2, 3, 4, 5], [1, 2, 3, 0], mode),
  sample([2, 3, 4, 5], [0, 0, 2, 1], mode),
  sample([2, 3, 4, 5], [-1, 2, 1, -2], mode),
  sample([1, 2, 3, 4, 5], [1, 2, 1, 0, 2, 1], mode),
  sample([1, 2, 3, 4, 5], [-1, 2, 0, 0, 2, -1], mode),
  sample([0, 3, 5], [1, 2], mode),
  { ...sample([7], [2, 3], mode), torch: false },
  { ...sample([3, 5], [2, 1, 1, 2], mode), torch: false },
  { ...sample([2, 3, 4, 5, 3], [1, 0], mode), torch: false },
  { ...sample([3, 2, 3, 4], [1, 2, 2, 0, 1, 1, 0, 2], mode), torch: false },
  {
    inputs: [integers([2, 3, 7], -9, 9)],
    attrs: { pads: [2, 3], mode, value: undefined },
    note: "integers",
  },
  {
    inputs: [bools([2, 3, 7])],
    attrs: { pads: [2, 3], mode, value: undefined },
    note: "bools",
    torch: mode === "circular",
  },
]);

export const refs: readonly OpRef[] = [
  viewRef<Attrs>({
    op: "pad",
    torch: "F.pad(x, pads, mode=mode, value=value)",
    forward([x], { pads, mode, value = 0 }) {
      const of = (axis: number): [number, number] => {
        const at = 2 * (x.shape.length - 1 - axis);
        return [pads[at] ?? 0, pads[at + 1] ?? 0];
      };
      const shape = x.shape.map((size, axis) => size + of(axis)[0] + of(axis)[1]);
      return moved(
        x,
        shape,
        (index) => {
          const place = index.map((i, axis) => shown(mode, i, x.shape[axis], ...of(axis)));
          return place.includes(-1) ? null : place;
        },
        x.dtype === "bool" ? Number(value !== 0) : x.dtype === "i32" ? Math.trunc(value) : value,
      );
    },
    call: ([x], { pads, mode, value }) => x.pad(pads, { mode, value }),
    samples: [
      ...SIZES.map((n) => sample([3, n], [1, 2])),
      sample([3, 4, 5], [0, 0, 1, 2]),
      sample([3, 4, 5], [1, 0, 0, 3, 2, 2]),
      sample([2, 3, 2, 3, 2], [1, 1, 0, 0, -1, 2, 0, 0, 2, -1]),
      sample([7], [2, 3]),
      sample([7], [-2, 3]),
      sample([7], [3, -4]),
      sample([7], [-3, -4]),
      sample([3, 5], []),
      sample([], []),
      sample([0, 3], [1, 1, 2, 1]),
      ...[1.5, -7, Infinity, NaN].map((value) => ({
        inputs: [normal([3, 5])],
        attrs: { pads: [1, 2, 2, -1], mode: "constant" as const, value },
        smooth: Number.isFinite(value),
      })),
      { inputs: [integers([3, 5], -9, 9)], attrs: { pads: [2, 1], mode: "constant", value: 7.9 } },
      { inputs: [bools([3, 5])], attrs: { pads: [2, 1, 1, 0], mode: "constant", value: 1 } },
      {
        inputs: [values([1, NaN, -0, Infinity, 2], [1, 5])],
        attrs: { pads: [2, 2], mode: "reflect", value: undefined },
        note: "NaN, -0, Infinity",
        smooth: false,
      },
      ...surrounding,
    ],
    large: {
      inputs: [normal([8, 32, 56, 56])],
      attrs: { pads: [1, 1, 1, 1], mode: "reflect", value: undefined },
    },
  }),
];
