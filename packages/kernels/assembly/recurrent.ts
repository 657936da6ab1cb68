// One step of a recurrent layer: what remains beside the matrix products, forward and backward. Gates lie in rows of
// blocks of H: their pre-activations come in and their values stay there for the backward. Every kernel works on n rows
// of H columns, row by row, one row per sequence that is still running. Units: elements of these n*H.
// Literature: Elman 1990; Hochreiter & Schmidhuber 1997; Gers & Schmidhuber 2000 (peepholes); Cho et al. 2014 (GRU).

import { load_lanes, store_lanes } from "./simd/dense";
import { madd, nmadd } from "./simd/madd";
import { relu_backward4, relu4, sigmoid_backward4, sigmoid4, tanh_backward4, tanh4 } from "./simd/math";
import { at_element } from "./simd/recurrent";
import { add_dense, copy_dense } from "./simd/rows";
import { Count, F32Ptr, Flag, I32Ptr, Index, Stride } from "./types";

/**
 * y[i] = x[index[i]], or zeros where index[i] < 0; added to y[i] if acc. x and y dense rows of C. y overlaps neither
 * input. Units: rows of y.
 */
export function gather_rows_f32(
  y: F32Ptr,
  x: F32Ptr,
  index: I32Ptr,
  C: Count,
  acc: Flag,
  begin: Index,
  end: Index,
): void {
  for (let i = begin; i < end; ++i) {
    const row = load<i32>(index + ((<usize>i) << 2));
    const to = y + ((<usize>i * <usize>C) << 2);
    const from = x + ((<usize>row * <usize>C) << 2);
    if (row < 0) {
      if (!acc) memory.fill(to, 0, (<usize>C) << 2);
    } else if (acc) add_dense(to, from, C);
    else copy_dense(to, from, C);
  }
}

/**
 * y = tanh(y), or relu(y) if `relu`; what h held goes to `before` (0: nowhere), and h becomes y. h dense, rows of y and
 * before by their steps.
 */
export function rnn_cell_f32(
  y: F32Ptr,
  h: F32Ptr,
  before: F32Ptr,
  H: Count,
  y_step: Stride,
  before_step: Stride,
  relu: Flag,
  begin: Index,
  end: Index,
): void {
  for (let at = begin; at < end; ) {
    let count = min<i32>(H - (at % H), end - at);
    let py = at_element(y, y_step, at, H);
    let ph = h + ((<usize>at) << 2);
    let pb = before ? at_element(before, before_step, at, H) : 0;
    at += count;
    for (; count > 0; count -= 4) {
      const lanes = min<i32>(count, 4);
      const x = load_lanes(py, lanes);
      const value = relu ? relu4(x) : tanh4(x);
      if (pb) {
        store_lanes(pb, lanes, load_lanes(ph, lanes));
        pb += 16;
      }
      store_lanes(py, lanes, value);
      store_lanes(ph, lanes, value);
      py += 16;
      ph += 16;
    }
  }
}

/** da = (dh + dy) * f'(y) for the f of rnn_cell_f32. da and dh dense, rows of dy and y `step` apart. */
export function rnn_cell_backward_f32(
  da: F32Ptr,
  dh: F32Ptr,
  dy: F32Ptr,
  y: F32Ptr,
  H: Count,
  dy_step: Stride,
  y_step: Stride,
  relu: Flag,
  begin: Index,
  end: Index,
): void {
  for (let at = begin; at < end; ) {
    let count = min<i32>(H - (at % H), end - at);
    let py = at_element(y, y_step, at, H);
    let pdy = at_element(dy, dy_step, at, H);
    let flat = (<usize>at) << 2;
    at += count;
    for (; count > 0; count -= 4) {
      const lanes = min<i32>(count, 4);
      const d = f32x4.add(load_lanes(dh + flat, lanes), load_lanes(pdy, lanes));
      const value = load_lanes(py, lanes);
      store_lanes(da + flat, lanes, relu ? relu_backward4(d, value) : tanh_backward4(d, value));
      py += 16;
      pdy += 16;
      flat += 16;
    }
  }
}

