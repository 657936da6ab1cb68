// Reference of embedding.ts.
import { build, defineRef, exact, integers, normal, type OpRef, SIZES, values } from "../reference.ts";

type Attrs = Record<never, never>;

export const refs: readonly OpRef[] = [
  defineRef<Attrs>({
    op: "embedding",
    inputs: ["ids", "weight"],
    torch: "F.embedding(ids, weight)",
    differentiable: true,
    tolerance: exact,
    forward([ids, weight]) {
      const C = weight.shape[1];
      let next = 0;
      return build([...ids.shape, C], () => {
        const at = next++;
        return weight.data[ids.data[Math.floor(at / C)] * C + (at % C)];
      });
    },
    call: ([ids, weight]) => ids.embedding(weight),
    samples: [
      ...SIZES.map((C) => ({ inputs: [integers([5], 0, 7), normal([7, C])], attrs: {} })),
      { inputs: [integers([65], 0, 3), normal([3, 17])], attrs: {}, note: "many repeats" },
      { inputs: [integers([2, 9], 0, 33), normal([33, 5])], attrs: {} },
      { inputs: [integers([2, 3, 2], 0, 4), normal([4, 16])], attrs: {} },
      { inputs: [integers([], 0, 4), normal([4, 3])], attrs: {} },
      {
        inputs: [values([0, 6, 6, 0], [4], "i32"), normal([7, 33], 100)],
        attrs: {},
        note: "first and last, ×100",
      },
      { inputs: [integers([0], 0, 4), normal([4, 3])], attrs: {}, note: "empty" },
    ],
  }),
];
