// Reference of roll.ts.
import { bools, integers, normal, type OpRef, SIZES } from "../reference.ts";
import { moved, of, reshaped, resolve, viewRef } from "./views.ref.ts";

interface Attrs {
  readonly shifts: number | readonly number[];
  readonly dims?: number | readonly number[];
}

export const refs: readonly OpRef[] = [
  viewRef<Attrs>({
    op: "roll",
    torch: "torch.roll(x, shifts, dims)",
    forward([x], { shifts, dims }) {
      const flat = dims === undefined ? reshaped(x, [-1]) : x;
      const axes = [dims ?? 0].flat().map((dim) => resolve(dim, flat.shape.length));
      const y = moved(flat, flat.shape, (index) => {
        const place = [...index];
        for (const [i, axis] of axes.entries()) {
          const size = flat.shape[axis];
          place[axis] = (((place[axis] - [shifts].flat()[i]) % size) + size) % size;
        }
        return place;
      });
      return reshaped(y, x.shape);
    },
    call: ([x], { shifts, dims }) => x.roll(shifts, dims),
    samples: [
      ...SIZES.map((n) => of([3, n], { shifts: 2, dims: 1 })),
      ...[-7, -1, 0, 1, 5, 12].map((shifts) => of([3, 5], { shifts, dims: 0 })),
      ...[-16, -1, 0, 4, 15, 31].map((shifts) => of([3, 5], { shifts, dims: undefined })),
      of([3, 4, 5], { shifts: [1, -2], dims: [0, 2] }),
      of([3, 4, 5], { shifts: [1, -2, 9], dims: [-1, -2, -3] }),
      of([3, 4, 5], { shifts: [1, 2], dims: [1, 1] }, "one axis twice"),
      of([], { shifts: 3, dims: undefined }),
      of([0, 3], { shifts: [1, 1], dims: [0, 1] }),
      { inputs: [integers([3, 17], -9, 9)], attrs: { shifts: [1, 5], dims: [0, 1] } },
      { inputs: [bools([3, 17])], attrs: { shifts: -5, dims: 1 } },
    ],
    large: { inputs: [normal([4, 64, 64, 64])], attrs: { shifts: [-4, -4], dims: [1, 2] } },
  }),
];