/**
 * Rows of gates [i f g o]: i, f, o = sigmoid, g = tanh of what lies there, and c = f c + i g, h = o tanh(c). peephole
 * (3, H) or 0: p_i c and p_f c of the old c, p_o c of the new one are added before the sigmoid. The old c and h go to
 * `cells` and `hiddens` (0: nowhere), rows `step` apart as those of gates. c dense; rows of h h_step apart; y (0: none)
 * gets h, too.
 */
export function lstm_cell_f32(
  gates: F32Ptr,
  c: F32Ptr,
  h: F32Ptr,
  y: F32Ptr,
  cells: F32Ptr,
  hiddens: F32Ptr,
  peephole: F32Ptr,
  H: Count,
  step: Stride,
  h_step: Stride,
  y_step: Stride,
  begin: Index,
  end: Index,
): void {
  const block = (<usize>H) << 2;
  for (let at = begin; at < end; ) {
    let count = min<i32>(H - (at % H), end - at);
    const g = at_element(gates, step, at, H);
    const pc = c + ((<usize>at) << 2);
    const ph = at_element(h, h_step, at, H);
    const py = at_element(y, y_step, at, H);
    const cell = at_element(cells, step, at, H);
    const hidden = at_element(hiddens, step, at, H);
    const w = peephole + ((<usize>(at % H)) << 2);
    at += count;
    for (let p: usize = 0; count > 0; count -= 4, p += 16) {
      const lanes = min<i32>(count, 4);
      const before = load_lanes(pc + p, lanes);
      let i = load_lanes(g + p, lanes);
      let f = load_lanes(g + p + block, lanes);
      if (peephole) {
        i = madd(load_lanes(w + p, lanes), before, i);
        f = madd(load_lanes(w + p + block, lanes), before, f);
      }
      i = sigmoid4(i);
      f = sigmoid4(f);
      const n = tanh4(load_lanes(g + p + 2 * block, lanes));
      const after = madd(f, before, f32x4.mul(i, n));
      let o = load_lanes(g + p + 3 * block, lanes);
      if (peephole) o = madd(load_lanes(w + p + 2 * block, lanes), after, o);
      o = sigmoid4(o);
      if (cells) store_lanes(cell + p, lanes, before);
      if (hiddens) store_lanes(hidden + p, lanes, load_lanes(ph + p, lanes));
      store_lanes(g + p, lanes, i);
      store_lanes(g + p + block, lanes, f);
      store_lanes(g + p + 2 * block, lanes, n);
      store_lanes(g + p + 3 * block, lanes, o);
      store_lanes(pc + p, lanes, after);
      const value = f32x4.mul(o, tanh4(after));
      store_lanes(ph + p, lanes, value);
      if (y) store_lanes(py + p, lanes, value);
    }
  }
}

/**
 * Gradients of the pre-activations of lstm_cell_f32, rows [di df dg do] dense, from dh (+ dy unless 0) and dc, which
 * becomes that of the old c. gates and cells (the old c) as they were left, rows `step` apart; dc, dh dense.
 */
