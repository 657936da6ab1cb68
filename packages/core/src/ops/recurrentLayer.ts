// One layer of a recurrent network over all its steps and directions, as one op: one matrix product for the inputs of
// every step, then per step a small one for the state and a kernel for the cell. Backward goes through the steps the
// other way, keeps the gradients of the gates, and forms those of the weights and of x by one product each.
import type { F32Ptr } from "@saccade/kernels";
import { contiguous as dense, type GradientSink } from "../autograd/backward.ts";
import { defineOp, type FusedOp } from "../op.ts";
import type { Shape } from "../shape.ts";
import { f32, type Tensor } from "../tensor.ts";
import { add } from "./binary.ts";
import { copyElements, copyOf } from "./contiguous.ts";
import { fillElements } from "./fill.ts";
import { foldRows, gemm, type Matrix, packWeight, transposedMatrix, weightMatrix } from "./gemm.ts";
import { sumRows } from "./linear.ts";
import { joinedOutputs, separate } from "./outputs.ts";
import { select } from "./views.ts";

export interface LayerAttrs {
  /** Sequences that run at each step, never more than before: rows of x step by step. */
  readonly sizes: Shape;
  readonly directions: 1 | 2;
  /** What else a cell may be told: relu instead of tanh, or the reset of a GRU before the matrix product. */
  readonly variant: boolean;
}

/** Weights of one direction: dense, or null where there is none. */
export interface Weights {
  /** (gates · H, inputs) */
  readonly ih: Tensor;
  /** (gates · H, P) */
  readonly hh: Tensor;
  readonly biasIh: Tensor | null;
  readonly biasHh: Tensor | null;
  /** (P, H): projects the hidden state of an LSTM */
  readonly hr: Tensor | null;
  /** (3, H) flat: from the cell state to the gates i, f, o */
  readonly peephole: Tensor | null;
}

/** The order of `Weights` among an op's inputs. */
export const SLOTS = 6;
const FIRST = 3;

function weightsOf(slots: readonly (Tensor | null)[]): Weights {
  const [ih, hh, biasIh, biasHh, hr, peephole] = slots;
  return { ih: ih as Tensor, hh: hh as Tensor, biasIh, biasHh, hr, peephole };
}

/** Rows of a buffer: row r at ptr + 4 · r · step bytes. */
export interface Rows {
  readonly ptr: F32Ptr;
  readonly step: number;
}

export const rowsOf = (x: Tensor): Rows => ({ ptr: f32(x), step: x.shape[1] });

/** The address of an element. */
export const at = ({ ptr, step }: Rows, row: number, column = 0): F32Ptr =>
  (ptr + 4 * (row * step + column)) as F32Ptr;

/** `cols` columns of `rows` rows as a matrix. */
export function part(block: Rows, row: number, rows: number, cols: number, column = 0): Matrix {
  return { ptr: at(block, row, column), rows, cols, rs: block.step, cs: 1 };
}

/** One direction of a layer while it runs. */
export interface Pass {
  readonly recording: boolean;
  readonly variant: boolean;
  /** Rows of x, all steps. */
  readonly N: number;
  readonly H: number;
  /** Size of the hidden state: H, or that of the projection. */
  readonly P: number;
  readonly steps: number;
  readonly x: Matrix;
  readonly weights: Weights;
  /** (N, P) in rows of all directions. */
  readonly output: Rows;
  /**
   * The state, (B, P) and (B, H): first the initial one, at the end the last of each sequence. In a backward its
   * gradients, from those of the last state to those of the initial one.
   */
  readonly h: Tensor;
  readonly c: Tensor | null;
}

export interface BackwardPass extends Pass {
  /** What forward kept. */
  readonly kept: Tensor;
  readonly dOutput: Rows;
}

/** Runs `rows` sequences for one step, whose rows begin at `row`. */
export type Step = (row: number, rows: number) => void;

/** The gradient of one weight: left ᵀ right, in its rows from `begin` on. */
export interface Product {
  readonly begin: number;
  readonly left: Matrix;
  readonly right: Matrix;
}

