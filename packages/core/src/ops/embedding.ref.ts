// Reference of embedding.ts.
import { build, defineRef, exact, integers, normal, type OpRef, SIZES, values } from "../reference.ts";

interface Attrs {
  readonly paddingIdx?: number;
}

export const refs: readonly OpRef[] = [
  defineRef<Attrs>({
    op: "embedding",
    inputs: ["ids", "weight"],
    torch: "F.embedding(ids, weight, padding_idx=paddingIdx)",
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
    call: ([ids, weight], { paddingIdx }) => ids.embedding(weight, { paddingIdx }),
    samples: [
      ...SIZES.map((C) => ({
        inputs: [integers([5], 0, 7), normal([7, C])],
        attrs: { paddingIdx: undefined },
      })),
      {
        inputs: [integers([65], 0, 3), normal([3, 17])],
        attrs: { paddingIdx: undefined },
        note: "many repeats",
      },
      { inputs: [integers([2, 9], 0, 33), normal([33, 5])], attrs: { paddingIdx: undefined } },
      { inputs: [integers([2, 3, 2], 0, 4), normal([4, 16])], attrs: { paddingIdx: undefined } },
      { inputs: [integers([], 0, 4), normal([4, 3])], attrs: { paddingIdx: undefined } },
      {
        inputs: [values([0, 6, 6, 0], [4], "i32"), normal([7, 33], 100)],
        attrs: { paddingIdx: undefined },
        note: "first and last, ×100",
      },
      { inputs: [integers([4, 5], 0, 4), normal([4, 17])], attrs: { paddingIdx: 2 }, smooth: false },
      { inputs: [integers([20], 0, 4), normal([4, 33])], attrs: { paddingIdx: -1 }, smooth: false },
      { inputs: [integers([0], 0, 4), normal([4, 3])], attrs: { paddingIdx: undefined }, note: "empty" },
    ],
    large: { inputs: [integers([4096], 0, 8192), normal([8192, 256])], attrs: { paddingIdx: undefined } },
  }),
];
