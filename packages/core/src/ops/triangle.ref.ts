// References of triangle.ts.
import { bools, integers, normal, type OpRef, SIZES, sprinkled } from "../reference.ts";
import { moved, of, viewRef } from "./views.ref.ts";

interface Attrs {
  readonly diagonal: number;
}

export const refs: readonly OpRef[] = (["tril", "triu"] as const).map((op) =>
  viewRef<Attrs>({
    op,
    torch: `torch.${op}(x, diagonal)`,
    forward: ([x], { diagonal }) =>
      moved(x, x.shape, (index) => {
        const [i, j] = index.slice(-2);
        return (op === "tril" ? j - i <= diagonal : j - i >= diagonal) ? index : null;
      }),
    call: ([x], { diagonal }) => x[op](diagonal),
    samples: [
      ...SIZES.map((n) => of([n, n], { diagonal: 0 })),
      ...[-9, -5, -4, -1, 0, 1, 6, 7, 9].map((diagonal) => of([5, 7], { diagonal })),
      ...[-2, 0, 1].map((diagonal) => of([2, 3, 4, 5], { diagonal })),
      of([3, 0], { diagonal: 0 }),
      of([0, 3, 3], { diagonal: 1 }),
      { inputs: [sprinkled(normal([5, 5]), NaN, 3)], attrs: { diagonal: 0 }, note: "NaN", smooth: false },
      { inputs: [integers([4, 5], -9, 9)], attrs: { diagonal: 1 } },
      { inputs: [bools([2, 4, 5])], attrs: { diagonal: -1 } },
    ],
    large: { inputs: [normal([8, 512, 512])], attrs: { diagonal: 0 } },
  }),
);
