// Convolution as matrix products per group (Chellapilla et al. 2006), in blocks of positions whose patches are
// written straight into the panels that the product reads (matmul.ts): the scratch is bounded, and a window of
// one element or without overlaps costs one packing as any product does. With K = channels * taps of the
// window and P positions: y = W col(x), dx = col^T(W^T dy), dW = dy col(x)^T. A transposed convolution is dx
// with the roles exchanged. Blocks depend on the shapes alone, and so do the bits.

import { block_bytes, block_product } from "./simd/block";
import { NR, pack_panel, pack_panels } from "./simd/pack";
import { patch_bytes, patch_panels } from "./simd/patch_panels";
import { ceil_div, ROWS } from "./simd/units";
import {
  along_row,
  at,
  CHANNELS,
  fill_plane,
  GROUPS,
  is_pointwise,
  OUT_CHANNELS,
  plane_of,
  positions_of,
  taps_of,
  word,
} from "./simd/window";
import { Count, F32Ptr, Index, WindowPtr, WorkPtr } from "./types";

/** Elements of a patch matrix in scratch, unless that were too few columns to feed the product. */
const PATCHES: i32 = 1 << 17;
const MOST_PATCHES: i32 = 1 << 22;
/** Positions in one block: more would not fit the k-steps of a product in one go (simd/block.ts: DEPTH). */
const MOST: i32 = 768;
const LEAST: i32 = 64;
/** Columns of a weight gradient in one unit: at least these, and at most 16 units. */
const STRIP: i32 = 64;

/** Positions in one block of P, a multiple of 8, for patches of K rows. */
function block_positions(K: Count, P: Count): i32 {
  const least = max(NR, min(LEAST, MOST_PATCHES / K));
  const most = max(least, min(MOST, PATCHES / K));
  return (ceil_div(P, ceil_div(P, most)) + 7) & ~7;
}

function rows_of_patches(window: WindowPtr): Count {
  return word(window, CHANNELS) * taps_of(window);
}

/** C (M, N) = A B, added if acc, in blocks of rows; B in panels. */
function product(
  C: F32Ptr,
  A: F32Ptr,
  B: F32Ptr,
  M: Count,
  N: Count,
  K: Count,
  ldc: i32,
  rs: i32,
  cs: i32,
  acc: i32,
  work: WorkPtr,
): void {
  const rows = ceil_div(M, ceil_div(M, ROWS));
  for (let m = 0; m < M; m += rows) {
    const c = at(C, m * ldc);
    block_product(c, at(A, m * rs), B, 0, min(rows, M - m), N, K, ldc, rs, cs, 1, 0, acc, work);
  }
}

function product_bytes(M: Count, N: Count, K: Count): i32 {
  return block_bytes(min(ROWS, M), N, K);
}

// y = W col(x) ------------------------------------------------------------------------------------------------

/** Units of conv_f32: blocks of positions of each group of each image. */
export function conv_units_f32(window: WindowPtr, N: Count): i32 {
  const P = positions_of(window);
  return N * word(window, GROUPS) * ceil_div(P, block_positions(rows_of_patches(window), P));
}

/** Bytes of `work` of conv_f32. Unsigned. */
export function conv_work_f32(window: WindowPtr): i32 {
  const K = rows_of_patches(window);
  const block = block_positions(K, positions_of(window));
  const patches = is_pointwise(window) ? 0 : patch_bytes(window, block);
  return K * block * 4 + max(patches, product_bytes(word(window, OUT_CHANNELS), block, K));
}

/**
 * y (N, groups * O, positions) = weight (groups * O, K) times the patches of x (N, groups * C, ...), plus bias
 * (groups * O) or 0. Units: conv_units_f32(window, N).
 */
export function conv_f32(
  y: F32Ptr,
  x: F32Ptr,
  weight: F32Ptr,
  bias: F32Ptr,
  window: WindowPtr,
  work: WorkPtr,
  begin: Index,
  end: Index,
): void {
  const groups = word(window, GROUPS);
  const O = word(window, OUT_CHANNELS);
  const P = positions_of(window);
  const K = rows_of_patches(window);
  const image = word(window, CHANNELS) * plane_of(window);
  const block = block_positions(K, P);
  const blocks = ceil_div(P, block);
  const pointwise = is_pointwise(window);
  const rest = at(work, K * block);
  for (let unit = begin; unit < end; ++unit) {
    const item = unit / blocks;
    const from = (unit % blocks) * block;
    const count = min(block, P - from);
    const first = (item % groups) * O;
    const source = at(x, item * image);
    if (pointwise) pack_panels(work, at(source, from), K, count, (<usize>P) << 2, 4, 0, ceil_div(count, NR));
    else patch_panels(work, source, window, from, count, rest);
    const out = at(y, item * O * P + from);
    if (bias) {
      for (let o = 0; o < O; ++o) fill_plane(at(out, o * P), load<f32>(at(bias, first + o)), count);
    }
    product(out, at(weight, first * K), work, O, count, K, P, K, 1, i32(bias != 0), rest);
  }
}

// dx = col^T(W^T dy) ------------------------------------------------------------------------------------------

/** Channels of the image in one unit of conv_input_f32: two row blocks of the product. */
function block_channels(window: WindowPtr): i32 {
  return max(1, min(word(window, CHANNELS), (2 * ROWS) / taps_of(window)));
}