export function lstm_cell_backward_f32(
  da: F32Ptr,
  dc: F32Ptr,
  dh: F32Ptr,
  dy: F32Ptr,
  gates: F32Ptr,
  cells: F32Ptr,
  peephole: F32Ptr,
  H: Count,
  step: Stride,
  dy_step: Stride,
  begin: Index,
  end: Index,
): void {
  const block = (<usize>H) << 2;
  for (let at = begin; at < end; ) {
    let count = min<i32>(H - (at % H), end - at);
    const to = at_element(da, 4 * H, at, H);
    const g = at_element(gates, step, at, H);
    const cell = at_element(cells, step, at, H);
    const pdy = at_element(dy, dy_step, at, H);
    const flat = (<usize>at) << 2;
    const w = peephole + ((<usize>(at % H)) << 2);
    at += count;
    for (let p: usize = 0; count > 0; count -= 4, p += 16) {
      const lanes = min<i32>(count, 4);
      const i = load_lanes(g + p, lanes);
      const f = load_lanes(g + p + block, lanes);
      const n = load_lanes(g + p + 2 * block, lanes);
      const o = load_lanes(g + p + 3 * block, lanes);
      const before = load_lanes(cell + p, lanes);
      const t = tanh4(madd(f, before, f32x4.mul(i, n)));
      let d = load_lanes(dh + flat + p, lanes);
      if (dy) d = f32x4.add(d, load_lanes(pdy + p, lanes));
      const outer = sigmoid_backward4(f32x4.mul(d, t), o);
      let e = f32x4.add(load_lanes(dc + flat + p, lanes), tanh_backward4(f32x4.mul(d, o), t));
      if (peephole) e = madd(outer, load_lanes(w + p + 2 * block, lanes), e);
      const input = sigmoid_backward4(f32x4.mul(e, n), i);
      const forget = sigmoid_backward4(f32x4.mul(e, before), f);
      store_lanes(to + p, lanes, input);
      store_lanes(to + p + block, lanes, forget);
      store_lanes(to + p + 2 * block, lanes, tanh_backward4(f32x4.mul(e, i), n));
      store_lanes(to + p + 3 * block, lanes, outer);
      e = f32x4.mul(e, f);
      if (peephole) {
        e = madd(input, load_lanes(w + p, lanes), e);
        e = madd(forget, load_lanes(w + p + block, lanes), e);
      }
      store_lanes(dc + flat + p, lanes, e);
    }
  }
}

/**
 * Rows of gates [r z n rh], `step` apart: r and z become their sigmoids and rh = r h, which the candidate's matrix
 * product takes (the reset before it). h dense.
 */
export function gru_reset_f32(
  gates: F32Ptr,
  h: F32Ptr,
  H: Count,
  step: Stride,
  begin: Index,
  end: Index,
): void {
  const block = (<usize>H) << 2;
  for (let at = begin; at < end; ) {
    let count = min<i32>(H - (at % H), end - at);
    const g = at_element(gates, step, at, H);
    const ph = h + ((<usize>at) << 2);
    at += count;
    for (let p: usize = 0; count > 0; count -= 4, p += 16) {
      const lanes = min<i32>(count, 4);
      const r = sigmoid4(load_lanes(g + p, lanes));
      store_lanes(g + p, lanes, r);
      store_lanes(g + p + block, lanes, sigmoid4(load_lanes(g + p + block, lanes)));
      store_lanes(g + p + 3 * block, lanes, f32x4.mul(r, load_lanes(ph + p, lanes)));
    }
  }
}

/**
 * Rows of gates [r z n], `step` apart: n = tanh of what lies there, h = n + z (h - n). With `hidden` (rows of 3 H, the
 * product with h and its bias; the reset after it) r and z are the sigmoids of both sums, and n counts r times its part
 * of hidden, which is kept behind n if `before`. The old h goes to `before` (0: nowhere), rows `step` apart; h dense; y
 * gets it, too.
 */
export function gru_cell_f32(
  gates: F32Ptr,
  hidden: F32Ptr,
  h: F32Ptr,
  y: F32Ptr,
  before: F32Ptr,
  H: Count,
  step: Stride,
  y_step: Stride,
  begin: Index,
  end: Index,
): void {
  const block = (<usize>H) << 2;
  for (let at = begin; at < end; ) {
    let count = min<i32>(H - (at % H), end - at);
    const g = at_element(gates, step, at, H);
    const from = at_element(hidden, 3 * H, at, H);
    const ph = h + ((<usize>at) << 2);
    const py = at_element(y, y_step, at, H);
    const saved = at_element(before, step, at, H);
    at += count;
    for (let p: usize = 0; count > 0; count -= 4, p += 16) {
      const lanes = min<i32>(count, 4);
      let z = load_lanes(g + p + block, lanes);
      let n = load_lanes(g + p + 2 * block, lanes);
      if (hidden) {
        const r = sigmoid4(f32x4.add(load_lanes(g + p, lanes), load_lanes(from + p, lanes)));
        z = sigmoid4(f32x4.add(z, load_lanes(from + p + block, lanes)));
        const part = load_lanes(from + p + 2 * block, lanes);
        n = madd(r, part, n);
        store_lanes(g + p, lanes, r);
        store_lanes(g + p + block, lanes, z);
        if (before) store_lanes(g + p + 3 * block, lanes, part);
      }
      n = tanh4(n);
      store_lanes(g + p + 2 * block, lanes, n);
      const old = load_lanes(ph + p, lanes);
      if (before) store_lanes(saved + p, lanes, old);
      const value = madd(z, f32x4.sub(old, n), n);
      store_lanes(ph + p, lanes, value);
      store_lanes(py + p, lanes, value);
    }
  }
}