export interface BackwardSteps {
  readonly step: Step;
  /** After the last step: gradients of the gates as x and its bias see them, (N, gates · H) … */
  readonly inputGates: Matrix;
  /** … and as the bias of the hidden product sees them. */
  readonly hiddenGates: Matrix;
  readonly hidden: readonly Product[];
  readonly projection?: Product | null;
  readonly peephole?: (() => Tensor) | null;
}

export interface Cell {
  readonly name: string;
  /** Blocks of H rows in the weights. */
  readonly gates: number;
  readonly hasCellState: boolean;
  /** Projects the inputs of all steps and says how a step goes; `kept` is what backward reads. */
  forward(pass: Pass): { readonly step: Step; readonly kept: Tensor };
  backward(pass: BackwardPass): BackwardSteps;
}

// -- what cells share ------------------------------------------------------------------------------------------------

/** The first columns of `gates` = x W_ihᵀ + bias, for all steps. */
export function projectInputs({ x, weights, N }: Pass, gates: Rows, bias: Tensor | null): void {
  const B = weightMatrix(weights.ih, true);
  gemm(part(gates, 0, N, B.cols), x, B, { bias });
}

/** Both biases where they are only ever added. */
export function sumOfBiases({ weights: { biasIh, biasHh } }: Pass): Tensor | null {
  return biasIh === null || biasHh === null ? (biasIh ?? biasHh) : add(biasIh, biasHh);
}

/** A weight as the matrix of one product a step, packed once if there are several. */
export function repeatedMatrix(weight: Tensor, transposed: boolean, { steps }: Pass): Matrix {
  const plain = weightMatrix(weight, transposed);
  if (steps === 1) return plain;
  const { packed, panel } = packWeight(weight, transposed);
  return { ...plain, ptr: f32(packed), packed: panel, turn: { backwards: false } };
}

// -- the op ----------------------------------------------------------------------------------------------------------

type LayerInputs = readonly (Tensor | null)[];

export interface Layer {
  readonly cell: Cell;
  readonly op: FusedOp<LayerInputs, LayerAttrs>;
}

/** Shapes of output, h_n and c_n. */
export function resultShapes(
  cell: Cell,
  { sizes, directions: D }: LayerAttrs,
  N: number,
  hh: Tensor,
): Shape[] {
  const [B, H, P] = [sizes[0], hh.shape[0] / cell.gates, hh.shape[1]];
  return [[N, D * P], [D, B, P], ...(cell.hasCellState ? [[D, B, H]] : [])];
}

/** Calls `step` for the steps in the order of a direction, or against it. */
function walk(sizes: Shape, backwards: boolean, step: Step): void {
  let begin = 0;
  const begins = sizes.map((size) => {
    begin += size;
    return begin - size;
  });
  for (let i = 0; i < sizes.length; i++) {
    const t = backwards ? sizes.length - 1 - i : i;
    step(begins[t], sizes[t]);
  }
}

interface Results {
  readonly output: Tensor;
  readonly h: Tensor;
  readonly c: Tensor | null;
}

function passOf(cell: Cell, x: Tensor, d: number, weights: Weights, results: Results, attrs: LayerAttrs) {
  const [rows, P] = [weights.hh.shape[0], weights.hh.shape[1]];
  const { output, h, c } = results;
  return {
    variant: attrs.variant,
    N: x.shape[0],
    H: rows / cell.gates,
    P,
    steps: attrs.sizes.length,
    x: foldRows(x) as Matrix,
    weights,
    output: { ptr: at(rowsOf(output), 0, d * P), step: output.shape[1] },
    h: select(h, 0, d),
    c: c === null ? null : select(c, 0, d),
  };
}