function input_block(window: WindowPtr): i32 {
  const rows = block_channels(window) * taps_of(window);
  return block_positions(max(rows, word(window, OUT_CHANNELS)), positions_of(window));
}

/** Units of conv_input_f32: blocks of channels of each group of each image. */
export function conv_input_units_f32(window: WindowPtr, N: Count): i32 {
  return N * word(window, GROUPS) * ceil_div(word(window, CHANNELS), block_channels(window));
}

/** Bytes of `work` of conv_input_f32. Unsigned. */
export function conv_input_work_f32(window: WindowPtr): i32 {
  const O = word(window, OUT_CHANNELS);
  const rows = block_channels(window) * taps_of(window);
  const block = input_block(window);
  return (O + rows) * block * 4 + product_bytes(rows, block, O);
}

/**
 * dx (N, groups * C, ...) = bias (groups * C) or 0, plus the patches weight^T dy, each where it came from; dy
 * (N, groups * O, positions). Patches of one channel are added block by block, tap by tap.
 * Units: conv_input_units_f32(window, N).
 */
export function conv_input_f32(
  dx: F32Ptr,
  dy: F32Ptr,
  weight: F32Ptr,
  bias: F32Ptr,
  window: WindowPtr,
  work: WorkPtr,
  begin: Index,
  end: Index,
): void {
  const groups = word(window, GROUPS);
  const C = word(window, CHANNELS);
  const O = word(window, OUT_CHANNELS);
  const P = positions_of(window);
  const K = rows_of_patches(window);
  const plane = plane_of(window);
  const taps = taps_of(window);
  const channels = block_channels(window);
  const parts = ceil_div(C, channels);
  const block = input_block(window);
  const patches = at(work, O * block);
  const strips = at(patches, channels * taps * block);
  for (let unit = begin; unit < end; ++unit) {
    const item = unit / parts;
    const c = (unit % parts) * channels;
    const first = (item % groups) * C + c;
    const planes = at(dx, (item * C + c) * plane);
    const some = min(channels, C - c);
    const a = at(weight, (item % groups) * O * K + c * taps);
    for (let i = 0; i < some; ++i) {
      fill_plane(at(planes, i * plane), bias ? load<f32>(at(bias, first + i)) : 0, plane);
    }
    for (let from = 0; from < P; from += block) {
      const count = min(block, P - from);
      const source = at(dy, item * O * P + from);
      pack_panels(work, source, O, count, (<usize>P) << 2, 4, 0, ceil_div(count, NR));
      product(patches, a, work, some * taps, count, O, block, 1, K, 0, strips);
      for (let k = 0; k < some * taps; ++k) {
        along_row(at(patches, k * block), planes, window, k, from, from + count, 1);
      }
    }
  }
}

// dW = dy col(x)^T --------------------------------------------------------------------------------------------

/** Columns of dW in one unit. */
function strip_columns(K: Count): i32 {
  return max(STRIP, (ceil_div(K, 16) + 7) & ~7);
}

/** Units of conv_weight_f32: strips of columns of each group. */
export function conv_weight_units_f32(window: WindowPtr): i32 {
  const K = rows_of_patches(window);
  return word(window, GROUPS) * ceil_div(K, strip_columns(K));
}

/** Bytes of `work` of conv_weight_f32. Unsigned. */
export function conv_weight_work_f32(window: WindowPtr): i32 {
  const K = rows_of_patches(window);
  const block = block_positions(K, positions_of(window));
  return (2 * K + NR) * block * 4 + product_bytes(word(window, OUT_CHANNELS), K, block);
}

/**
 * dW (groups * O, K) = dy (N, groups * O, positions) times the transposed patches of x (N, groups * C, ...),
 * summed over images and blocks of positions in order; N > 0. Units: conv_weight_units_f32(window).
 */
export function conv_weight_f32(
  dW: F32Ptr,
  x: F32Ptr,
  dy: F32Ptr,
  window: WindowPtr,
  N: Count,
  work: WorkPtr,
  begin: Index,
  end: Index,
): void {
  const groups = word(window, GROUPS);
  const O = word(window, OUT_CHANNELS);
  const P = positions_of(window);
  const K = rows_of_patches(window);
  const image = word(window, CHANNELS) * plane_of(window);
  const width = strip_columns(K);
  const parts = ceil_div(K, width);
  const block = block_positions(K, P);
  const panels = at(work, K * block);
  const strips = at(panels, (K + NR) * block);
  while (begin < end) {
    // Neighbours in one group go together: dy is packed once for them.
    const g = begin / parts;
    const stop = min(end, (g + 1) * parts);
    const k0 = (begin % parts) * width;
    const columns = min(K, k0 + (stop - begin) * width) - k0;
    for (let n = 0; n < N; ++n) {
      const item = n * groups + g;
      for (let from = 0; from < P; from += block) {
        const count = min(block, P - from);
        for (let k = 0; k < columns; ++k) {
          along_row(at(work, k * block), at(x, item * image), window, k0 + k, from, from + count, 0);
        }
        for (let k = 0; k < columns; k += NR) {
          const rows = min(NR, columns - k);
          pack_panel(at(panels, k * count), at(work, k * block), rows, count, 4, (<usize>block) << 2);
        }
        const left = at(dy, item * O * P + from);
        product(at(dW, g * O * K + k0), left, panels, O, columns, count, K, P, 1, i32(n + from > 0), strips);
      }
    }
    begin = stop;
  }
}