/**
 * Gradients of the pre-activations of gru_cell_f32, from dh + dy; dh becomes its direct part z (dh + dy). gates
 * [r z n part] and `before` as they were left, rows `step` apart. If `after`: rows of da [dr dz dn | dr dz dn*r], 6 H;
 * else [- dz dn], 3 H, and dr is gru_reset_backward_f32's.
 */
export function gru_cell_backward_f32(
  da: F32Ptr,
  dh: F32Ptr,
  dy: F32Ptr,
  gates: F32Ptr,
  before: F32Ptr,
  H: Count,
  step: Stride,
  dy_step: Stride,
  after: Flag,
  begin: Index,
  end: Index,
): void {
  const block = (<usize>H) << 2;
  for (let at = begin; at < end; ) {
    let count = min<i32>(H - (at % H), end - at);
    const to = at_element(da, after ? 6 * H : 3 * H, at, H);
    const g = at_element(gates, step, at, H);
    const saved = at_element(before, step, at, H);
    const pdy = at_element(dy, dy_step, at, H);
    const pdh = dh + ((<usize>at) << 2);
    at += count;
    for (let p: usize = 0; count > 0; count -= 4, p += 16) {
      const lanes = min<i32>(count, 4);
      const d = f32x4.add(load_lanes(pdh + p, lanes), load_lanes(pdy + p, lanes));
      const z = load_lanes(g + p + block, lanes);
      const n = load_lanes(g + p + 2 * block, lanes);
      const difference = f32x4.sub(load_lanes(saved + p, lanes), n);
      const update = sigmoid_backward4(f32x4.mul(d, difference), z);
      const candidate = tanh_backward4(nmadd(d, z, d), n);
      store_lanes(pdh + p, lanes, f32x4.mul(d, z));
      store_lanes(to + p + block, lanes, update);
      store_lanes(to + p + 2 * block, lanes, candidate);
      if (after) {
        const r = load_lanes(g + p, lanes);
        const reset = sigmoid_backward4(f32x4.mul(candidate, load_lanes(g + p + 3 * block, lanes)), r);
        store_lanes(to + p, lanes, reset);
        store_lanes(to + p + 3 * block, lanes, reset);
        store_lanes(to + p + 4 * block, lanes, update);
        store_lanes(to + p + 5 * block, lanes, f32x4.mul(candidate, r));
      }
    }
  }
}

/** da[0] = dr, and dh gets its part through rh = r h, from drh (n, H) dense; rows of da 3 H, the rest as above. */
export function gru_reset_backward_f32(
  da: F32Ptr,
  dh: F32Ptr,
  drh: F32Ptr,
  gates: F32Ptr,
  before: F32Ptr,
  H: Count,
  step: Stride,
  begin: Index,
  end: Index,
): void {
  for (let at = begin; at < end; ) {
    let count = min<i32>(H - (at % H), end - at);
    const to = at_element(da, 3 * H, at, H);
    const g = at_element(gates, step, at, H);
    const saved = at_element(before, step, at, H);
    const flat = (<usize>at) << 2;
    at += count;
    for (let p: usize = 0; count > 0; count -= 4, p += 16) {
      const lanes = min<i32>(count, 4);
      const d = load_lanes(drh + flat + p, lanes);
      const r = load_lanes(g + p, lanes);
      store_lanes(to + p, lanes, sigmoid_backward4(f32x4.mul(d, load_lanes(saved + p, lanes)), r));
      store_lanes(dh + flat + p, lanes, madd(d, r, load_lanes(dh + flat + p, lanes)));
    }
  }
}
