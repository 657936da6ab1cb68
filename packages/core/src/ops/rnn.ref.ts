// Reference of rnn.ts, on the loops of recurrent.ref.ts.
import { defineRef, normal, type OpRef, type Sample, sprinkled } from "../reference.ts";
import {
  type Attrs as Common,
  type Form,
  forms,
  recurrent,
  rnnCell,
  sampleOf,
  torchArguments,
} from "./recurrent.ref.ts";

interface Attrs extends Common {
  readonly nonlinearity: "tanh" | "relu";
}

const sample = (form: Form, nonlinearity: Attrs["nonlinearity"] = "tanh"): Sample<Attrs> => {
  const made = sampleOf(1, form);
  return { ...made, attrs: { ...made.attrs, nonlinearity } };
};

export const refs: readonly OpRef[] = [
  defineRef<Attrs>({
    op: "rnn",
    inputs: ["x", "h0"],
    torch: `recurrent('rnn', ${torchArguments}, nonlinearity=nonlinearity)`,
    differentiable: true,
    tolerance: { units: 10 },
    forward: ([x, h0, ...weights], attrs) => recurrent(rnnCell(attrs.nonlinearity), x, [h0], weights, attrs),
    call([x, h0, ...weights], { numLayers, bidirectional, batchFirst, lengths, nonlinearity }) {
      const { output, hn } = x.rnn(h0, weights, {
        numLayers,
        bidirectional,
        batchFirst,
        lengths,
        nonlinearity,
      });
      return [output, hn];
    },
    samples: [
      ...forms.map((form) => sample(form)),
      sample({ H: 17 }, "relu"),
      sample({ H: 5, T: 5, bidirectional: true }, "relu"),
      sample({ B: 3, T: 5, lengths: [2, 5, 3], padding: Number.NaN }, "relu"),
      sample({ layers: 2, T: 2, H: 3, bias: false }, "relu"),
      sample({ x: (shape) => sprinkled(normal(shape), Number.NaN, 7), note: "NaN", smooth: false }),
      sample({ x: (shape) => sprinkled(normal(shape), Number.NaN, 7), note: "NaN", smooth: false }, "relu"),
    ],
    large: sample({ B: 16, T: 32, I: 128, H: 256 }),
  }),
];
