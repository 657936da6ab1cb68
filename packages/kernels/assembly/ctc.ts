// Connectionist temporal classification (Graves et al., 2006): the probability of a label sequence, summed over all ways to
// spread it over T frames with blanks between. Forward and backward variables are logarithms in f64, over the 2 S + 1
// states "blank, label, blank, …, label, blank".
import { exp_f64, log_f64 } from "./scalar";
import { exp4 } from "./simd/math";
import { load_lanes, store_lanes, zero_dense } from "./simd/rows";
import { Count, F32Ptr, Flag, I32Ptr, Index, Stride, WorkPtr } from "./types";

const NOTHING: f64 = f64.NEGATIVE_INFINITY;

/** Class of a state: every second one is a label. */
function class_of(labels: I32Ptr, state: i32, blank: i32): i32 {
  return state & 1 ? load<i32>(labels + ((<usize>(state >> 1)) << 2)) : blank;
}

/** log(e^a + e^b + e^c). */
function log_add(a: f64, b: f64, c: f64): f64 {
  const top = max<f64>(a, max<f64>(b, c));
  if (top == NOTHING) return NOTHING;
  return top + log_f64(exp_f64(a - top) + exp_f64(b - top) + exp_f64(c - top));
}

/** Whether a path may go from one label to the next without the blank between. */
function may_skip(labels: I32Ptr, state: i32): bool {
  if (!(state & 1) || state < 3) return false;
  const at = labels + ((<usize>(state >> 1)) << 2);
  return load<i32>(at) != load<i32>(at - 4);
}

/**
 * The forward variables of frame t from those of the frame before (row, in place when out = row; t = 0 reads nothing). From
 * the last state down, as each looks at lower ones only.
 */
function forward_row(
  out: usize,
  row: usize,
  lp: F32Ptr,
  labels: I32Ptr,
  states: i32,
  blank: i32,
  t: i32,
): void {
  for (let s = states - 1; s >= 0; --s) {
    const own = <f64>load<f32>(lp + ((<usize>class_of(labels, s, blank)) << 2));
    const at = (<usize>s) << 3;
    let before = s < 2 ? 0.0 : NOTHING;
    if (t > 0) {
      const one = s > 0 ? load<f64>(row + at - 8) : NOTHING;
      const two = may_skip(labels, s) ? load<f64>(row + at - 16) : NOTHING;
      before = log_add(load<f64>(row + at), one, two);
    }
    store<f64>(out + at, own + before);
  }
}

/** log of the probability of the labels, from the forward variables of the last frame. */
function log_likelihood(row: usize, states: i32, frames: i32): f64 {
  if (frames == 0) return states == 1 ? 0.0 : NOTHING;
  const last = row + ((<usize>(states - 1)) << 3);
  return log_add(load<f64>(last), states > 1 ? load<f64>(last - 8) : NOTHING, NOTHING);
}

/** Bytes of scratch for ctc_f32 and ctc_backward_f32 of up to T frames and S labels. */
export function ctc_work_f32(T: Count, S: Count): i32 {
  return (T + 2) * (2 * S + 1) * 8;
}

/**
 * loss[n] = -log p(labels of n | log_probs of n). log_probs: N items n_step apart, frames t_step apart, classes dense; labels
 * of item n start at labels[starts[n]], label_lengths[n] of them; frames[n] of its frames count. Units: items.
 */
export function ctc_f32(
  loss: F32Ptr,
  log_probs: F32Ptr,
  labels: I32Ptr,
  starts: I32Ptr,
  label_lengths: I32Ptr,
  frames: I32Ptr,
  n_step: Stride,
  t_step: Stride,
  blank: i32,
  work: WorkPtr,
  begin: Index,
  end: Index,
): void {
  for (let n = begin; n < end; ++n) {
    const at = (<usize>n) << 2;
    const lp = log_probs + ((<usize>n * <usize>n_step) << 2);
    const own = labels + ((<usize>load<i32>(starts + at)) << 2);
    const states = 2 * load<i32>(label_lengths + at) + 1;
    const T = load<i32>(frames + at);
    for (let t = 0; t < T; ++t)
      forward_row(work, work, lp + ((<usize>t * <usize>t_step) << 2), own, states, blank, t);
    store<f32>(loss + at, <f32>-log_likelihood(work, states, T));
  }
}

