// y = x · keep / (1 − p), keep with probability 1 − p. The mask is not stored: it is a function of (seed, stream, index)
// by Philox, and backward computes it again. torch.nn.functional.dropout

import { apply, defineOp } from "../op.ts";
import { nextStream, type RandomStream, words } from "../random.ts";
import { empty, type Tensor } from "../tensor.ts";
import { rangeArgument, tensorArgument } from "./arguments.ts";
import { mul } from "./binary.ts";
import { elementwise } from "./elementwise.ts";
import { withFloat } from "./scalar.ts";

interface Attrs {
  readonly p: number;
  readonly random: RandomStream;
}

function masked(y: Tensor, x: Tensor, { p, random }: Attrs, acc: 0 | 1): void {
  elementwise("dropout_f32", y, [x], p, ...words(random), acc);
}

const dropoutOp = defineOp<readonly [Tensor], Attrs>({
  name: "dropout",
  forward([x], attrs) {
    const y = empty(x.shape);
    masked(y, x, attrs, 0);
    return y;
  },
  backward(dy, _saved, attrs, into) {
    const target = into.target(0);
    if (target !== null) masked(target.tensor, dy, attrs, target.acc);
  },
});

/** Zeroes elements with probability `p` and scales the others by 1 / (1 − p), while training. */
export function dropout(x: Tensor, p = 0.5, training = true): Tensor {
  tensorArgument("dropout", "input", x);
  rangeArgument("dropout", "p", p, 0, 1);
  if (!training || p === 0) return x;
  return withFloat("dropout", x, (input) =>
    p === 1 ? mul(input, 0) : apply(dropoutOp, [input], { p, random: nextStream() }),
  );
}
