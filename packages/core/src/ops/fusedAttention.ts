// dropout(softmax(softCap(scale q kᵀ) + mask)) v in one kernel, without the matrix of weights
// (kernels/assembly/attention.ts): memory is linear in the sequence length. With P the weights, M what dropout multiplies
// them by and D = sum(dy · y) of each query: dV = (M P)ᵀ dY, dS = P (M dY Vᵀ - D) times the slope of the cap,
// dQ = scale dS K, dK = scale dSᵀ Q. Its twin is composed, in scaledDotProductAttention.ts.

import type { AttentionPtr, U8Ptr } from "@saccade/kernels";
import type { Target } from "../autograd/gradient.ts";
import { isRecording } from "../autograd/tape.ts";
import { engine } from "../engine.ts";
import { apply, defineOp } from "../op.ts";
import { nextStream, type RandomStream, words } from "../random.ts";
import {
  broadcastStrides,
  collapse,
  denseStrides,
  type Geometry,
  numel,
  type Shape,
  sameShape,
} from "../shape.ts";
import { empty, f32, i32, type Tensor, u8 } from "../tensor.ts";
import { contiguous, fromHost } from "./contiguous.ts";
import { addInto } from "./inplace.ts";

interface Attrs {
  readonly scale: number;
  /** Query t sees keys 0 … past + t; −1: all. */
  readonly past: number;
  /** Scores are no further from 0 than this; 0: as far as they are. */
  readonly softCap: number;
  /** Probability with which a weight is dropped, and by which numbers. */
  readonly drop: number;
  readonly random: RandomStream | null;
}

type Operand = Pick<Geometry, "shape" | "strides">;
type Inputs = readonly [q: Tensor, k: Tensor, v: Tensor, mask: Tensor | null];

const [NO_MASK, HIDES, ADDS] = [0, 1, 2];

/** Floats as the words that kernels read as such. */
const floatBits = (...x: number[]): Int32Array => new Int32Array(Float32Array.from(x).buffer);

/** (…, T, D) as (…, 1, T, D): one head where there is no axis of heads. */
const withHeads = (shape: Shape): Shape => (shape.length === 2 ? [1, ...shape] : shape);
const itemsOf = (shape: Shape): Shape => withHeads(shape).slice(0, -3);

/** Strides of an operand by item, head, position and feature, or null when its items do not fold to one axis. */
function placeOf({ shape, strides }: Operand): Shape | null {
  const items = collapse(shape.slice(0, -3), [strides.slice(0, -3)]);
  if (items.sizes.length > 1) return null;
  return [items.strides[0][0] ?? 0, ...(shape.length === 2 ? [0] : []), ...strides.slice(-3)];
}

/** A mask (…, T, S) as it is seen from every head of every query. */
function maskOver(q: Tensor, k: Tensor, mask: Tensor): Operand {
  const shape = [...withHeads(q.shape).slice(0, -1), k.size(-2)];
  return { shape, strides: broadcastStrides(mask.shape, mask.strides, shape) };
}

const fits = (view: Geometry): boolean => placeOf(view) !== null;

/** Whether the kernel takes these: f32, one batch that needs no broadcasting, whole groups of heads. */
export function fusesAttention(q: Tensor, k: Tensor, v: Tensor): boolean {
  const [H, G] = [q, k].map((x) => withHeads(x.shape).at(-3) as number);
  const alike = [q, k, v].every(
    (x) => x.dtype === "f32" && x.rank === q.rank && sameShape(itemsOf(x.shape), itemsOf(q.shape)) && fits(x),
  );
  return alike && withHeads(v.shape).at(-3) === G && G > 0 && H % G === 0;
}

/** Whether it takes this mask with them: it has no gradient for masks. */
export function fusesMask(q: Tensor, k: Tensor, mask: Tensor | null): boolean {
  return mask === null || (placeOf(maskOver(q, k, mask)) !== null && !(isRecording() && mask.requiresGrad));
}

