// Sequences of different length as rows without padding, step by step: of each step the sequences that still run, the
// longest first. So a step of a recurrent layer is one block of rows, and padding is neither read nor computed.
// torch.nn.utils.rnn.pack_padded_sequence, pad_packed_sequence

import { contiguous as dense } from "../autograd/backward.ts";
import { engine } from "../engine.ts";
import { apply, defineOp } from "../op.ts";
import type { Shape } from "../shape.ts";
import { empty, f32, i32, Tensor } from "../tensor.ts";
import { integerArgument, refuse, typedTensor } from "./arguments.ts";
import { contiguous, fromHost } from "./contiguous.ts";
import { reshape, transpose, view } from "./views.ts";

/** y[i] = x[index[i]], or zeros where that is negative; `inverse` says where each row of x went. */
const gatherRowsOp = defineOp<readonly [Tensor, Tensor, Tensor]>({
  name: "gatherRows",
  forward([x, index, inverse], _attrs, call) {
    const C = x.shape[1];
    const y = empty([index.numel, C]);
    call.save(inverse);
    if (y.numel > 0) engine().run("gather_rows_f32", index.numel, 0, f32(y), f32(x), i32(index), C, 0);
    return y;
  },
  backward(dy, [inverse], _attrs, into) {
    const target = into.target(0, dense);
    if (target === null || target.tensor.numel === 0) return;
    const { tensor: dx, acc } = target;
    const [R, C] = dx.shape;
    engine().run("gather_rows_f32", R, 0, f32(dx), f32(dy), i32(inverse), C, acc);
  },
});

/** A way of placing rows, and the way back. */
interface Placing {
  readonly index: Tensor;
  readonly inverse: Tensor;
}

function placing(index: Int32Array, rows: number): Placing {
  const inverse = new Int32Array(rows).fill(-1);
  for (let i = 0; i < index.length; i++) inverse[index[i]] = i;
  return { index: fromHost(index, "i32"), inverse: fromHost(inverse, "i32") };
}

const place = (x: Tensor, { index, inverse }: Placing): Tensor =>
  apply(gatherRowsOp, [x, index, inverse], undefined);
const back = ({ index, inverse }: Placing): Placing => ({ index: inverse, inverse: index });

/** How a batch of sequences lies in rows; x is (B, T, C) if `batchFirst`, else (T, B, C). */
export class Sequences {
  /** How many sequences run at each step; never more than before. */
  readonly sizes: Shape;
  readonly #batchFirst: boolean;
  readonly #B: number;
  readonly #T: number;
  /** Where the rows of a padded batch go; null when none is padding. */
  readonly #rows: Placing | null = null;
  /** The sequences by falling length; null when they are that already. */
  readonly #order: Int32Array | null = null;

  constructor(B: number, T: number, batchFirst: boolean, lengths: readonly number[] | null) {
    this.#batchFirst = batchFirst;
    this.#B = B;
    this.#T = T;
    if (lengths === null || lengths.every((length) => length === T)) {
      this.sizes = B === 0 ? [0] : new Array<number>(T).fill(B);
      return;
    }
    const order = Int32Array.from(lengths, (_, b) => b).sort((a, b) => lengths[b] - lengths[a] || a - b);
    if (order.some((b, i) => b !== i)) this.#order = order;
    const index: number[] = [];
    const sizes: number[] = [];
    for (let t = 0, running = B; t < lengths[order[0]]; t++) {
      while (lengths[order[running - 1]] <= t) running--;
      sizes.push(running);
      for (let i = 0; i < running; i++) index.push(batchFirst ? order[i] * T + t : t * B + order[i]);
    }
    this.sizes = sizes;
    this.#rows = placing(Int32Array.from(index), B * T);
  }

  /** The rows of x: (Σ sizes, C), dense. */
  pack(x: Tensor): Tensor {
    const C = x.size(-1);
    if (this.#rows === null) {
      const steps = contiguous(this.#batchFirst ? transpose(x, 0, 1) : x);
      return view(steps, [this.#B * this.#T, C]);
    }
    return place(reshape(contiguous(x), [this.#B * this.#T, C]), this.#rows);
  }

  /** The batch that rows came from, zeros for padding. */
  unpack(rows: Tensor): Tensor {
    const [B, T, C] = [this.#B, this.#T, rows.shape[1]];
    if (this.#rows === null) {
      const steps = reshape(rows, [T, B, C]);
      return this.#batchFirst ? transpose(steps, 0, 1) : steps;
    }
    return reshape(place(contiguous(rows), back(this.#rows)), this.#batchFirst ? [B, T, C] : [T, B, C]);
  }

  /** States (S, B, C) with the batch in the order of the rows, or `restored` to that of the caller. */
  arrange(states: Tensor, restored = false): Tensor {
    if (this.#order === null) return states;
    const [S, B, C] = states.shape;
    const order = this.#order;
    const there = placing(
      Int32Array.from({ length: S * B }, (_, i) => i - (i % B) + order[i % B]),
      S * B,
    );
    const rows = reshape(contiguous(states), [S * B, C]);
    return reshape(place(rows, restored ? back(there) : there), [S, B, C]);
  }
}

/** The lengths of B sequences of at most T steps, from an array or an i32 tensor; null when none are given. */
export function lengthsArgument(
  op: string,
  lengths: unknown,
  B: number,
  T: number,
): readonly number[] | null {
  if (lengths === undefined || lengths === null) return null;
  if (lengths instanceof Tensor) typedTensor(op, "lengths", lengths, "i32");
  const list: unknown =
    lengths instanceof Tensor && lengths.rank === 1 ? [...lengths.toTypedArray()] : lengths;
  if (!Array.isArray(list)) refuse(op, "lengths", "an array or an i32 Tensor (B)", lengths);
  if (list.length !== B) refuse(op, "lengths", `${B} of them, one per sequence`, list, "shape");
  for (const [i, length] of list.entries()) integerArgument(op, `length ${i}`, length, 1, T);
  return list;
}
