// Rotary position embedding: pairs of features (a, b) of position p turned by p · f_i, so that the product of a query and
// a key depends on their distance. RoFormer, arXiv 2104.09864. transformers: apply_rotary_pos_emb (halves: Llama,
// GPT-NeoX), and with `interleaved` the rotate_every_two of GPT-J.
// da = dy_a cos + dy_b sin, db = dy_b cos - dy_a sin: the turn the other way.

import { engine } from "../engine.ts";
import { apply, defineOp } from "../op.ts";
import { scope } from "../scope.ts";
import { broadcastStrides, checkShape, formatShape, numel } from "../shape.ts";
import { empty, f32, type Tensor } from "../tensor.ts";
import { angleTable, checkBase, checkPositions, MAX_POSITIONS } from "./angles.ts";
import { integerArgument, optionalTensor, optionsArgument, rankedTensor, refuse } from "./arguments.ts";
import { contiguous } from "./contiguous.ts";
import { amax } from "./extrema.ts";
import { hasDenseRows } from "./gemm.ts";
import { checkScaling, type RotaryScaling, rotaryFrequencies } from "./rotaryFrequencies.ts";
import { withFloat } from "./scalar.ts";
import { reshape } from "./views.ts";

export interface RotaryTableOptions {
  /** Width that is turned, even. */
  readonly dim: number;
  readonly base?: number;
  /** Position of the first of `length` rows; only without a tensor of positions. */
  readonly offset?: number;
  /** Stretches the frequencies over longer contexts. */
  readonly scaling?: RotaryScaling | null;
}

/**
 * Cosines and sines of positions, rows of `dim`: dim/2 cosines, then dim/2 sines. `positions` is i32 of any shape, or the
 * number of positions from `offset` on. One table serves q and k of all layers; each value is right to half an ULP.
 */
export function rotaryTable(positions: Tensor | number, options: RotaryTableOptions): Tensor {
  const { dim, base = 10000, offset = 0, scaling = null } = optionsArgument("rotaryTable", options);
  checkDim("rotaryTable", dim, Infinity);
  checkBase("rotaryTable", base);
  integerArgument("rotaryTable", "offset", offset, 0, MAX_POSITIONS);
  const stretch = checkScaling("rotaryTable", scaling);
  if (typeof positions === "number") {
    integerArgument("rotaryTable", "positions", positions, 0, MAX_POSITIONS - offset);
  } else checkPositions("rotaryTable", positions);
  const shape = [...(typeof positions === "number" ? [positions] : positions.shape), dim];
  checkShape("rotaryTable", shape);
  return scope(() => {
    const length = stretch?.type === "dynamic" ? lengthOf(positions, offset) : 0;
    const { values, factor } = rotaryFrequencies(dim, base, stretch, length);
    const half = dim / 2;
    const places = { sines: half, cosines: half, row: dim, sinAt: half, cosAt: 0, step: 1 };
    return angleTable(shape, values, positions, offset, factor, places);
  });
}

/** Positions of the longest sequence there is. */
function lengthOf(positions: Tensor | number, offset: number): number {
  if (typeof positions === "number") return offset + positions;
  return positions.numel === 0 ? 0 : amax(positions).item() + 1;
}

interface Attrs {
  readonly half: number;
  readonly interleaved: boolean;
}

/** y (+)= x turned by the table's angles, or back. */
function turn(y: Tensor, x: Tensor, table: Tensor, attrs: Attrs, reverse: 0 | 1, acc: 0 | 1): void {
  if (y.numel === 0) return;
  const lead = x.shape.slice(0, -1);
  const angles = broadcastStrides(table.shape.slice(0, -1), table.strides.slice(0, -1), lead);
  const running = engine();
  const rows = running.layout(lead, y.strides.slice(0, -1), x.strides.slice(0, -1), angles);
  const [D, n] = [x.size(-1), numel(lead)];
  const { half, interleaved } = attrs;
  running.run(
    "rotary_f32",
    n,
    0,
    f32(y),
    f32(x),
    f32(table),
    rows,
    D,
    half,
    interleaved ? 1 : 0,
    reverse,
    acc,
  );
}