/** The words kernels read, valid until the scope around ends; gradients' places come after those of the operands. */
function describe(y: Tensor, [q, k, v, mask]: Inputs, attrs: Attrs, gradients: Operand[]): AttentionPtr {
  const { past, softCap, drop, random } = attrs;
  const [H, T, D] = withHeads(q.shape).slice(-3);
  const [G, S, N] = withHeads(v.shape).slice(-3);
  const seen = mask === null ? y : maskOver(q, k, mask);
  const masking = mask === null ? NO_MASK : mask.dtype === "bool" ? HIDES : ADDS;
  const places = [y, q, k, v, seen, ...gradients].flatMap((x) => placeOf(x) as Shape);
  const dropping = [...floatBits(softCap, drop), ...words(random ?? { seed: 0, stream: 0 })];
  const all = [numel(itemsOf(q.shape)), H, G, T, S, D, N, past, masking, ...dropping, ...places];
  return i32(fromHost(all, "i32")) as number as AttentionPtr;
}

function maskPointer(mask: Tensor | null): U8Ptr {
  if (mask === null) return 0;
  return mask.dtype === "bool" ? u8(mask) : (f32(mask) as number as U8Ptr);
}

/** (…, H, T, N), which with a batch lies in memory as (…, T, H, N): merging heads copies nothing. */
function emptyOutput(shape: Shape): Tensor {
  if (shape.length < 4) return empty(shape);
  const [H, T, N] = shape.slice(-3);
  const [position, head, feature] = denseStrides([T, H, N]);
  const items = denseStrides([...shape.slice(0, -3), H * T * N]).slice(0, -1);
  return empty(shape, "f32", [...items, head, position, feature]);
}

/** A target of its own where an earlier one may lie in the same elements: the kernel writes all three at a time. */
function apart(target: Target | null, earlier: readonly (Target | null)[]): Target | null {
  if (!target?.acc || !earlier.some((other) => other?.tensor.storage === target.tensor.storage))
    return target;
  return { tensor: empty(target.tensor.shape), acc: 0 };
}

const attentionOp = defineOp<Inputs, Attrs>({
  name: "attention",
  forward(inputs, attrs, call) {
    const [q, k, v, mask] = inputs;
    const y = emptyOutput([...q.shape.slice(0, -1), v.size(-1)]);
    const kept = call.recording ? empty([2, numel(q.shape.slice(0, -1))]) : null;
    call.save(q, k, v, mask, y, kept);
    if (y.numel === 0) return y;
    const { kernels } = engine();
    const shape = describe(y, inputs, attrs, []);
    const work = kernels.attention_work_f32(shape) >>> 0;
    const pointers = [f32(y), f32(kept), f32(q), f32(k), f32(v), maskPointer(mask), shape] as const;
    engine().run("attention_f32", kernels.attention_units_f32(shape), work, ...pointers, attrs.scale);
    return y;
  },
  backward(dy, [q, k, v, mask, y, kept], attrs, into) {
    if (y.numel === 0) {
      for (const i of [0, 1, 2]) into.zero(i);
      return;
    }
    const gradient = fits(dy) ? dy : contiguous(dy);
    const wanted = [0, 1, 2].map((i) => into.target(i, fits));
    const targets = wanted.map((target, i) => apart(target, wanted.slice(0, i)));
    const { kernels } = engine();
    const places = targets.map((target, i) => target?.tensor ?? [q, k, v][i]);
    const shape = describe(y, [q, k, v, mask], attrs, [gradient, ...places]);
    const [dq, dk, dv] = targets.map((target) => f32(target?.tensor ?? null));
    const acc = targets.reduce((bits, target, i) => bits | ((target?.acc ?? 0) << i), 0);
    const saved = [f32(y), f32(kept), f32(q), f32(k), f32(v), maskPointer(mask), shape] as const;
    const work = kernels.attention_backward_work_f32(shape) >>> 0;
    const units = kernels.attention_backward_units_f32(shape);
    engine().run(
      "attention_backward_f32",
      units,
      work,
      dq,
      dk,
      dv,
      f32(gradient),
      ...saved,
      attrs.scale,
      acc,
    );
    for (const [i, target] of targets.entries())
      if (target !== null && target !== wanted[i]) addInto((wanted[i] as Target).tensor, target.tensor);
  },
  flops: ([q, k], { past }, y) => {
    const [T, S] = [q.size(-2), k.size(-2)];
    const seen = past < 0 ? S : Math.min(S, past + (T + 1) / 2);
    return 2 * numel(q.shape.slice(0, -1)) * seen * (q.size(-1) + y.size(-1));
  },
});

/** The fused op, of what fusesAttention and fusesMask let pass. */
export function fusedAttention(inputs: Inputs, attrs: Omit<Attrs, "random">): Tensor {
  return apply(attentionOp, inputs, { ...attrs, random: attrs.drop > 0 ? nextStream() : null });
}