/** The layer as an op on [x (N, I), h0 (D, B, P), c0 (D, B, H), …weights]; states may be null for zeros. */
export function defineLayer(cell: Cell): Layer {
  const op = defineOp<LayerInputs, LayerAttrs>({
    name: cell.name,
    forward([x, h0, c0, ...slots], attrs, call) {
      const input = x as Tensor;
      const { directions, sizes } = attrs;
      const shapes = resultShapes(cell, attrs, input.shape[0], slots[1] as Tensor);
      const { flat, parts } = joinedOutputs(...shapes);
      const [output, h, c = null] = parts;
      initialise(h, h0);
      if (c !== null) initialise(c, c0);
      const kept = Array.from({ length: flat.numel === 0 ? 0 : directions }, (_, d) => {
        const weights = weightsOf(slots.slice(d * SLOTS, (d + 1) * SLOTS));
        const pass = passOf(cell, input, d, weights, { output, h, c }, attrs);
        const run = cell.forward({ ...pass, recording: call.recording });
        walk(sizes, d === 1, run.step);
        return run.kept;
      });
      call.save(input, output, ...slots, ...kept);
      return flat;
    },
    backward(dy, [x, output, ...others], attrs, into) {
      const { sizes, directions: D } = attrs;
      const count = D * SLOTS;
      if (dy.numel === 0) {
        for (let i = 0; i < FIRST + count; i++) into.zero(i);
        return;
      }
      const slots: (Tensor | null)[] = others.slice(0, count);
      const shapes = resultShapes(cell, attrs, x.shape[0], slots[1] as Tensor);
      const [dOutput, dLast, dLastCell = null] = separate(dy, ...shapes);
      const [dh, dc] = [copyOf(dLast), dLastCell && copyOf(dLastCell)];
      const dx = new InputGradient(into);
      for (let d = 0; d < D; d++) {
        const weights = weightsOf(slots.slice(d * SLOTS, (d + 1) * SLOTS));
        const pass = passOf(cell, x, d, weights, { output, h: dh, c: dc }, attrs);
        const dRows = { ptr: at(rowsOf(dOutput), 0, d * pass.P), step: dOutput.shape[1] };
        const kept: Tensor = others[count + d];
        const steps = cell.backward({ ...pass, recording: true, kept, dOutput: dRows });
        walk(sizes, d === 0, steps.step);
        dx.add(steps.inputGates, weights.ih);
        giveWeights(into, FIRST + d * SLOTS, steps, pass.x);
      }
      into.give(1, dh);
      if (dc !== null) into.give(2, dc);
    },
    flops([x, , , ih, hh], { directions }) {
      const columns = (ih as Tensor).numel + (hh as Tensor).numel;
      return 2 * directions * (x as Tensor).shape[0] * columns;
    },
  });
  return { cell, op };
}

function initialise(state: Tensor, from: Tensor | null): void {
  if (from === null) fillElements(state, 0);
  else copyElements(state, from);
}

/** dx, which both directions add to. */
class InputGradient {
  readonly #into: GradientSink;
  #written: Tensor | null = null;

  constructor(into: GradientSink) {
    this.#into = into;
  }

  add(gates: Matrix, ih: Tensor): void {
    const target =
      this.#written === null ? this.#into.target(0, dense) : ({ tensor: this.#written, acc: 1 } as const);
    if (target === null) return;
    this.#written = target.tensor;
    gemm(foldRows(target.tensor) as Matrix, gates, weightMatrix(ih, false), { acc: target.acc });
  }
}

function giveWeights(into: GradientSink, first: number, steps: BackwardSteps, x: Matrix): void {
  giveProducts(into, first, [{ begin: 0, left: steps.inputGates, right: x }]);
  giveProducts(into, first + 1, steps.hidden);
  for (const [i, gates] of [steps.inputGates, steps.hiddenGates].entries()) {
    const bias = into.target(first + 2 + i, dense);
    if (bias !== null) sumRows(bias.tensor, gates, bias.acc);
  }
  if (steps.projection) giveProducts(into, first + 4, [steps.projection]);
  if (steps.peephole && into.wants(first + 5)) into.give(first + 5, steps.peephole());
}

function giveProducts(into: GradientSink, i: number, products: readonly Product[]): void {
  const target = into.target(i, dense);
  if (target === null) return;
  const rows = rowsOf(target.tensor);
  for (const { begin, left, right } of products) {
    gemm(part(rows, begin, left.cols, right.cols), transposedMatrix(left), right, { acc: target.acc });
  }
}
