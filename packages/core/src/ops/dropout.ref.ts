// Reference of dropout.ts: the mask drawn element by element from Philox, keyed by the seed, counted by the position.
import { philox } from "../hostRandom.ts";
import { defineRef, normal, type OpRef, SIZES } from "../reference.ts";

interface Attrs {
  readonly p: number;
  readonly training?: boolean;
}

const SEED = 20240229;

/** Uniform number i of the first random op after manualSeed(SEED). */
function fraction(i: number): number {
  return (philox([Math.floor(i / 4), 0, 0, 0], [SEED, 0])[i % 4] >>> 8) / 16777216;
}

export const refs: readonly OpRef[] = [
  defineRef<Attrs>({
    op: "dropout",
    large: { inputs: [normal([1024, 1024])], attrs: { p: 0.5, training: true } },
    inputs: ["x"],
    torch: "F.dropout(x, p, training=training)",
    differentiable: true,
    tolerance: { ulp: 2 },
    forward([x], { p, training = true }) {
      if (!training) return x;
      return { ...x, data: x.data.map((value, i) => (p < 1 && fraction(i) >= p ? value / (1 - p) : 0)) };
    },
    call([x], { p, training }, saccade) {
      saccade.manualSeed(SEED);
      return x.dropout(p, training);
    },
    samples: [
      ...SIZES.map((n) => ({ inputs: [normal([n])], attrs: { p: 0.5, training: true }, torch: false })),
      ...[0.125, 0.5, 0.9375].map((p) => ({
        inputs: [normal([5, 17])],
        attrs: { p, training: true },
        torch: false,
      })),
      { inputs: [normal([2, 3, 5])], attrs: { p: 0.25, training: true }, torch: false },
      { inputs: [normal([])], attrs: { p: 0.25, training: true }, torch: false },
      { inputs: [normal([0, 3])], attrs: { p: 0.25, training: true }, note: "empty" },
      { inputs: [normal([3, 5])], attrs: { p: 0, training: true } },
      { inputs: [normal([3, 5])], attrs: { p: 1, training: true } },
      { inputs: [normal([3, 5])], attrs: { p: 0.5, training: false } },
    ],
  }),
];
