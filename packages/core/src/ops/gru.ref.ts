// Reference of gru.ts, on the loops of recurrent.ref.ts.
import { defineRef, normal, type OpRef, type Sample, sprinkled } from "../reference.ts";
import {
  type Attrs as Common,
  type Form,
  forms,
  gruCell,
  recurrent,
  sampleOf,
  torchArguments,
} from "./recurrent.ref.ts";

interface Attrs extends Common {
  readonly resetAfter: boolean;
}

const sample = (form: Form, resetAfter = true): Sample<Attrs> => {
  const made = sampleOf(3, form);
  return { ...made, attrs: { ...made.attrs, resetAfter } };
};

export const refs: readonly OpRef[] = [
  defineRef<Attrs>({
    op: "gru",
    inputs: ["x", "h0"],
    torch: `recurrent('gru', ${torchArguments}, reset_after=resetAfter)`,
    differentiable: true,
    tolerance: { units: 10 },
    forward: ([x, h0, ...weights], attrs) => recurrent(gruCell(attrs.resetAfter), x, [h0], weights, attrs),
    call([x, h0, ...weights], { numLayers, bidirectional, batchFirst, lengths, resetAfter }) {
      const { output, hn } = x.gru(h0, weights, {
        numLayers,
        bidirectional,
        batchFirst,
        lengths,
        resetAfter,
      });
      return [output, hn];
    },
    samples: [
      ...forms.map((form) => sample(form)),
      ...[1, 3, 4, 5, 8, 17].map((H) => sample({ H }, false)),
      ...[1, 5].map((T) => sample({ T, B: 1 }, false)),
      sample({ bidirectional: true, T: 5 }, false),
      sample({ layers: 2, T: 2, H: 3, bidirectional: true }, false),
      sample({ bias: false, states: false }, false),
      sample({ B: 3, T: 5, lengths: [2, 5, 3], bidirectional: true, padding: Number.NaN }, false),
      sample({ B: 3, T: 5, lengths: [5, 3, 1], batchFirst: false, padding: Number.NaN }, false),
      sample({ batched: false, B: 1 }, false),
      sample({ scale: 2, note: "steep" }, false),
      sample({ x: (shape) => sprinkled(normal(shape), Number.NaN, 7), note: "NaN", smooth: false }),
    ],
    large: sample({ B: 16, T: 32, I: 128, H: 128 }),
  }),
];
