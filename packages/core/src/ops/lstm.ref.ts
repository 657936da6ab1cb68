// Reference of lstm.ts, on the loops of recurrent.ref.ts.
import { defineRef, normal, type OpRef, sprinkled } from "../reference.ts";
import {
  type Attrs as Common,
  type Form,
  forms,
  lstmCell,
  recurrent,
  sampleOf,
  torchArguments,
} from "./recurrent.ref.ts";

interface Attrs extends Common {
  /** The lengths go over as a tensor. */
  readonly asTensor?: boolean;
}

/** Projections of h to P, and peepholes, alone and together. */
const options: readonly Form[] = [
  ...[1, 2, 4, 5].map((P) => ({ P, H: 5 })),
  { P: 3, H: 17, B: 1 },
  { P: 2, T: 1 },
  { P: 2, bias: false },
  { P: 2, states: false },
  { P: 2, bidirectional: true },
  { P: 2, H: 3, layers: 2, T: 2, bidirectional: true },
  { P: 2, batched: false, B: 1 },
  { P: 2, B: 3, T: 5, lengths: [2, 5, 3], bidirectional: true, padding: Number.NaN },
  ...[1, 3, 4, 5, 8, 17].map((H) => ({ H, peephole: true })),
  { peephole: true, bias: false },
  { peephole: true, states: false },
  { peephole: true, bidirectional: true },
  { peephole: true, layers: 2, T: 2, H: 3 },
  { peephole: true, B: 3, T: 5, lengths: [2, 5, 3], bidirectional: true, padding: Number.NaN },
  { peephole: true, P: 2, H: 5 },
  { peephole: true, P: 2, bias: false, note: "four weights" },
];

export const refs: readonly OpRef[] = [
  defineRef<Attrs>({
    op: "lstm",
    inputs: ["x", "h0", "c0"],
    torch: `recurrent('lstm', ${torchArguments}, projection=projection, peephole=peephole)`,
    differentiable: true,
    tolerance: { units: 16 },
    forward: ([x, h0, c0, ...weights], attrs) => recurrent(lstmCell, x, [h0, c0], weights, attrs),
    call([x, h0, c0, ...weights], { numLayers, bidirectional, batchFirst, lengths, asTensor }, saccade) {
      const steps = asTensor && lengths ? saccade.tensor(lengths, { dtype: "i32" }) : lengths;
      const hx = h0 === null ? null : ([h0, c0] as const);
      const { output, hn, cn } = x.lstm(hx, weights, {
        numLayers,
        bidirectional,
        batchFirst,
        lengths: steps,
      });
      return [output, hn, cn];
    },
    samples: [
      ...[...forms, ...options].map((form) => sampleOf(4, form)),
      sampleOf(4, { x: (shape) => sprinkled(normal(shape), Number.NaN, 7), note: "NaN", smooth: false }),
      (() => {
        const made = sampleOf(4, { B: 3, T: 4, lengths: [1, 4, 2] });
        return { ...made, attrs: { ...made.attrs, asTensor: true } };
      })(),
    ],
    large: sampleOf(4, { B: 16, T: 32, I: 128, H: 128 }),
  }),
];