/** x (…, D) and its table, broadcast to x's leading axes, of 2 · half columns. */
const rotaryOp = defineOp<readonly [Tensor, Tensor], Attrs>({
  name: "rotaryEmbedding",
  forward([x, table], attrs, call) {
    const y = empty(x.shape);
    call.save(table);
    turn(y, hasDenseRows(x) ? x : contiguous(x), table, attrs, 0, 0);
    return y;
  },
  backward(dy, [table], attrs, into) {
    const target = into.target(0, hasDenseRows);
    if (target !== null) turn(target.tensor, dy, table, attrs, 1, target.acc);
  },
  flops: 3,
});

export interface RotaryOptions extends Partial<RotaryTableOptions> {
  /** i32 (T), or with leading axes that x starts with: (B, T) beside x (B, H, T, D). */
  readonly positions?: Tensor | null;
  /** Pairs are neighbours (GPT-J) instead of the two halves of the turned features (GPT-NeoX, Llama). */
  readonly interleaved?: boolean;
  /** What rotaryTable made of the positions; takes the place of all options but `interleaved`. */
  readonly table?: Tensor | null;
}

/**
 * x (…, T, D) turned by the positions of its last but one axis: `positions`, or offset, offset + 1, …. The first `dim`
 * features are turned (all of them by default), the others stay.
 */
export function rotaryEmbedding(x: Tensor, options: RotaryOptions = {}): Tensor {
  rankedTensor("rotaryEmbedding", "x", x, 2, Infinity);
  const given = optionsArgument("rotaryEmbedding", options);
  const { table, positions, interleaved = false, dim = x.shape.at(-1), base, offset, scaling } = given;

  const ready = optionalTensor("rotaryEmbedding", "table", table);
  const places = optionalTensor("rotaryEmbedding", "positions", positions);
  const width = ready === null ? (dim as number) : (ready.shape.at(-1) ?? 0);
  checkDim("rotaryEmbedding", width, x.size(-1));
  checkLead(x, ready?.shape.slice(0, -1) ?? places?.shape ?? [x.size(-2)]);
  if (ready !== null && (ready.dtype !== "f32" || ready.requiresGrad)) {
    refuse("rotaryEmbedding", "table", "f32 and without a gradient (detach it)", ready, "dtype");
  }
  return withFloat("rotaryEmbedding", x, (input) =>
    scope(() => {
      const angles = ready ?? rotaryTable(places ?? x.size(-2), { dim: width, base, offset, scaling });
      const attrs = { half: width / 2, interleaved: Boolean(interleaved) };
      return apply(rotaryOp, [input, beside(x, contiguous(angles))], attrs);
    }),
  );
}

/** The table with axes of 1 between those it begins with and its positions, so that it broadcasts to x. */
function beside(x: Tensor, table: Tensor): Tensor {
  const between = new Array<number>(x.rank - table.rank).fill(1);
  return reshape(table, [...table.shape.slice(0, -2), ...between, ...table.shape.slice(-2)]);
}

/** Positions (…, T) belong to x (…, T, D): T agrees, and so do the leading axes or they are 1. */
function checkLead(x: Tensor, lead: readonly number[]): void {
  const first = lead.slice(0, -1);
  const fits =
    lead.length >= 1 &&
    lead.length < x.rank &&
    lead.at(-1) === x.size(-2) &&
    first.every((size, axis) => size === 1 || size === x.shape[axis]);
  if (fits) return;
  const wanted = `(${x.size(-2)}), or begin with the leading axes of ${formatShape(x.shape)}`;
  refuse("rotaryEmbedding", "positions", wanted, lead, "shape");
}

function checkDim(op: string, dim: number, limit: number): void {
  if (Number.isInteger(dim) && dim >= 0 && dim <= Math.min(limit, 2 ** 20) && dim % 2 === 0) return;
  refuse(op, "dim", "an even number of features, no more than x has", dim);
}