/** out = weight e^x (+ out) over n classes. */
function exponentials(out: F32Ptr, x: F32Ptr, n: Count, weight: f32, acc: Flag): void {
  const w = f32x4.splat(weight);
  for (; n > 0; n -= 4) {
    let y = f32x4.mul(exp4(load_lanes(x, n)), w);
    if (acc) y = f32x4.add(y, load_lanes(out, n));
    store_lanes(out, y, n);
    x += 16;
    out += 16;
  }
}

/**
 * dlog_probs[n, t] = dloss[n] (e^log_probs - the probability that frame t shows each class) (+ dlog_probs if acc), which is
 * PyTorch's gradient: that of unnormalised log_probs after a log-softmax. 0 behind the frames of an item, and all of it where
 * the loss is infinite and zero_infinity. dlog_probs: T frames d_t_step apart, items d_n_step. Units: items.
 */
export function ctc_backward_f32(
  dlog_probs: F32Ptr,
  dloss: F32Ptr,
  log_probs: F32Ptr,
  labels: I32Ptr,
  starts: I32Ptr,
  label_lengths: I32Ptr,
  frames: I32Ptr,
  T: Count,
  C: Count,
  n_step: Stride,
  t_step: Stride,
  d_n_step: Stride,
  d_t_step: Stride,
  blank: i32,
  zero_infinity: Flag,
  acc: Flag,
  work: WorkPtr,
  begin: Index,
  end: Index,
): void {
  for (let n = begin; n < end; ++n) {
    const at = (<usize>n) << 2;
    const lp = log_probs + ((<usize>n * <usize>n_step) << 2);
    const out = dlog_probs + ((<usize>n * <usize>d_n_step) << 2);
    const own = labels + ((<usize>load<i32>(starts + at)) << 2);
    const states = 2 * load<i32>(label_lengths + at) + 1;
    const count = load<i32>(frames + at);
    const row = (<usize>states) << 3;
    for (let t = 0; t < count; ++t) {
      const to = work + <usize>t * row;
      forward_row(to, to - row, lp + ((<usize>t * <usize>t_step) << 2), own, states, blank, t);
    }
    const likelihood = log_likelihood(work + <usize>(count - 1) * row, states, count);
    const counts = !(zero_infinity && likelihood == NOTHING);
    for (let t = counts ? count : 0; t < T && !acc; ++t)
      zero_dense(out + ((<usize>t * <usize>d_t_step) << 2), C);
    if (!counts) continue;
    const weight = load<f32>(dloss + at);
    const beta = work + <usize>count * row;
    for (let t = count - 1; t >= 0; --t) {
      const x = lp + ((<usize>t * <usize>t_step) << 2);
      const y = out + ((<usize>t * <usize>d_t_step) << 2);
      exponentials(y, x, C, weight, acc);
      backward_row(beta, x, own, states, blank, t == count - 1);
      occupancy(y, work + <usize>t * row, beta, x, own, states, blank, likelihood, <f64>weight);
    }
  }
}

/** The backward variables of a frame, its own log-probability included, from those of the next, in place. */
function backward_row(row: usize, lp: F32Ptr, labels: I32Ptr, states: i32, blank: i32, last: bool): void {
  for (let s = 0; s < states; ++s) {
    const own = <f64>load<f32>(lp + ((<usize>class_of(labels, s, blank)) << 2));
    const at = row + ((<usize>s) << 3);
    let after = s + 2 < states ? NOTHING : 0.0;
    if (!last) {
      const one = s + 1 < states ? load<f64>(at, 8) : NOTHING;
      const two = s + 2 < states && may_skip(labels, s + 2) ? load<f64>(at, 16) : NOTHING;
      after = log_add(load<f64>(at), one, two);
    }
    store<f64>(at, own + after);
  }
}

/** y[class of s] -= weight p(state s in this frame | labels) for every state. */
function occupancy(
  y: F32Ptr,
  alpha: usize,
  beta: usize,
  lp: F32Ptr,
  labels: I32Ptr,
  states: i32,
  blank: i32,
  likelihood: f64,
  weight: f64,
): void {
  for (let s = 0; s < states; ++s) {
    const at = (<usize>class_of(labels, s, blank)) << 2;
    const both = load<f64>(alpha + ((<usize>s) << 3)) + load<f64>(beta + ((<usize>s) << 3));
    // alpha and beta both hold the frame's own log-probability.
    const p =
      both == NOTHING && likelihood != NOTHING ? 0.0 : exp_f64(both - <f64>load<f32>(lp + at) - likelihood);
    store<f32>(y + at, <f32>(<f64>load<f32>(y + at) - weight * p));
  }
}
